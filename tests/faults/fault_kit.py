"""What the fault tests share: targets that answer or hang, clients that measure, limits that judge.

Each test promises PROMISES, rows of (figure, comparison, limit); judge() tells which of them its
figures break. test_judges.py shows for each row that it can be broken.
"""
import argparse
import asyncio
import contextlib
import errno
import http.client
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time

import redis

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from harness import Healthd, Platform, Redis, wait_until  # noqa: E402,F401

COMPARISONS = {"<=": lambda value, limit: value <= limit, ">=": lambda value, limit: value >= limit,
               "==": lambda value, limit: value == limit}
PLANTED_STALL_S = 3


# --- judging ---

def judge(promises, figures):
    """All broken promises. A figure that was not measured breaks its promise."""
    wrong = []
    for name, comparison, limit in promises:
        value = figures.get(name)
        if value is None or not COMPARISONS[comparison](value, limit):
            wrong.append(f"{name}: {value}, promised {comparison} {limit}")
    return wrong


def percentile(values, percent):
    """The value that PERCENT of VALUES do not exceed; None where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else None


def lateness_s(times, began, interval_s):
    """How late the latest check of a target was that is due each INTERVAL_S from BEGAN on: TIMES of
    its checks. A check that never came leaves all later ones late."""
    return max((at - began - number * interval_s for number, at in enumerate(sorted(times))),
               default=None)


def missed(times, began, ended, interval_s):
    """How many checks of a target that is due each INTERVAL_S never came between BEGAN and ENDED;
    one that was due in the last second may still come."""
    due = int((ended - 1 - began) / interval_s) + 1
    return max(0, due - sum(1 for at in times if at <= ended))


# --- running ---

def arguments(name, doc, plant="hold healthd for 3 s in the middle", **options):
    """The command line of test NAME: OPTIONS with their values for CI, and --plant, which does what
    PLANT says."""
    parser = argparse.ArgumentParser(prog=f"tests/faults/{name}", description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, value in options.items():
        parser.add_argument(f"--{option.replace('_', '-')}", type=type(value), default=value,
                            help=f"default: {value}")
    parser.add_argument("--plant", action="store_true",
                        help=f"{plant}: the test must fail")
    return parser.parse_args()


def finish(name, promises, figures, wrong=(), log=""):
    """Prints the one line of figures, before it what is broken; gives the exit code."""
    wrong = [*wrong, *judge(promises, figures)]
    for text in wrong[:20]:
        print(text)
    if wrong and log:
        print(log[-3000:])
    print(f"{name}: " + ", ".join(
        f"{key} {round(value, 3) if isinstance(value, float) else value}"
        for key, value in figures.items()))
    return 1 if wrong else 0


def run(name, main):
    """Runs MAIN(stack, folder), which gives the exit code; what it keeps ends with it."""
    try:
        with contextlib.ExitStack() as stack:
            folder = tempfile.mkdtemp(prefix=f"healthd-{name}-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            sys.exit(main(stack, folder))
    except (redis.RedisError, AssertionError, OSError) as failure:
        sys.exit(f"{name}: {failure}")


def keep(stack, program):
    return stack.enter_context(contextlib.closing(program))


def want_descriptors(number):
    """Lets this process have NUMBER descriptors open; what it starts may have as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < number:
        raise AssertionError(f"{number} open files are needed, {hard} are allowed (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number), hard))


def plant_stall(healthd, seconds=PLANTED_STALL_S):
    """The planted fault: healthd stands still for a while."""
    healthd.signal(signal.SIGSTOP)
    threading.Event().wait(seconds)
    healthd.signal(signal.SIGCONT)


def environment(base, **variables):
    """Variables of a healthd whose URL targets all lie below BASE."""
    return {"BASE_SERVICE_URL": base, "POSTGRES_HEALTH_URL": f"{base}/postgres",
            "BINANCE_HEALTH_URL": f"{base}/binance", "REDIS_URL": "none", "LOG_LEVEL": "ERROR",
            **variables}


class ConfiguredHealthd(Healthd):
    """healthd with a configuration file of TEXT."""

    def __init__(self, folder, text, variables, prefix=()):
        path = os.path.join(folder, "healthd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        super().__init__(folder, {"HEALTH_CHECK_INTERVAL": None, **variables}, prefix)
        self.argv += ["--config", path]


# --- measuring ---

class GoodClient(threading.Thread):
    """Asks PATH again and again, each time on a new connection; keeps how long each answer took."""

    def __init__(self, port, path="/health/system", pause_s=0.01, on_body=None):
        super().__init__(daemon=True)
        self.port, self.path, self.pause_s, self.on_body = port, path, pause_s, on_body
        self.took = []  # (when it began, seconds)
        self.failures = []
        self.is_closing = threading.Event()
        self.start()

    def run(self):
        while not self.is_closing.wait(self.pause_s):
            began = time.monotonic()
            try:
                body = self.ask()
                self.took.append((began, time.monotonic() - began))
                if self.on_body:
                    self.on_body(body)
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(f"after {time.monotonic() - began:.2f} s: {failure!r}")

    def ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", self.path)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise http.client.HTTPException(f"status {response.status}")
            return body
        finally:
            connection.close()

    def close(self):
        self.is_closing.set()
        self.join(15)

    def p99_ms(self, after=0.0, before=float("inf")):
        value = percentile([took for began, took in self.took if after <= began < before], 99)
        return None if value is None else value * 1000


class Idle:
    """Keeps COUNT connections to PORT open, or as many as it is given."""

    def __init__(self, port, count):
        self.port, self.count = port, count
        self.selector = selectors.DefaultSelector()
        self.opened = self.ended = 0

    def fill(self, deadline, most=1000000):
        """Opens what is missing, MOST at once."""
        before = self.opened
        while len(self.selector.get_map()) < self.count and time.monotonic() < deadline and \
                self.opened - before < most:
            one = socket.socket()
            one.setblocking(False)
            if one.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
                one.close()
                return
            self.selector.register(one, selectors.EVENT_READ)
            self.opened += 1
            if self.opened % 200 == 0:
                self.reap(0)

    def reap(self, seconds):
        for key, _ in self.selector.select(seconds):
            self.selector.unregister(key.fileobj)
            key.fileobj.close()
            self.ended += 1

    def close(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


class Targets(threading.Thread):
    """A server of targets on one port: below /hang a request is never answered, a path in `failing`
    is 500, anything else 200 at once. Keeps when each path was asked, and when a hung one's
    connection ended."""

    def __init__(self):
        super().__init__(daemon=True)
        self.asked, self.ended = {}, {}
        self.is_hanging = False  # True: every path hangs
        self.failing = set()
        self.loop = asyncio.new_event_loop()
        self.server = None
        self.port = 0
        self.start()
        wait_until(lambda: self.port, 10, "the targets listen")

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=4096))
        self.port = self.server.sockets[0].getsockname()[1]
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))

    async def serve(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            self.asked.setdefault(path, []).append(time.monotonic())
            if self.is_hanging or path.startswith("/hang"):
                await reader.read()  # until healthd gives up
                self.ended.setdefault(path, []).append(time.monotonic())
            else:
                code = b"500 No" if path in self.failing else b"200 OK"
                writer.write(b"HTTP/1.1 " + code + b"\r\nContent-Type: application/json\r\n"
                             b"Content-Length: 2\r\nConnection: close\r\n\r\n{}")
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            writer.close()

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join(10)
