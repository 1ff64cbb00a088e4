"""Orders over REST: probes beside the schedule, pauses."""
import json
import os
import threading
import time
import unittest

from harness import TARGETS, SystemTest, wait_until

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


class Pause(Orders):
    def pause(self, name, code=200, **body):
        return self.order(name, "pause", body, code)

    def resume(self, name, code=200):
        return self.order(name, "resume", None, code)

    def order(self, name, word, body, code):
        reply = self.healthd.request("POST", f"/api/v1/targets/{name}/{word}",
                                     headers={"Content-Type": "application/json"},
                                     body=json.dumps(body) if body else None)
        self.assertEqual(reply.status, code, reply.body)
        return reply.json()

    def entry(self, name):
        snapshot = self.healthd.system()["snapshot"]
        return {**snapshot["services"], **snapshot["infra"]}[name]

    def test_a_paused_target_is_not_asked_and_counts_in_nothing(self):
        self.start()
        self.platform.control("risk_guard", "status", code=500)
        self.healthd.wait_status("CRITICAL")
        active = wait_until(lambda: len(self.healthd.active()) == 2 and self.healthd.active(), 5,
                            "both alerts")
        body = self.pause("risk_guard", reason="new disks", until="+1h")
        self.assertEqual((body["outcome"], body["reason"], body["by"]),
                         ("paused", "new disks", "anonymous"))
        self.assertEqual(self.healthd.get("/api/v1/targets/risk_guard")["pause"],
                         {name: body[name] for name in ("reason", "by", "since", "until")})
        system = self.healthd.system()  # the next GET shows it
        self.assertEqual((system["status"], system["critical_failures"]), ("OK", []))
        self.assertEqual(system["services"]["down"], [])
        entry = self.entry("risk_guard")
        self.assertEqual(entry, {
            "status": "UNKNOWN", "latency_ms": None, "critical": True, "reason": "paused",
            "error": f"paused by anonymous until {body['until']}: new disks"})
        before = self.n_requests("risk_guard")
        rounds = self.n_requests("scheduler") + 3
        wait_until(lambda: self.n_requests("scheduler") >= rounds, 10, "three rounds")
        self.assertEqual(self.n_requests("risk_guard"), before)
        # Its own alert waits for what the resume shows; the system's has ended.
        guard = [alert for alert in active if alert["component"] == "risk_guard"]
        self.assertEqual(self.healthd.active(), guard)
        self.assertEqual(self.resume("risk_guard"), {"outcome": "resumed", "target": "risk_guard"})
        self.healthd.wait_status("CRITICAL")
        self.assertIn(guard[0], self.healthd.active())
        self.platform.control("risk_guard", "ok")
        self.healthd.wait_status("OK")
        wait_until(lambda: self.healthd.active() == [], 5, "no alert is left")
        self.resume("risk_guard", code=409)

    def test_a_target_that_fails_while_paused_raises_nothing(self):
        self.start()
        self.pause("redis", code=404)
        self.pause("postgres")
        self.platform.control("postgres", "status", code=500)
        body = self.probe("postgres")  # by order it is probed, for who asked
        self.assertEqual((body["status"], body["dry_run"]), ("DEGRADED", True))
        rounds = self.n_requests("scheduler") + 2
        wait_until(lambda: self.n_requests("scheduler") >= rounds, 10, "two rounds")
        self.assertEqual(self.healthd.system()["status"], "OK")
        self.assertEqual(self.healthd.active(), [])

    def test_a_pause_survives_kill_9_and_restart(self):
        self.start()
        paused = self.pause("risk_guard", reason="new disks", until="+1h")
        entry = self.entry("risk_guard")
        self.healthd.kill()
        before = self.n_requests("risk_guard")
        self.platform.control("risk_guard", "status", code=500)
        self.healthd.start()
        self.healthd.wait_status("OK")
        self.assertEqual(self.entry("risk_guard"), entry)
        self.assertIn(paused["until"], entry["error"])
        self.assertEqual(self.healthd.active(), [])
        self.assertEqual(self.n_requests("risk_guard"), before)
        self.resume("risk_guard")
        self.healthd.wait_status("CRITICAL")
        self.healthd.stop()
        self.healthd.start()
        self.healthd.wait_status("CRITICAL")

    def test_a_pause_ends_by_itself(self):
        self.start(HEALTH_CHECK_INTERVAL=MINUTE)
        self.platform.control("risk_guard", "status", code=500)
        self.pause("risk_guard", until="+2s")
        self.assertEqual(self.healthd.system()["status"], "OK")
        self.healthd.wait_status("CRITICAL", 10)  # probed at once, not in a minute

    def test_while_all_are_paused_nothing_is_known(self):
        self.start()
        names = [*TARGETS, "postgres", "binance_api"]
        for name in names:
            self.pause(name)
        self.assertEqual(self.healthd.system()["status"], "UNKNOWN")
        self.resume(names[0])
        self.healthd.wait_status("OK")

    def test_bad_orders_are_refused_by_name(self):
        self.start()
        for body, code in (({"until": "soon"}, 422), ({"until": "-1h"}, 422),
                           ({"who": "me"}, 422), ([1], 400)):
            reply = self.order("risk_guard", "pause", body, code)
            self.assertNotEqual(reply["detail"], "")
        self.assertEqual(self.entry("risk_guard")["status"], "OK")


class Limits(Orders):
    def test_probes_of_one_host_take_turns_and_hold_up_no_other(self):
        paths = ("health", "health/scheduler", "health/risk", "health/ai", "health/system")
        names = [name for name in self.platform.state() if name in TARGETS]
        for name in names:
            self.platform.control(name, "slow", delay_ms=1500)
        services = [f"{{name: a{i}, url: 'http://127.0.0.1:{self.platform.port}/{path}'}}"
                    for i, path in enumerate(paths)]
        services.append(f"{{name: other, url: 'http://localhost:{self.platform.port}/api/v3/ping'}}")
        path = os.path.join(self.folder, "limits.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("probing: {max_in_flight_per_host: 2}\n"
                       "defaults: {check_interval: 60s, spread: false}\n"
                       f"services: [{', '.join(services)}]\n")
        self.healthd = self.make_healthd(self.platform, HEALTH_CHECK_INTERVAL=None)
        self.healthd.argv += ["--config", path]
        self.healthd.start()
        self.healthd.wait_entry("other", lambda entry: entry["status"] == "OK", 1)
        most = []

        def all_have_a_result():
            state = self.platform.state()
            most.append(sum(state[name]["in_flight"] for name in names))
            entries = self.healthd.system()["snapshot"]["services"].values()
            return all(entry["status"] == "OK" for entry in entries)
        wait_until(all_have_a_result, 20, "each target has its turn")
        self.assertEqual(max(most), 2)


if __name__ == "__main__":
    unittest.main()
