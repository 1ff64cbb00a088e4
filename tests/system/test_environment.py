"""The environment, the start and the end of the process, and what it prints."""
import json
import os
import re
import signal
import socket
import unittest

import contract
from harness import Redis, SystemTest, free_port, wait_until
from recorders import StreamRecorder

BAD_VALUES = {
    "REDIS_URL": ["http://localhost:6379", "localhost:6379", "redis://", "redis://h:70000",
                  "redis://h:abc", "redis://h/x", "rediss://h:6379"],
    "LOG_LEVEL": ["LOUD", "1"],
    "LOG_FORMAT": ["xml", "0"],
    "HEALTH_CHECK_INTERVAL": ["abc", "0", "-1", "86401", "1.5", "1s", "0x10",
                              "18446744073709551617"],
    "BASE_SERVICE_URL": ["ftp://h", "localhost:8000", "http://", "http:///path", "http://h:99999",
                         "file:///etc/passwd"],
    "POSTGRES_HEALTH_URL": ["postgres://h/db", "h/health", "http://h:x/health"],
    "BINANCE_HEALTH_URL": ["wss://h/", "https://", "file:///etc/passwd"],
    "HEALTHD_LISTEN": ["8080", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:http", "[::]", "::1:80"],
    "HEALTHD_PUBLISH": ["5556", "udp://127.0.0.1:5556", "tcp://127.0.0.1", "ipc://",
                        "tcp://127.0.0.1:99999", "inproc://healthd"],
    "HEALTHD_STATE_DIR": ["/dev/null", "/dev/null/state", "/proc/healthd"],
}


class BadValues(SystemTest):
    def refused(self, name, value, log_format):
        healthd = self.make_healthd(**{"LOG_FORMAT": log_format, name: value})
        healthd.start(is_awaited=False)
        with self.subTest(name=name, value=value, log_format=log_format):
            self.assertEqual(healthd.wait(10), 78)
            lines = healthd.stderr().splitlines()
            self.assertEqual(len(lines), 1, lines)
            self.assertIn(name, lines[0])
            self.assertEqual(healthd.stdout(), "")
            return lines[0]
        return ""

    def test_each_bad_value_ends_the_start_with_78_and_one_line_that_names_the_variable(self):
        for name, values in BAD_VALUES.items():
            for value in values:
                line = self.refused(name, value, "text")
                self.assertTrue(line.startswith(f"healthd: {name}: "), line)

    def test_in_json_the_line_is_a_record(self):
        for name, values in BAD_VALUES.items():
            if name != "LOG_FORMAT":
                record = json.loads(self.refused(name, values[0], "json"))
                self.assertEqual(wrong_of_record(record), [])
                self.assertIn(record["level"], ("ERROR", "CRITICAL"))

    def test_the_line_reads_as_the_contract_shows_it(self):
        self.assertEqual(
            self.refused("HEALTH_CHECK_INTERVAL", "abc", "text"),
            'healthd: HEALTH_CHECK_INTERVAL: "abc" is not a whole number of seconds '
            "from 1 to 86400")

    def test_control_bytes_of_a_value_do_not_reach_the_line(self):
        line = self.refused("HEALTH_CHECK_INTERVAL", "1\n\x1b[31mforged", "text")
        self.assertIsNone(re.search(r"[\x00-\x1f]", line))

    def test_a_password_in_a_refused_url_is_not_printed(self):
        for value in ("rediss://user:hunter2@h:6379", "redis://user:hunter2@h:x"):
            self.assertNotIn("hunter2", self.refused("REDIS_URL", value, "text"))
        self.assertNotIn("hunter2",
                         self.refused("BASE_SERVICE_URL", "http://u:hunter2@h:x", "text"))


class GoodValues(SystemTest):
    def test_an_empty_variable_counts_as_unset(self):
        platform = self.start_platform()
        healthd = self.make_healthd(platform, HEALTH_CHECK_INTERVAL="", LOG_LEVEL="",
                                    LOG_FORMAT="", HEALTHD_TOKEN="").start()
        healthd.wait_status("OK")
        self.assertEqual(healthd.clear("nothing").status, 404)  # without a token nobody is refused
        self.assertGreater(len(healthd.stderr().splitlines()), 0)  # INFO is the default
        healthd.stop()

    def test_bounds_and_cases_are_accepted(self):
        platform = self.start_platform()
        for values in ({"HEALTH_CHECK_INTERVAL": "86400", "LOG_LEVEL": "wArNiNg"},
                       {"HEALTH_CHECK_INTERVAL": "1", "LOG_LEVEL": "critical"}):
            healthd = self.make_healthd(platform, **values).start()
            healthd.wait_status("OK")  # the first check comes at once, whatever the interval
            healthd.stop()

    def test_a_trailing_slash_of_the_base_url_is_dropped(self):
        platform = self.start_platform()
        healthd = self.make_healthd(platform, BASE_SERVICE_URL=f"http://127.0.0.1:{platform.port}/")
        healthd.start().wait_status("OK")
        healthd.stop()

    def test_redis_url_none_leaves_the_target_out(self):
        platform = self.start_platform()
        healthd = self.make_healthd(platform, REDIS_URL="none").start()
        body = healthd.wait_status("OK")
        self.assertEqual(contract.check_system(body, infra_names=contract.INFRA[1:]), [])
        healthd.stop()

    def test_ipv6_and_ipc(self):
        platform = self.start_platform()
        port = free_port()
        path = os.path.join(self.folder, "pub.ipc")
        healthd = self.make_healthd(platform, HEALTHD_LISTEN=f"[::1]:{port}",
                                    HEALTHD_PUBLISH=f"ipc://{path}").start(is_awaited=False)

        def accepts():
            with socket.socket(socket.AF_INET6) as client:
                return client.connect_ex(("::1", port)) == 0
        wait_until(accepts, 15, "healthd accepts on [::1]")
        self.assertTrue(os.path.exists(path))
        healthd.stop()

    def test_user_password_and_database_of_redis_are_used_and_never_printed(self):
        server = self.keep(Redis(self.folder, options=(
            "--user", "watch", "on", ">hunter2", "~*", "&*", "+@all"))).start()
        platform = self.start_platform()
        healthd = self.make_healthd(
            platform, LOG_LEVEL="DEBUG",
            REDIS_URL=f"redis://watch:hunter2@127.0.0.1:{server.port}/3").start()
        healthd.wait_status("OK")
        server.client.execute_command("SELECT", 3)
        wait_until(lambda: server.client.execute_command("XLEN", "quantum:stream:" +
                                                         contract.SNAPSHOT), 10,
                   "a snapshot in database 3")
        server.stop()
        healthd.wait_entry("redis", lambda entry: entry["status"] == "DOWN")
        healthd.stop()
        self.assertNotIn("hunter2", healthd.stderr() + healthd.stdout())

    def test_a_wrong_password_is_a_redis_that_is_down(self):
        server = self.keep(Redis(self.folder, options=("--requirepass", "right"),
                                 password="right")).start()
        platform = self.start_platform()
        healthd = self.make_healthd(
            platform, LOG_LEVEL="DEBUG",
            REDIS_URL=f"redis://:hunter2@127.0.0.1:{server.port}").start()
        body = healthd.wait_entry("redis", lambda entry: entry["status"] == "DOWN")
        error = body["snapshot"]["infra"]["redis"]["error"]
        self.assertTrue(error.startswith("Redis ping failed: "), error)
        healthd.stop()
        self.assertNotIn("hunter2", healthd.stderr() + error)

    def test_a_password_in_a_services_url_is_not_told(self):
        healthd = self.make_healthd(
            BASE_SERVICE_URL=f"http://user:hunter2@127.0.0.1:{free_port()}", LOG_LEVEL="DEBUG")
        healthd.start().wait_status("CRITICAL")
        text = b"".join(healthd.request("GET", path).body
                        for path in ("/health/system", "/alerts/active")).decode()
        healthd.stop()
        self.assertNotIn("hunter2", text + healthd.stderr())


class AddressesInUse(SystemTest):
    def refused(self, address, **variables):
        for log_format in ("text", "json"):
            healthd = self.make_healthd(LOG_FORMAT=log_format, LOG_LEVEL="ERROR", **variables)
            healthd.start(is_awaited=False)
            self.assertNotIn(healthd.wait(10), (0, -signal.SIGABRT, -signal.SIGSEGV))
            lines = healthd.stderr().splitlines()
            self.assertEqual(len(lines), 1, lines)
            self.assertIn(address, lines[0])
            if log_format == "json":
                self.assertEqual(wrong_of_record(json.loads(lines[0])), [])

    def test_a_port_in_use_ends_the_start_with_one_line_that_names_it(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = "127.0.0.1:%d" % other.getsockname()[1]
            self.refused(address, HEALTHD_LISTEN=address)
            self.refused(address, HEALTHD_PUBLISH=f"tcp://{address}")

    def test_an_address_that_is_not_of_this_host(self):
        self.refused("192.0.2.1:8080", HEALTHD_LISTEN="192.0.2.1:8080")
        self.refused("192.0.2.1:5556", HEALTHD_PUBLISH="tcp://192.0.2.1:5556")

    def test_a_path_that_cannot_be_bound(self):
        self.refused("/nowhere/healthd.ipc", HEALTHD_PUBLISH="ipc:///nowhere/healthd.ipc")


class Descriptors(SystemTest):
    def test_too_few_allowed_files_end_the_start_with_one_line(self):
        for limit in (24, 64, 255):
            shell = ("sh", "-c", f'ulimit -n {limit}; exec "$0"')
            healthd = self.make_healthd(prefix=shell)
            healthd.start(is_awaited=False)
            self.assertEqual(healthd.wait(10), 1)
            self.assertEqual(healthd.stderr(), f"healthd: {limit} open files are allowed, at least "
                                               "256 are needed (ulimit -n, LimitNOFILE)\n")


class End(SystemTest):
    def test_sigterm_and_sigint_end_a_healthy_process(self):
        self.start_all()
        self.healthd.stop(signal.SIGTERM)
        self.healthd.start()
        self.healthd.stop(signal.SIGINT)

    def test_both_end_it_while_every_target_and_redis_hang(self):
        self.start_all()
        self.platform.control("all", "hang")
        wait_until(lambda: all(one["in_flight"] for one in self.platform.state().values()), 10,
                   "every target holds a check")
        self.redis.signal(signal.SIGSTOP)
        self.healthd.stop(signal.SIGTERM)
        for number in (signal.SIGINT, signal.SIGTERM):
            self.healthd.start()  # Redis hangs from the first moment on
            wait_until(lambda: all(one["in_flight"] for one in self.platform.state().values()),
                       10, "every target holds a check")
            self.healthd.stop(number)

    def test_it_ends_while_a_client_waits_on_half_a_request(self):
        self.start_all()
        with socket.create_connection(("127.0.0.1", self.healthd.port)) as client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
            self.healthd.stop()

    def test_it_ends_with_nobody_to_be_found(self):
        healthd = self.make_healthd(redis_port=free_port()).start()
        healthd.wait_status("CRITICAL")
        healthd.stop()


def wrong_of_record(record):
    wrong = [key for key in ("ts", "level", "service", "event", "msg")
             if not isinstance(record.get(key), str)]
    if wrong:
        return wrong
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", record["ts"]):
        wrong.append(record["ts"])
    if record["level"] not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        wrong.append(record["level"])
    if record["service"] != "monitoring-health-service" or not record["event"]:
        wrong.append(record)
    return wrong


class Log(SystemTest):
    def eventful_run(self, **variables):
        """A run in which nearly everything goes wrong once."""
        self.start_all(**variables)
        self.redis.add("ess.tripped", payload="no JSON \x1b[2J\n{}")
        self.redis.add("ess.tripped", reason="line\nbreak", severity="CRITICAL")
        body = self.healthd.wait_status("CRITICAL")
        self.assertEqual(contract.check_system(body, "line\nbreak"), [])
        self.healthd.clear("emergency%0Aforged_2026")
        self.healthd.clear(self.healthd.active()[0]["alert_id"])
        self.platform.control("risk_guard", "garbage")
        self.platform.control("postgres", "reset")
        with socket.create_connection(("127.0.0.1", self.healthd.port)) as client:
            client.sendall(b"\x00\xff garbage\r\n\r\n")
        self.redis.stop()
        self.healthd.wait_entry("redis", lambda entry: entry["status"] == "DOWN")
        self.healthd.stop()
        return self.healthd.stderr()

    def test_each_line_of_a_run_in_json_is_a_record(self):
        lines = self.eventful_run(LOG_FORMAT="json", LOG_LEVEL="DEBUG").splitlines()
        self.assertGreater(len(lines), 3)
        for line in lines:
            self.assertEqual(wrong_of_record(json.loads(line)), [], line)

    def test_in_text_a_record_is_one_line_without_control_bytes(self):
        text = self.eventful_run(LOG_FORMAT="text", LOG_LEVEL="DEBUG")
        self.assertIsNone(re.search(r"[^\n\x20-\x7e\x80-\U0010ffff]", text))
        first = re.compile(r"\d{4}-\d\d-\d\dT\S+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")
        self.assertEqual([line for line in text.splitlines() if not first.match(line)], [])

    def test_a_healthy_run_at_error_prints_nothing(self):
        for log_format in ("text", "json"):
            self.start_all(LOG_LEVEL="ERROR", LOG_FORMAT=log_format)
            recorder = StreamRecorder(self.redis.port)
            wait_until(lambda: len(recorder.seen()) > 2, 10, "three snapshots")
            recorder.close()
            self.healthd.stop()
            self.assertEqual(self.healthd.stderr() + self.healthd.stdout(), "")


if __name__ == "__main__":
    unittest.main()
