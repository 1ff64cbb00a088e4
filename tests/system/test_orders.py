"""Orders over REST: probes beside the schedule."""
import threading
import time
import unittest

from harness import SystemTest, wait_until

MINUTE = "60"  # an interval in which nothing is probed but by order


class Orders(SystemTest):
    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()

    def start(self, **variables):
        self.healthd = self.make_healthd(self.platform, **variables).start()
        self.healthd.wait_status("OK")

    def probe(self, name, query="", code=200, **options):
        reply = self.healthd.request("POST", f"/api/v1/targets/{name}/probe{query}", **options)
        self.assertEqual(reply.status, code, reply.body)
        return reply.json()

    def n_requests(self, name):
        return self.platform.state()[name]["requests"]


class Probe(Orders):
    def test_a_probe_shows_at_once_what_the_schedule_would_show_in_a_minute(self):
        self.start(HEALTH_CHECK_INTERVAL=MINUTE)
        self.platform.control("risk_guard", "status", code=500)
        body = self.probe("risk_guard")
        self.assertEqual((body["outcome"], body["status"], body["reason"]),
                         ("finished", "DOWN", "status"))
        self.assertEqual(body["details"], {"status_code": 500})
        self.assertGreater(body["latency_ms"], 0)
        system = self.healthd.system()
        self.assertEqual(system["status"], "CRITICAL")
        self.assertEqual(system["snapshot"]["services"]["risk_guard"]["status"], "DOWN")
        wait_until(lambda: len(self.healthd.active()) == 2, 5, "both alerts")
        self.platform.control("risk_guard", "ok")
        self.assertEqual(self.probe("risk_guard")["status"], "OK")
        self.assertEqual(self.healthd.system()["status"], "OK")

    def test_a_dry_run_asks_the_target_and_changes_nothing(self):
        self.start(HEALTH_CHECK_INTERVAL=MINUTE)
        before = self.n_requests("risk_guard")
        version = self.healthd.system()["version"]
        self.platform.control("risk_guard", "status", code=500)
        body = self.probe("risk_guard", "?dry_run=true")
        self.assertEqual((body["dry_run"], body["status"]), (True, "DOWN"))
        self.assertEqual(self.n_requests("risk_guard"), before + 1)
        self.assertEqual(self.probe("scheduler")["dry_run"], False)
        system = self.healthd.system()
        self.assertGreater(system["version"], version)
        self.assertEqual(system["status"], "OK")
        self.assertEqual(self.healthd.active(), [])

    def test_many_at_once_share_one_probe(self):
        self.start(HEALTH_CHECK_INTERVAL=MINUTE)
        self.platform.control("risk_guard", "slow", delay_ms=700)
        before = self.n_requests("risk_guard")
        bodies = []

        def ask():
            bodies.append(self.probe("risk_guard"))
        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        self.assertEqual(len(bodies), 20)
        self.assertEqual({body["status"] for body in bodies}, {"OK"})
        self.assertLess(self.n_requests("risk_guard") - before, 5)

    def test_a_target_that_hangs_is_answered_and_holds_up_no_other(self):
        self.start(HEALTH_CHECK_INTERVAL=MINUTE)
        self.platform.control("risk_guard", "hang")
        ended = []

        def ask():
            ended.append(self.probe("risk_guard", timeout=20))
        thread = threading.Thread(target=ask)
        began = time.monotonic()
        thread.start()
        self.assertEqual(self.probe("scheduler")["status"], "OK")
        self.assertLess(time.monotonic() - began, 4)
        thread.join(20)
        self.assertEqual((ended[0]["status"], ended[0]["reason"]), ("DOWN", "timeout_response"))
        self.assertGreater(ended[0]["latency_ms"], 5000)
        self.healthd.stop()

    def test_sigterm_ends_while_a_probe_is_awaited(self):
        self.start(HEALTH_CHECK_INTERVAL=MINUTE)
        self.platform.control("risk_guard", "hang")
        before = self.n_requests("risk_guard")
        errors = []

        def ask():
            try:
                self.healthd.request("POST", "/api/v1/targets/risk_guard/probe")
            except OSError as error:
                errors.append(error)
        thread = threading.Thread(target=ask)
        thread.start()
        wait_until(lambda: self.n_requests("risk_guard") > before, 5, "the probe has begun")
        self.healthd.stop()
        thread.join(10)

    def test_what_cannot_be_probed(self):
        self.start(HEALTHD_TOKEN="s3cret")
        self.assertEqual(self.healthd.request("POST", "/api/v1/targets/redis/probe").status, 401)
        token = {"Authorization": "Bearer s3cret"}
        self.probe("nobody", code=404, headers=token)
        self.probe("emergency_stop_system", code=409, headers=token)
        self.probe("scheduler", "?dry_run=maybe", code=422, headers=token)
        self.assertEqual(self.probe("scheduler", headers=token)["status"], "OK")


if __name__ == "__main__":
    unittest.main()
