"""Runs healthd among real neighbours: a redis-server, the sample platform, HTTP clients.

Every program gets its own folder and free ports, dies with the test (PDEATHSIG) and is stopped at
the end of it. Nothing waits by the clock: wait_until() asks again until it is so or its deadline
is over.
"""
import ctypes
import fcntl
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import redis

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
TARGETS = ("main_backend", "scheduler", "risk_guard", "ai_system", "system_health_monitor")
INTERVAL_S = 1
_libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def binary(name, default):
    """Path of a program under test: the environment's, else that of the dev build."""
    path = os.environ.get(name) or os.path.join(ROOT, "build", "dev", default)
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"{path} is not there; build it or set {name}")
    return path


def is_sanitized():
    """Whether healthd was built with ASan or TSan, whose own memory would hide healthd's."""
    with open(binary("HEALTHD", "healthd"), "rb") as file:
        return re.search(rb"__[at]san_init", file.read()) is not None


def child_environment(variables):
    """VARIABLES alone, beside what a program under test needs to be found and sanitized."""
    kept = {name: value for name, value in os.environ.items()
            if name == "PATH" or name.endswith("SAN_OPTIONS")}
    return {**kept, **variables}


# Ports that the kernel gives to no outgoing connection; a lock on a file of its number keeps a port
# for this process, so that tests side by side never choose the same.
PORTS = range(10000, 32000)
PORTS_FOLDER = "/tmp/healthd-test-ports"
_kept_ports = []


def free_port():
    """A TCP port of 127.0.0.1 that is free, and this process's until it ends."""
    os.makedirs(PORTS_FOLDER, exist_ok=True)
    for port in random.sample(PORTS, len(PORTS)):
        file = open(os.path.join(PORTS_FOLDER, str(port)), "w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            file.close()
            continue
        _kept_ports.append(file)
        return port
    raise RuntimeError("no port is free")


_pause = threading.Event()


def wait_until(ask, seconds, what):
    """Gives the first true answer of ask(); fails naming WHAT after SECONDS."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        _pause.wait(0.01)


class Program:
    """A child process with its output in files."""

    def __init__(self, argv, folder, env=None, prefix=()):
        self.argv = [*prefix, *argv]
        self.folder = folder
        self.env = child_environment(env or {})
        self.process = None
        self.started = 0
        self._last_error = ""

    def _path(self, stream):
        return os.path.join(self.folder, f"{os.path.basename(self.argv[0])}.{id(self):x}.{stream}")

    def start(self):
        with open(self._path("out"), "ab") as out, open(self._path("err"), "ab") as err:
            self.process = subprocess.Popen(
                self.argv, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        self.started = time.monotonic()
        return self

    def _read(self, stream):
        try:
            with open(self._path(stream), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return self._last_error

    def stdout(self):
        return self._read("out")

    def stderr(self):
        return self._read("err")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, seconds):
        """Exit code; fails if the program has not ended after SECONDS."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"{self.argv[0]} has not ended in {seconds} s") from late

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def close(self):
        """The end of a test: whatever happened, nothing is left."""
        self.kill()
        self._last_error = self.stderr()


class Platform(Program):
    """The sample platform; with SEPARATE each target has its own port."""

    def __init__(self, folder, separate=False):
        argv = [binary("SAMPLE_PLATFORM", "tests/sample_platform"), "--listen", "127.0.0.1:0"]
        super().__init__(argv + ["--separate"] * separate, folder)
        self.port = 0

    def start(self):
        super().start()
        found = wait_until(
            lambda: re.search(r"listening on http://127\.0\.0\.1:(\d+)", self.stdout()), 10,
            "the sample platform listens")
        self.port = int(found[1])
        return self

    def control(self, name, mode, body=b"", **arguments):
        query = "&".join([f"mode={mode}", *(f"{key}={value}" for key, value in arguments.items())])
        reply = request(self.port, "POST", f"/control/{name}?{query}", body=body)
        if reply.status != 200:
            raise AssertionError(f"the platform refused {query}: {reply.body!r}")
        return reply.json()

    def state(self):
        return request(self.port, "GET", "/control").json()

    def address_of(self, name):
        return f"127.0.0.1:{self.state()[name].get('port', self.port)}"


class Redis(Program):
    """A redis-server that keeps its streams over a restart."""

    def __init__(self, folder, port=None, options=(), password=None):
        self.port = port or free_port()
        super().__init__(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                          "--dir", folder, "--save", "", "--appendonly", "yes",
                          "--appendfsync", "no", "--loglevel", "warning", *options], folder)
        self.client = redis.Redis(port=self.port, password=password, decode_responses=True,
                                  encoding_errors="replace", socket_timeout=5)

    def start(self):
        super().start()
        wait_until(self._answers, 10, "redis-server answers")
        return self

    def _answers(self):
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False

    def stop(self):
        self.signal(signal.SIGTERM)
        self.wait(10)

    def add(self, event_type, **fields):
        """What a producer of the platform sends; gives the entry's id."""
        return self.client.xadd(f"quantum:stream:{event_type}", fields)

    def add_json(self, event_type, data):
        return self.add(event_type, payload=json.dumps(data))


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        def refuse(word):
            raise AssertionError(f"{word} is no JSON")
        return json.loads(self.body.decode("utf-8"), parse_constant=refuse)


def request(port, method, path, headers=None, body=None, timeout=10):
    """One request on a connection of its own; the path goes out exactly as it is given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


class Healthd(Program):
    """healthd with the contract's variables; VARIABLES of None are left unset."""

    def __init__(self, folder, variables, prefix=()):
        self.port = free_port()
        self.publish_port = free_port()
        self.state_folder = variables.get("HEALTHD_STATE_DIR") or \
            os.path.join(folder, f"state-{self.port}")
        env = {"HEALTHD_LISTEN": f"127.0.0.1:{self.port}",
               "HEALTHD_PUBLISH": f"tcp://127.0.0.1:{self.publish_port}",
               "HEALTHD_STATE_DIR": self.state_folder,
               "HEALTH_CHECK_INTERVAL": str(INTERVAL_S), **variables}
        env = {key: value for key, value in env.items() if value is not None}
        super().__init__([binary("HEALTHD", "healthd")], folder, env, prefix)

    def start(self, is_awaited=True):
        super().start()
        if is_awaited:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=15):
        """Seconds from start to the first answer over REST."""
        wait_until(self._is_ready, seconds, "healthd answers GET /health")
        return time.monotonic() - self.started

    def _is_ready(self):
        if not self.is_running():
            raise AssertionError(f"healthd ended with {self.process.returncode}: {self.stderr()}")
        try:
            return self.request("GET", "/health").status == 200
        except OSError:
            return False

    def request(self, method, path, headers=None, body=None, timeout=10):
        return request(self.port, method, path, headers, body, timeout)

    def get(self, path):
        reply = self.request("GET", path)
        if reply.status != 200:
            raise AssertionError(f"GET {path}: {reply.status} {reply.body!r}")
        return reply.json()

    def system(self):
        return self.get("/health/system")

    def active(self):
        return self.get("/alerts/active")["alerts"]

    def history(self, limit=500):
        return self.get(f"/alerts/history?limit={limit}")["alerts"]

    def clear(self, alert_id):
        return self.request("POST", f"/alerts/{alert_id}/clear")

    def wait_status(self, status, seconds=10):
        """The first body of /health/system with STATUS in which every target has a result."""
        last = []

        def ask():
            last[:] = [self.system()]
            return last[0]["status"] == status and last[0]
        try:
            return wait_until(ask, seconds, f"status {status}")
        except AssertionError as late:
            raise AssertionError(f"{late}; last: {json.dumps(last)}") from None

    def wait_entry(self, name, predicate, seconds=10):
        """The body in which target NAME's entry is so."""
        last = []

        def ask():
            body = self.system()
            entry = {**body["snapshot"]["services"], **body["snapshot"]["infra"]}[name]
            last[:] = [entry]
            return body if predicate(entry) else None
        try:
            return wait_until(ask, seconds, f"the entry of {name}")
        except AssertionError as late:
            raise AssertionError(f"{late}; last: {json.dumps(last)}") from None

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1])

    def stop(self, number=signal.SIGTERM):
        """Ends healthd as the contract says: code 0 within 2 s. Gives the seconds it took."""
        began = time.monotonic()
        self.signal(number)
        code = self.wait(30)
        took = time.monotonic() - began
        if code != 0 or took > 2:
            raise AssertionError(f"ended with {code} after {took:.2f} s: {self.stderr()[-2000:]}")
        return took


class SystemTest(unittest.TestCase):
    """A test with a folder and programs that end with it; a failed one shows their last words."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="healthd-system-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.programs = []

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            for program in getattr(self, "programs", []):
                words = program.stderr()[-3000:]
                if words:
                    print(f"--- {self.id()}: {program.argv[0]}\n{words}", flush=True)
        return result

    def keep(self, program):
        self.programs.append(program)
        self.addCleanup(program.close)
        return program

    def start_platform(self, separate=False):
        return self.keep(Platform(self.folder, separate)).start()

    def start_redis(self, port=None):
        return self.keep(Redis(self.folder, port)).start()

    def make_healthd(self, platform=None, redis_port=None, prefix=(), **variables):
        """A healthd that is not started yet, pointed at the neighbours."""
        base = f"http://127.0.0.1:{platform.port if platform else 9}"
        env = {"BASE_SERVICE_URL": base, "POSTGRES_HEALTH_URL": f"{base}/postgres/health",
               "BINANCE_HEALTH_URL": f"{base}/api/v3/ping",
               "REDIS_URL": f"redis://127.0.0.1:{redis_port}" if redis_port else "none"}
        return self.keep(Healthd(self.folder, {**env, **variables}, prefix))

    def start_all(self, **variables):
        """Platform, Redis and a healthd that has found all of them OK."""
        self.platform = self.start_platform()
        self.redis = self.start_redis()
        self.healthd = self.make_healthd(self.platform, self.redis.port, **variables).start()
        self.healthd.wait_status("OK")
