"""healthctl against a running healthd: what it prints, and the exit codes that scripts rely on."""
import json
import os
import subprocess
import unittest

import contract
from harness import SystemTest, binary, child_environment, free_port, wait_until


class Healthctl(SystemTest):
    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()
        self.healthd = self.make_healthd(self.platform, HEALTHD_TOKEN="s3cret").start()
        self.healthd.wait_status("OK")

    def run_it(self, *arguments, code=0, **variables):
        env = child_environment({"HEALTHD_URL": f"http://127.0.0.1:{self.healthd.port}",
                                 "NO_COLOR": "1", **variables})
        done = subprocess.run([binary("HEALTHCTL", "healthctl"), *arguments], env=env, timeout=30,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code == 0:
            self.assertEqual(done.stderr, "")
        return done.stdout

    def break_guard(self):
        self.platform.control("risk_guard", "status", code=500)
        self.healthd.wait_status("CRITICAL")
        return wait_until(lambda: len(self.healthd.active()) == 2 and self.healthd.active(), 5,
                          "two alerts")

    def test_status_and_its_codes(self):
        self.assertIn("OK", self.run_it("status"))
        self.platform.control("system_health_monitor", "status", code=404)
        self.healthd.wait_status("DEGRADED")
        self.assertIn("DEGRADED", self.run_it("status", code=1))
        self.break_guard()
        self.assertIn("risk_guard", self.run_it("status", code=2))
        self.run_it("status", "--self")
        self.healthd.stop()
        self.run_it("status", code=3)
        self.run_it("status", "--self", code=1)

    def test_output_json_is_the_answer_as_it_came(self):
        self.break_guard()
        body = json.loads(self.run_it("targets", "-o", "json"))
        self.assertEqual(contract.check_system(body, None, contract.INFRA[1:]), [])
        self.assertEqual(json.loads(self.run_it("alerts", "-o", "json"))["alerts"],
                         self.healthd.active())
        self.assertEqual(json.loads(self.run_it("history", "--limit", "1", "-o", "json"))["limit"],
                         1)
        self.healthd.stop()

    def test_tables_name_every_target_and_alert(self):
        alerts = self.break_guard()
        text = self.run_it("targets")
        for name in (*contract.SERVICES, "postgres", "binance_api"):
            self.assertIn(name, text)
        for alert in alerts:
            self.assertIn(alert["alert_id"], self.run_it("alerts"))
            self.assertIn(alert["component"], self.run_it("history"))
        self.healthd.stop()

    def test_one_target_is_shown_whole(self):
        self.break_guard()
        text = self.run_it("targets", "risk_guard")
        self.assertRegex(text, r"^DOWN  risk_guard  service, http, critical  status  [0-9.]+ ms\n")
        self.assertRegex(text, r"FAILED AT +STATUS +REASON +ANSWER +ERROR")
        self.assertRegex(text, r"Z +DOWN +status +HTTP/1.1 500")
        self.assertIn("first_byte", text)
        self.run_it("pause", "risk_guard", "--reason", "new disks", HEALTHD_TOKEN="s3cret")
        self.assertIn("  paused by token until somebody resumes it: new disks\n",
                      self.run_it("targets", "risk_guard"))
        body = json.loads(self.run_it("targets", "risk_guard", "-o", "json"))
        self.assertEqual(body["pause"]["reason"], "new disks")
        self.assertNotEqual(self.failed("targets", "nobody"), 0)
        self.run_it("targets", "risk_guard", "redis", code=64)

    def test_clear_needs_the_token_and_an_active_alert(self):
        alert_id = self.break_guard()[1]["alert_id"]
        self.assertNotEqual(self.failed("clear", alert_id), 0)
        self.assertNotEqual(self.failed("clear", alert_id, HEALTHD_TOKEN="wrong"), 0)
        self.run_it("clear", alert_id, HEALTHD_TOKEN="s3cret")
        self.assertNotIn(alert_id, [alert["alert_id"] for alert in self.healthd.active()])
        self.assertNotEqual(self.failed("clear", alert_id, HEALTHD_TOKEN="s3cret"), 0)
        self.healthd.stop()

    def failed(self, *arguments, **variables):
        env = {"HEALTHD_URL": f"http://127.0.0.1:{self.healthd.port}", **variables}
        done = subprocess.run([binary("HEALTHCTL", "healthctl"), *arguments], env=env, timeout=30,
                              capture_output=True, text=True, check=False)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.returncode

    def test_watch_prints_events_as_they_come(self):
        endpoint = f"tcp://127.0.0.1:{self.healthd.publish_port}"
        self.assertIn("OK", self.run_it("watch", "--subscribe", endpoint, "--count", "2"))
        lines = self.run_it("watch", "--subscribe", endpoint, "--count", "1", "-o", "json")
        self.assertEqual(len(lines.splitlines()), 1)
        json.loads(lines)
        self.healthd.stop()

    def test_nobody_there(self):
        self.assertEqual(self.failed("status", "--url", f"http://127.0.0.1:{free_port()}"), 3)
        self.healthd.stop()

    def test_a_probe_shows_what_came_and_ends_with_its_verdict(self):
        write = {"HEALTHD_TOKEN": "s3cret"}
        text = self.run_it("probe", "risk_guard", **write)
        self.assertTrue(text.startswith("OK  risk_guard"), text)
        self.assertIn("first_byte", text)
        self.platform.control("risk_guard", "status", code=500)
        self.run_it("pause", "risk_guard", "--reason", "new \"disks\"", "--until", "+1h", **write)
        text = self.run_it("probe", "risk_guard", "--dry-run", code=2, **write)
        self.assertIn("DOWN  risk_guard", text)
        self.assertIn("nothing is changed", text)
        body = json.loads(self.run_it("probe", "risk_guard", "-o", "json", code=2, **write))
        self.assertEqual((body["status"], body["reason"]), ("DOWN", "status"))
        self.assertEqual(self.healthd.system()["status"], "OK")
        self.assertIn("paused by token until", self.run_it("targets"))
        self.assertEqual(self.run_it("resume", "risk_guard", **write), "risk_guard goes on\n")
        self.healthd.wait_status("CRITICAL")

    def test_explain_says_why(self):
        text = self.run_it("explain")
        self.assertTrue(text.startswith("The system is OK: no rule"), text)
        self.assertIn("\n- service_down: a critical service is DOWN\n", text)
        self.break_guard()
        text = self.run_it("explain")
        self.assertTrue(text.startswith("The system is CRITICAL because a critical service is "
                                        "DOWN: risk_guard.\n"), text)
        self.assertIn("+ service_down: a critical service is DOWN: risk_guard  <- decides\n"
                      "  + target: risk_guard is DOWN for status (HTTP 500)\n", text)
        text = self.run_it("explain", "risk_guard")
        self.assertTrue(text.startswith("risk_guard is DOWN since "), text)
        for rule in ("+ result: ", "  + status_rule: ", "- staleness: ", "+ system: "):
            self.assertIn("\n" + rule, text)
        body = json.loads(self.run_it("explain", "risk_guard", "-o", "json"))
        self.assertEqual((body["name"], body["status"], body["reason"]),
                         ("risk_guard", "DOWN", "status"))
        self.assertEqual(body["derivation"][0]["children"][0]["values"]["http_code"], 500)
        self.assertEqual(self.failed("explain", "nobody"), 1)
        self.run_it("explain", "a", "b", code=64)
        for path in ("/api/v1/targets/nobody/explain", "/api/v1/targets/risk%00guard/explain"):
            reply = self.healthd.request("GET", path)
            self.assertEqual((reply.status, reply.json()["detail"]), (404, "No such target"))
        body = self.healthd.request("GET", "/api/v1/explain").json()
        self.assertEqual((body["status"], len(body["derivation"])), ("CRITICAL", 9))

    def test_orders_that_are_refused(self):
        write = {"HEALTHD_TOKEN": "s3cret"}
        self.run_it("probe", "risk_guard", code=3)
        self.run_it("probe", "nobody", code=3, **write)
        self.run_it("pause", "risk_guard", "--until", "soon", code=1, **write)
        self.run_it("resume", "risk_guard", code=1, **write)
        self.run_it("probe", code=64)

    def test_quick_writes_a_file_that_healthd_runs_and_probes_once(self):
        url = f"http://127.0.0.1:{self.platform.port}/health/risk"
        path = os.path.join(self.folder, "quick.yaml")
        text = self.run_it("quick", url, path)
        self.assertTrue(text.startswith("OK  127.0.0.1"), text)
        self.assertIn("first_byte", text)
        with open(path, encoding="utf-8") as file:
            written = file.read()
        self.assertEqual(len(written.splitlines()), 6)
        self.run_it("quick", url, path, code=3)  # it is there: left as it is
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), written)
        other = self.make_healthd(self.platform, HEALTH_CHECK_INTERVAL=None)
        other.argv += ["--config", path]
        other.start()
        self.assertEqual(list(other.wait_status("OK")["snapshot"]["services"]), ["127.0.0.1"])

    def test_a_url_is_probed_without_a_daemon(self):
        self.healthd.stop()
        url = f"http://127.0.0.1:{self.platform.port}/health/risk"
        self.assertIn("OK", self.run_it("probe", url))
        self.platform.control("risk_guard", "status", code=500)
        body = json.loads(self.run_it("probe", url, "-o", "json", code=2))
        self.assertEqual((body["status"], body["reason"]), ("DOWN", "status"))
        self.platform.control("risk_guard", "hang")
        self.assertIn("timeout_response", self.run_it("probe", url, code=2))
        redis = self.start_redis()
        self.assertIn("OK", self.run_it("probe", f"redis://127.0.0.1:{redis.port}/3"))
        self.assertIn("refused", self.run_it("probe", f"redis://127.0.0.1:{free_port()}", code=2))
        for url in ("ftp://h/", "rediss://h", "http://"):
            self.run_it("probe", url, code=64)
            self.run_it("quick", url, code=64)


if __name__ == "__main__":
    unittest.main()
