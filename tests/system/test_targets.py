"""Targets and a resolver that mean no good: nobody else waits, nothing grows, the end stays quick."""
import os
import socket
import threading
import time
import unittest

import contract
from harness import SystemTest, free_port, is_sanitized, wait_until

RSS_LIMIT_KIB = 60 * 1000
TIMEOUT_S = 5


class RawServer:
    """Answers each connection with what its path's function does to the socket."""

    def __init__(self, answers):
        self.answers = answers
        self.sent = dict.fromkeys(answers, 0)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            try:
                path = client.recv(65536).split(b" ")[1].decode()
                for chunk in self.answers[path]:
                    client.sendall(chunk)
                    self.sent[path] += len(chunk)
            except (OSError, IndexError, KeyError):
                pass  # the client went

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Forever:
    """A chunk again and again, after a head."""

    def __init__(self, head, chunk):
        self.head, self.chunk = head, chunk

    def __iter__(self):
        yield self.head
        while True:
            yield self.chunk


OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PATHS = dict(zip(contract.SERVICES, ("/health", "/health/scheduler", "/health/risk", "/health/ai",
                                     "/health/system")))


class TargetTest(SystemTest):
    def entries(self):
        snapshot = self.healthd.system()["snapshot"]
        return {**snapshot["services"], **snapshot["infra"]}

    def counts(self):
        return {name: one["requests"] for name, one in self.platform.state().items()}

    def assert_on_time(self, names, checks=4):
        """Each of NAMES is checked once an interval, CHECKS times in a row."""
        before, began = self.counts(), time.monotonic()
        wait_until(lambda: all(self.counts()[name] >= before[name] + checks for name in names),
                   checks + 3, f"{checks} checks of {names}")
        took = time.monotonic() - began
        self.assertLess(took, checks + 1)
        after = self.counts()
        for name in names:
            self.assertLessEqual(after[name] - before[name], took + 2)

    def assert_small(self):
        if not is_sanitized():
            with open(f"/proc/{self.healthd.process.pid}/status", encoding="ascii") as file:
                peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
            self.assertLess(peak, RSS_LIMIT_KIB)


class Slow(TargetTest):
    def test_what_hangs_or_drips_keeps_its_last_result_then_times_out_and_delays_nobody(self):
        self.platform = self.start_platform()
        self.healthd = self.make_healthd(self.platform).start()
        self.healthd.wait_status("OK")
        began = time.monotonic()
        hung = {"risk_guard": "hang", "system_health_monitor": "drip", "postgres": "hang",
                "binance_api": "drip"}
        for name, mode in hung.items():
            self.platform.control(name, mode)
        self.assert_on_time(["main_backend", "scheduler", "ai_system"], 3)
        self.assertEqual([self.entries()[name]["status"] for name in hung], ["OK"] * 4)
        body = self.healthd.wait_entry("binance_api", lambda entry: entry["status"] == "DOWN")
        self.assertLess(time.monotonic() - began, TIMEOUT_S + 2)
        body = self.healthd.wait_entry("postgres", lambda entry: entry["status"] == "DOWN")
        body = self.healthd.wait_entry("system_health_monitor",
                                       lambda entry: entry["status"] == "DOWN")
        body = self.healthd.wait_entry("risk_guard", lambda entry: entry["status"] == "DOWN")
        self.assertEqual(contract.check_system(body, None, contract.INFRA[1:]), [])
        for name in hung:
            entry = self.entries()[name]
            if name in contract.SERVICES:
                self.assertEqual(entry["error"], "Request timeout")
                self.assertGreaterEqual(entry["latency_ms"], 5000.01)
                self.assertLess(entry["latency_ms"], 5400)
            else:
                self.assertIsNone(entry["latency_ms"])
        self.assertEqual(self.entries()["postgres"]["error"],
                         "Postgres check failed: Request timeout")
        self.assertEqual(self.entries()["binance_api"]["error"],
                         "Binance API check failed: Request timeout")
        self.assertEqual(body["critical_failures"], [
            "Service: risk_guard", "Infrastructure: postgres", "Infrastructure: binance_api",
            "Latency: system_health_monitor"])
        self.assert_on_time(["main_backend", "scheduler", "ai_system"])
        for name in hung:  # never two checks at once
            self.assertEqual(self.platform.state()[name]["in_flight_max"], 1)
        self.healthd.stop()

    def test_five_seconds_hold_for_redirects_connect_and_tls_together(self):
        self.platform = self.start_platform()
        self.platform.control("scheduler", "slow", delay_ms=3000)
        self.platform.control("postgres", "slow", delay_ms=3000)
        full = socket.create_server(("127.0.0.1", 0), backlog=0)  # nobody accepts: SYNs are dropped
        self.addCleanup(full.close)
        for _ in range(3):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(full.getsockname())
            self.addCleanup(client.close)
        silent = socket.create_server(("127.0.0.1", 0), backlog=64)  # accepted, never answered
        self.addCleanup(silent.close)
        answers = {path: [OK_HEAD + b"Content-Length: 2\r\n\r\n{}"] for path in PATHS.values()}
        redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/health/scheduler\r\n" \
                   b"Content-Length: 0\r\n\r\n" % self.platform.port
        answers["/health"] = [redirect]
        answers["/health/ai"] = self.answer_after(2.5, redirect)
        server = RawServer(answers)
        self.addCleanup(server.close)
        self.healthd = self.make_healthd(
            self.platform, BASE_SERVICE_URL=f"http://127.0.0.1:{server.port}",
            POSTGRES_HEALTH_URL="http://127.0.0.1:%d/" % full.getsockname()[1],
            BINANCE_HEALTH_URL="https://127.0.0.1:%d/" % silent.getsockname()[1]).start()
        began = time.monotonic()
        wait_until(lambda: all(entry["status"] != "UNKNOWN" for entry in self.entries().values()),
                   8, "every target has a result")
        self.assertLess(time.monotonic() - began, TIMEOUT_S + 1.5)
        entries = self.entries()
        self.assertEqual(entries["main_backend"]["status"], "OK")  # 3 s fit
        self.assertGreaterEqual(entries["main_backend"]["latency_ms"], 3000)
        self.assertEqual(entries["ai_system"]["error"], "Request timeout")  # 2.5 + 3 s do not
        self.assertEqual(entries["postgres"]["error"], "Postgres check failed: Request timeout")
        self.assertEqual(entries["binance_api"]["error"],
                         "Binance API check failed: Request timeout")
        self.healthd.stop()

    def answer_after(self, seconds, data):
        gone = threading.Event()
        self.addCleanup(gone.set)

        class Late:
            def __iter__(self):
                gone.wait(seconds)
                yield data
        return Late()


class Big(TargetTest):
    def test_64_mib_from_every_service_are_not_read(self):
        self.platform = self.start_platform()
        for name in contract.SERVICES:
            self.platform.control(name, "big", bytes=64 << 20)
        self.healthd = self.make_healthd(self.platform).start()
        body = self.healthd.wait_status("OK")
        for name in contract.SERVICES:
            self.assertEqual(body["snapshot"]["services"][name]["details"],
                             {"raw": '"' + "a" * 199})
        self.assert_on_time(list(contract.SERVICES))
        self.platform.control("risk_guard", "big", bytes=64 << 20, code=500)
        body = self.healthd.wait_status("CRITICAL")  # the code alone decides
        self.assertEqual(body["snapshot"]["services"]["risk_guard"]["details"],
                         {"status_code": 500})
        self.assert_small()
        self.healthd.stop()

    def test_endless_answers_are_cut_off(self):
        line = b"X-Endless: " + b"h" * 1000 + b"\r\n"
        server = RawServer({
            "/health": Forever(OK_HEAD + b"Content-Length: 1099511627776\r\n\r\n", b"x" * 65536),
            "/health/scheduler": Forever(OK_HEAD, line),
            "/health/risk": Forever(OK_HEAD + b"X-One-Line: ", b"h" * 65536),
            "/health/ai": Forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
            "/health/system": Forever(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
                                      b"10000\r\n" + b"y" * 65536 + b"\r\n")})
        self.addCleanup(server.close)
        self.platform = self.start_platform()
        self.healthd = self.make_healthd(
            self.platform, BASE_SERVICE_URL=f"http://127.0.0.1:{server.port}").start()
        wait_until(lambda: all(entry["status"] != "UNKNOWN" for entry in self.entries().values()),
                   8, "every target has a result")
        entries = self.entries()
        for name in ("main_backend", "system_health_monitor"):
            self.assertEqual(entries[name]["status"], "OK")
            self.assertEqual(len(entries[name]["details"]["raw"]), 200)
        for name in ("scheduler", "risk_guard", "ai_system"):
            self.assertEqual(entries[name]["status"], "DOWN")
            self.assertRegex(entries[name]["error"], "^(Unexpected error: .|Request timeout$)")
        self.assert_on_time(["postgres", "binance_api"])
        self.assert_small()
        self.healthd.stop()


class Odd(TargetTest):
    def test_answers_that_are_no_http(self):
        rows = [b"", b"\r\n", b"HTTP/1.1\r\n\r\n", b"200 OK\r\n\r\nold", b"HTTP/1.1 abc OK\r\n\r\n",
                OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n",
                OK_HEAD + b"Content-Length: 10\r\n\r\nshort",
                OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
                OK_HEAD + b"Content-Length: -5\r\n\r\n", b"HTTP/1.1 200 OK"]
        names = list(PATHS)
        self.platform = self.start_platform()
        for begin in range(0, len(rows), len(names)):
            batch = dict(zip(names, rows[begin:begin + len(names)]))
            server = RawServer({PATHS[name]: [row] for name, row in batch.items()})
            self.addCleanup(server.close)
            self.healthd = self.make_healthd(
                self.platform, BASE_SERVICE_URL=f"http://127.0.0.1:{server.port}").start()
            wait_until(lambda: all(entry["status"] != "UNKNOWN"
                                   for entry in self.entries().values()), 8, "results")
            for name, row in batch.items():
                entry = self.entries()[name]
                with self.subTest(row=row):
                    self.assertEqual((entry["status"], entry["latency_ms"]), ("DOWN", None))
                    self.assertRegex(entry["error"], "^Unexpected error: .")
            self.healthd.stop()

    def test_redirects_stay_with_http_and_tell_no_file(self):
        self.platform = self.start_platform()
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w", encoding="ascii") as file:
            file.write("do not tell")
        for name, target in (("main_backend", f"file://{secret}"), ("scheduler", "/"),
                             ("risk_guard", "gopher://127.0.0.1:9/x"),
                             ("ai_system", f"ftp://127.0.0.1:{free_port()}/x"),
                             ("postgres", f"file://{secret}"), ("binance_api", "dict://h:1/x")):
            self.platform.control(name, "redirect", to=target)
        self.platform.control("scheduler", "redirect",
                              to=f"http://localhost:{self.platform.port}/health/system")
        self.healthd = self.make_healthd(self.platform).start()
        self.healthd.wait_status("CRITICAL")
        entries = self.entries()
        self.assertEqual(entries["scheduler"]["details"],
                         {"status": "ok", "path": "/health/system"})
        for name in ("main_backend", "risk_guard", "ai_system"):
            self.assertEqual((entries[name]["status"], entries[name]["latency_ms"]), ("DOWN", None))
            self.assertRegex(entries[name]["error"], "^Unexpected error: .")
        for name in ("postgres", "binance_api"):
            self.assertEqual(entries[name]["status"], "DOWN")
        self.assertNotIn(b"do not tell", self.healthd.request("GET", "/health/system").body)
        self.healthd.stop()

    def test_twenty_redirects_are_followed_and_no_more(self):
        counts = {"/health": 20, "/health/scheduler": 21}
        answers = {path: [OK_HEAD + b"Content-Length: 2\r\n\r\n{}"] for path in PATHS.values()}
        for path, count in counts.items():
            for step in range(count):
                answers[path + f"/{step}" * (step > 0)] = [
                    f"HTTP/1.1 302 Found\r\nLocation: {path}/{step + 1}\r\n"
                    "Content-Length: 0\r\n\r\n".encode()]
            answers[f"{path}/{count}"] = [OK_HEAD + b"Content-Length: 2\r\n\r\n{}"]
        server = RawServer(answers)
        self.addCleanup(server.close)
        self.platform = self.start_platform()
        self.healthd = self.make_healthd(
            self.platform, BASE_SERVICE_URL=f"http://127.0.0.1:{server.port}").start()
        body = self.healthd.wait_status("CRITICAL")
        self.assertEqual(body["services"]["down"], ["scheduler"])
        self.healthd.stop()

    def test_a_port_that_closes_and_opens_again(self):
        self.platform = self.start_platform(separate=True)
        url = f"http://{self.platform.address_of('postgres')}/postgres/health"
        self.healthd = self.make_healthd(self.platform, POSTGRES_HEALTH_URL=url).start()
        self.healthd.wait_status("OK")
        self.platform.control("postgres", "refuse")
        body = self.healthd.wait_status("CRITICAL")
        entry = body["snapshot"]["infra"]["postgres"]
        self.assertRegex(entry["error"], "^Postgres check failed: .")
        self.assertIsNone(entry["latency_ms"])
        self.platform.control("postgres", "ok")
        self.healthd.wait_status("OK")
        self.healthd.stop()


class DeadResolver(TargetTest):
    def make_healthd_without_names(self, platform=None, **variables):
        """A healthd whose resolver takes every question and answers none; gives that as well."""
        resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(resolver.close)
        resolver.settimeout(10)
        address = f"127.0.0.{os.getpid() % 250 + 2}"
        resolver.bind((address, 53))
        path = os.path.join(self.folder, "resolv.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"nameserver {address}\n")
        prefix = ("unshare", "--mount", "--propagation", "private", "sh", "-c",
                  'mount --bind "$0" /etc/resolv.conf && exec "$@"', path)
        return self.make_healthd(
            platform, BASE_SERVICE_URL="http://services.example.com:8000",
            REDIS_URL="redis://redis.example.com:6379", prefix=prefix, **variables), resolver

    def test_names_that_nobody_resolves_delay_nobody(self):
        self.platform = self.start_platform()
        local = f"http://localhost:{self.platform.port}"  # a name that needs no resolver
        self.healthd, resolver = self.make_healthd_without_names(
            self.platform, POSTGRES_HEALTH_URL=f"{local}/postgres/health")
        self.healthd.start()
        self.assertTrue(resolver.recv(4096))  # it is the one that is asked
        self.assert_on_time(["postgres", "binance_api"])
        slowest = 0

        def are_all_known():
            nonlocal slowest
            began = time.monotonic()
            entries = self.entries()
            slowest = max(slowest, time.monotonic() - began)
            return all(entry["status"] != "UNKNOWN" for entry in entries.values()) and entries
        entries = wait_until(are_all_known, 8, "every target has a result")
        self.assertLess(slowest, 0.5)
        for name in contract.SERVICES:
            self.assertEqual(entries[name]["status"], "DOWN")
            self.assertRegex(entries[name]["error"], "^(Request timeout$|Connection failed: .)")
        self.assertEqual(entries["redis"]["status"], "DOWN")
        self.assertRegex(entries["redis"]["error"], "^Redis ping failed: .")
        self.assertEqual([entries[name]["status"] for name in ("postgres", "binance_api")],
                         ["OK", "OK"])
        self.assert_on_time(["postgres", "binance_api"])
        self.assertLess(len(os.listdir(f"/proc/{self.healthd.process.pid}/task")), 30)
        self.healthd.stop()  # while lookups are under way

    def test_it_ends_in_the_first_moments_of_a_lookup(self):
        self.healthd, resolver = self.make_healthd_without_names(
            POSTGRES_HEALTH_URL="http://postgres.example.com/",
            BINANCE_HEALTH_URL="https://binance.example.com/")
        self.healthd.start()
        self.assertTrue(resolver.recv(4096))
        self.assertEqual(self.healthd.request("GET", "/health").status, 200)
        self.healthd.stop()


if __name__ == "__main__":
    unittest.main()
