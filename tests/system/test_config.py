"""A configuration file, from the command line to what it changes outside."""
import os
import subprocess
import time
import unittest

import contract
from harness import ROOT, Healthd, SystemTest, binary, free_port, wait_until
from recorders import SubscriberRecorder


class ConfigTest(SystemTest):
    def write(self, text, name="healthd.yaml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_healthd(self, *arguments, **variables):
        return subprocess.run([binary("HEALTHD", "healthd"), *arguments], capture_output=True,
                              text=True, timeout=10, check=False, env=variables)

    def start_with(self, text, is_awaited=True, **variables):
        """healthd with this file; its ports come by variables, which override it."""
        variables = {"HEALTH_CHECK_INTERVAL": None, **variables}
        healthd = self.keep(Healthd(self.folder, variables))
        healthd.argv += ["--config", self.write(text)]
        return healthd.start(is_awaited)


class CommandLine(ConfigTest):
    def test_check_of_a_good_file_counts_its_targets(self):
        path = self.write("services:\n  - {name: a, url: http://h/}\n"
                          "infrastructure:\n  - {name: b, url: redis://h}\n")
        done = self.run_healthd("--check", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{path}: 2 targets, 1 critical, 0 warnings\n")

    def test_check_warns_of_what_is_foolish_and_still_ends_with_0(self):
        path = self.write("version: 1\n")
        done = self.run_healthd("--check", path)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr, f"{path}: warning: no target: nothing is watched\n")
        self.assertEqual(done.stdout, f"{path}: 0 targets, 0 critical, 1 warning\n")

    def test_every_fault_is_told_by_check_and_by_the_start(self):
        path = self.write("defaults: {timeout: 60}\nservice: []\n")
        for arguments in (("--check", path), ("--config", path)):
            done = self.run_healthd(*arguments)
            self.assertEqual((done.returncode, done.stdout), (78, ""))
            self.assertIn(f"{path}:1:21: timeout: \"60\" is not a duration", done.stderr)
            self.assertIn("  defaults: {timeout: 60}\n                      ^~\n", done.stderr)
            self.assertIn(f"{path}:2:1: \"service\" is not known here; did you mean \"services\"?",
                          done.stderr)

    def test_in_json_the_faults_are_one_record(self):
        path = self.write("defaults: {timeout: 60}\n")
        done = self.run_healthd("--config", path, LOG_FORMAT="json")
        self.assertEqual(done.returncode, 78)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn('"event":"start_failed"', done.stderr)

    def test_print_config_prints_the_compiled_in_file(self):
        with open(os.path.join(ROOT, "deploy", "examples", "platform.yaml"),
                  encoding="utf-8") as file:
            expected = file.read()
        done = self.run_healthd("--print-config")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, expected, ""))

    def test_the_file_of_the_readme_is_fine(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            text = file.read().split("```yaml\n")[1].split("```")[0]
        token = self.write("s3cr3t\n", "token")
        os.mkdir(os.path.join(self.folder, "conf.d"))
        path = self.write(text.replace("/run/secrets/healthd_token", token))
        done = self.run_healthd("--check", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{path}: 6 targets, 2 critical, 1 warning\n")
        self.assertIn("include: no file *.yaml is there", done.stderr)

    def test_an_option_without_its_file(self):
        for option in ("--check", "--config"):
            done = self.run_healthd(option)
            self.assertEqual((done.returncode, done.stdout), (64, ""))
            self.assertEqual(done.stderr, f"healthd: {option} needs a FILE\n")


class Running(ConfigTest):
    def test_a_short_file_watches_a_url(self):
        platform = self.start_platform()
        healthd = self.start_with(
            "instance: {name: eu-1}\n"
            "gateway: {listen: 127.0.0.1:1}\n"
            "services:\n"
            "  - name: shop\n"
            f"    url: http://127.0.0.1:{platform.port}/health\n"
            "    labels: {team: core, site: \"${SITE:-oslo}\"}\n", SITE="bergen")
        body = healthd.wait_status("OK")
        self.assertEqual(body["services"], {"ok": ["shop"], "degraded": [], "down": []})
        entry = body["snapshot"]["services"]["shop"]
        self.assertEqual(entry["labels"], {"team": "core", "site": "bergen"})
        self.assertEqual((entry["status"], entry["critical"]), ("OK", False))
        self.assertEqual(body["snapshot"]["infra"], {})
        healthd.stop()
        log = healthd.stderr()
        self.assertIn(" eu-1 with ", log)
        self.assertIn("variables override what the file says: gateway.listen by HEALTHD_LISTEN",
                      log)

    def test_a_status_turns_after_its_threshold_which_retries_reach_soon(self):
        platform = self.start_platform()
        healthd = self.start_with(
            "defaults: {check_interval: 4s, retry_interval: 1s, failure_threshold: 3}\n"
            "services:\n"
            f"  - {{name: shop, url: 'http://127.0.0.1:{platform.port}/health'}}\n")
        healthd.wait_status("OK")
        before = platform.state()["main_backend"]["requests"]
        platform.control("main_backend", "status", code=503)
        broken = time.monotonic()
        healthd.wait_entry("shop", lambda entry: entry["status"] == "DOWN", 12)
        took = time.monotonic() - broken
        # One interval with its jitter and two retries; by intervals alone it would be over 8 s.
        self.assertLess(took, 8)
        self.assertGreaterEqual(took, 2)
        self.assertGreaterEqual(platform.state()["main_backend"]["requests"] - before, 3)
        self.assertEqual(healthd.system()["status"], "DEGRADED")  # a service is not critical
        healthd.stop()

    def test_an_uncritical_infrastructure_degrades(self):
        healthd = self.start_with(
            "defaults: {failure_threshold: 1, check_interval: 1s, notify_after: 0s}\n"
            "infrastructure:\n"
            f"  - {{name: cache, url: 'redis://127.0.0.1:{free_port()}', critical: false}}\n")
        body = healthd.wait_status("DEGRADED")
        self.assertEqual(body["infrastructure"]["down"], ["cache"])
        wait_until(lambda: {alert["level"] for alert in healthd.active()} == {"WARNING"}, 10,
                   "alerts that are all warnings")
        healthd.stop()

    def test_what_lasts_less_than_notify_after_tells_nobody(self):
        platform = self.start_platform()
        healthd = self.start_with(
            "defaults: {failure_threshold: 1, success_threshold: 1, check_interval: 1s,\n"
            "           spread: false, jitter: 0%, notify_after: 4s}\n"
            "services:\n"
            f"  - {{name: shop, url: 'http://127.0.0.1:{platform.port}/health'}}\n")
        healthd.wait_status("OK")
        platform.control("main_backend", "status", code=503)
        healthd.wait_status("DEGRADED")  # the status turns at once
        platform.control("main_backend", "ok")
        healthd.wait_status("OK")
        self.assertEqual(healthd.history(), [])
        platform.control("main_backend", "status", code=503)
        healthd.wait_status("DEGRADED")
        since = time.monotonic()
        wait_until(healthd.active, 10, "an alert")
        self.assertTrue(3.5 < time.monotonic() - since < 5, time.monotonic() - since)
        self.assertEqual([alert["component"] for alert in healthd.active()], ["system", "shop"])
        platform.control("main_backend", "ok")
        wait_until(lambda: not healthd.active(), 3, "no alert")  # what is told ends at once
        healthd.stop()

    def test_a_write_needs_a_credential_unless_the_file_says_otherwise(self):
        target = "services: [{name: a, url: 'http://127.0.0.1:9/'}]\n"
        rows = ((target, {}, None, 401), (target, {}, "x", 401),
                (target, {"HEALTHD_TOKEN": "s3cr3t"}, None, 401),
                (target, {"HEALTHD_TOKEN": "s3cr3t"}, "s3cr3t", 404),
                (target + "gateway: {token: '${WORD}'}\n", {"WORD": "s3cr3t"}, "s3cr3t", 404),
                (target + "gateway: {anonymous_role: operator}\n", {}, None, 404))
        for text, variables, token, status in rows:
            healthd = self.start_with(text, **variables)
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            reply = healthd.request("POST", "/alerts/nothing/clear", headers)
            with self.subTest(text=text, variables=variables, token=token):
                self.assertEqual(reply.status, status)
                self.assertEqual(healthd.request("GET", "/health/system").status, 200)
            healthd.stop()

    def test_without_a_role_nobody_reads_but_who_has_the_token(self):
        healthd = self.start_with("services: [{name: a, url: 'http://127.0.0.1:9/'}]\n"
                                  "gateway: {anonymous_role: none, token: '${WORD}'}\n", WORD="w")
        for path in ("/health/system", "/alerts/active", "/metrics"):
            self.assertEqual(healthd.request("GET", path).status, 401)
            reply = healthd.request("GET", path, {"Authorization": "Bearer w"})
            self.assertEqual(reply.status, 200)
        for path in ("/health", "/livez", "/readyz"):
            self.assertEqual(healthd.request("GET", path).status, 200)
        healthd.stop()

    def test_every_endpoint_publishes_and_the_bus_is_named_by_the_file(self):
        redis = self.start_redis()
        ports = [free_port(), free_port()]
        text = ("defaults: {check_interval: 1s}\n"
                "services: [{name: a, url: 'http://127.0.0.1:9/'}]\n"
                "publish:\n  endpoints:\n"
                + "".join(f"    - tcp://127.0.0.1:{port}\n" for port in ports) +
                f"bus: {{url: 'redis://127.0.0.1:{redis.port}', stream_prefix: 's:', "
                "group_prefix: 'g:', service_name: me}\n")
        healthd = self.start_with(text, HEALTHD_PUBLISH="")
        recorders = [SubscriberRecorder(f"tcp://127.0.0.1:{port}") for port in ports]
        for recorder in recorders:
            wait_until(recorder.seen, 10, "a snapshot at each endpoint")
            recorder.close()
        key = "s:" + contract.SNAPSHOT
        wait_until(lambda: redis.client.xlen(key), 10, f"an entry in {key}")
        self.assertEqual(redis.client.xrange(key, count=1)[0][1]["source"], "me")
        wait_until(lambda: redis.client.exists("s:ess.tripped"), 10, "the stream of trips")
        groups = redis.client.xinfo_groups("s:ess.tripped")
        self.assertEqual([group["name"] for group in groups], ["g:me:ess.tripped"])
        redis.client.xadd("s:ess.tripped", {"reason": "by hand"})
        healthd.wait_status("CRITICAL")
        healthd.stop()

    def test_a_port_in_use_is_told_by_its_key(self):
        text = (f"gateway: {{listen: '127.0.0.1:{free_port()}'}}\n"
                "publish: {endpoints: tcp://192.0.2.1:5556}\n")
        healthd = self.start_with(text, is_awaited=False, HEALTHD_LISTEN="", HEALTHD_PUBLISH="")
        self.assertNotIn(healthd.wait(10), (0, 78))
        self.assertIn("publish.endpoints: cannot bind tcp://192.0.2.1:5556", healthd.stderr())


if __name__ == "__main__":
    unittest.main()
