"""What a bench row runs: programs whose CPU is read from /proc, nginx as target and as peer."""
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
BUILD = os.path.join(ROOT, "build", "bench")
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
os.environ.setdefault("HEALTHD", os.path.join(BUILD, "healthd"))
from harness import Program, free_port, request, wait_until  # noqa: E402

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Peer(Program):
    """A program that takes part: its CPU seconds, its memory."""

    def cpu_s(self):
        """User and system time of every thread so far, and of children that were waited for."""
        of_threads = 0
        folder = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/schedstat", encoding="ascii") as file:
                of_threads += int(file.read().split()[0])
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return of_threads / 1e9 + (int(fields[13]) + int(fields[14])) / TICKS_PER_S

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024

    def own_mib(self):
        """Memory that is anonymous, and that no other process has mapped: what it alone takes."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            kib = dict(re.findall(r"^(\w+): +(\d+) kB", file.read(), re.M))
        private = int(kib["Private_Clean"]) + int(kib["Private_Dirty"])
        return int(kib["Anonymous"]) / 1024, private / 1024

    def stop(self):
        self.signal(signal.SIGTERM)
        self.wait(30)


def own(name):
    """One of the programs of this folder."""
    return os.path.join(BUILD, "bench", f"bench_{name}")


def found(name):
    """Path of a peer that Debian has."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/bin")
    if not path:
        raise SystemExit(f"bench: {name} is not installed (script/bench installs it)")
    return path


def write(folder, name, text, mode=0o600):
    """Path of a new file; monit wants its own to be private, nginx must be able to read others."""
    path = os.path.join(folder, name)
    with open(path, "w" if isinstance(text, str) else "wb") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


class Nginx(Peer):
    """The target of all probes, which counts them; and a server of a file's bytes."""

    CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; sendfile on;
  types {{ application/json json; }}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} backlog=16384;
    location /t/ {{ default_type application/json; return 200 '{{"status":"healthy"}}'; }}
    location = /count {{ stub_status; }}
    location / {{ root {folder}; }}
  }}
}}
"""

    def __init__(self, folder):
        self.port = free_port()
        config = write(folder, "nginx.conf", self.CONFIG.format(folder=folder, port=self.port))
        super().__init__([found("nginx"), "-c", config, "-p", folder], folder)

    def start(self):
        super().start()
        wait_until(self._answers, 10, "nginx answers")
        return self

    def _answers(self):
        try:
            return request(self.port, "GET", "/count").status == 200
        except OSError:
            return False

    def url(self, at="%zu"):
        return f"http://127.0.0.1:{self.port}/t/{at}"

    def n_requests(self):
        """Requests for targets so far. Each count is a request too, and so are those that asked
        whether nginx is up; the difference of two counts holds one of them."""
        text = request(self.port, "GET", "/count").body.decode()
        return int(re.search(r"^ \d+ \d+ (\d+)", text, re.M)[1])


def healthd_file(folder, targets, **sections):
    """A configuration file around TARGETS, lines of YAML; gives port and arguments."""
    port = free_port()
    lines = ["version: 1", f"instance: {{state_dir: {folder}/state-{port}}}",
             f'gateway: {{listen: "127.0.0.1:{port}"}}',
             f'publish: {{endpoints: "tcp://127.0.0.1:{free_port()}"}}']
    lines += [f"{key}: {value}" for key, value in sections.items()]
    path = write(folder, f"healthd-{port}.yaml", "\n".join(lines + list(targets)) + "\n")
    os.makedirs(f"{folder}/state-{port}", mode=0o700, exist_ok=True)
    return port, [os.environ["HEALTHD"], "--config", path]


def is_up(port, path="/health"):
    try:
        return request(port, "GET", path).status == 200
    except (OSError, http.client.HTTPException):
        return False


def wrk(url, seconds, connections=32):
    """Requests that wrk got answered with 200 in SECONDS."""
    text = subprocess.run([found("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", url],
                          check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"bench: {url}: {text}")
    return int(re.search(r"(\d+) requests in", text)[1])
