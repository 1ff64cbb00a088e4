"""Groups of real targets: they turn with their members in every snapshot that anyone gets."""
import os
import subprocess
import unittest

import contract
from harness import Healthd, SystemTest, binary, child_environment, wait_until
from recorders import SubscriberRecorder

PATHS = {"main_backend": "/health", "scheduler": "/health/scheduler", "risk_guard": "/health/risk"}
HEAD = ("defaults: {check_interval: 1s, failure_threshold: 1, success_threshold: 1, "
        "spread: false, jitter: 0%, notify_after: 0s}\n"
        "gateway: {anonymous_role: operator}\n")
GROUPS = """groups:
  - {name: trading, members: [main_backend, scheduler, risk_guard], rule: at_least 2,
     critical: true, labels: {team: desk}}
  - {name: guards, members: [trading, risk_guard], kind: infrastructure, critical: false}
"""


def up(status):
    return status in ("OK", "DEGRADED")


def rule_of_trading(members):
    """What the file says of it, for members of known status."""
    if sum(up(status) for status in members) < 2:
        return "DOWN"
    return "OK" if all(status == "OK" for status in members) else "DEGRADED"


class GroupsTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()
        self.path = os.path.join(self.folder, "healthd.yaml")
        self.healthd = None

    def write(self, groups):
        services = "services:\n" + "".join(
            f"  - {{name: {name}, url: 'http://127.0.0.1:{self.platform.port}{path}'}}\n"
            for name, path in PATHS.items())
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(HEAD + services + groups)

    def start(self, groups):
        self.write(groups)
        self.healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        self.healthd.argv += ["--config", self.path]
        self.healthd.start()

    def reload(self, groups):
        self.write(groups)
        reply = self.healthd.request("POST", "/api/v1/config/reload?force=true", timeout=60)
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json()

    def fail(self, *names):
        for name in names:
            self.platform.control(name, "status", code=503)

    def heal(self, *names):
        for name in names:
            self.platform.control(name, "status", code=200)

    def wait_group(self, name, status):
        body = self.healthd.wait_entry(name, lambda entry: entry["status"] == status)
        return {**body["snapshot"]["services"], **body["snapshot"]["infra"]}[name]

    def active(self, component):
        return [alert for alert in self.healthd.active() if alert["component"] == component]

    def healthctl(self, *arguments):
        env = child_environment({"HEALTHD_URL": f"http://127.0.0.1:{self.healthd.port}",
                                 "NO_COLOR": "1"})
        done = subprocess.run([binary("HEALTHCTL", "healthctl"), *arguments], env=env, timeout=30,
                              capture_output=True, text=True, check=False)
        return done.stdout

    def test_no_snapshot_shows_a_group_apart_from_its_members(self):
        self.start(GROUPS)
        self.healthd.wait_status("OK")
        recorder = SubscriberRecorder(f"tcp://127.0.0.1:{self.healthd.publish_port}")
        self.addCleanup(recorder.close)
        recorder.wait_for(contract.SNAPSHOT, lambda body: body["status"] == "OK", 15, "there")
        for names, status in ((["scheduler"], "DEGRADED"), (["risk_guard"], "DOWN")):
            self.fail(*names)
            self.wait_group("trading", status)
        self.heal("scheduler", "risk_guard")
        self.wait_group("trading", "OK")
        seen = set()
        for record in recorder.records:
            if record.type != contract.SNAPSHOT:
                continue
            services = record.payload["snapshot"]["services"]
            members = [services[name]["status"] for name in PATHS]
            self.assertEqual(services["trading"]["status"], rule_of_trading(members))
            seen.add(services["trading"]["status"])
        self.assertEqual(seen, {"OK", "DEGRADED", "DOWN"})
        self.healthd.stop()

    def test_a_group_is_shown_wherever_targets_are(self):
        self.start(GROUPS)
        self.healthd.wait_status("OK")
        self.fail("scheduler", "risk_guard")
        entry = self.wait_group("trading", "DOWN")
        self.assertEqual((entry["critical"], entry["latency_ms"], entry["reason"], entry["error"]),
                         (True, None, "members",
                          "1 of 3 members up, 2 needed; DOWN: scheduler, risk_guard"))
        body = self.healthd.system()
        self.assertEqual((body["status"], body["critical_failures"]),
                         ("CRITICAL", ["Service: trading"]))
        self.assertIn("trading", body["services"]["down"])
        self.assertEqual(body["infrastructure"]["down"], ["guards"])
        whole = self.healthd.get("/api/v1/targets/trading")
        self.assertEqual((whole["type"], whole["labels"]), ("group", {"team": "desk"}))
        self.assertEqual(whole["group"], {
            "rule": "at_least", "needed": 2,
            "members": [{"name": "main_backend", "status": "OK"},
                        {"name": "scheduler", "status": "DOWN"},
                        {"name": "risk_guard", "status": "DOWN"}]})
        page = self.healthd.get("/api/v1/targets?label=team:desk&status=DOWN")
        self.assertEqual([item["name"] for item in page["items"]], ["trading"])
        metrics = self.healthd.request("GET", "/metrics").body.decode()
        self.assertIn('healthd_target_status_code{target="trading",kind="service"} 2\n', metrics)
        self.assertIn('target="trading",kind="service",type="group",critical="true"', metrics)
        self.assertNotIn('probe_duration_seconds{target="trading"', metrics)
        sentence = self.healthd.get("/api/v1/targets/trading/explain")["sentence"]
        self.assertRegex(sentence, r"^trading is DOWN since \S+ because at_least 2: 2 of 3 members "
                                   r"must be up, 1 is; DOWN: scheduler, risk_guard\.$")
        self.assertIn(sentence, self.healthctl("explain", "trading"))
        self.assertIn("  at_least: 2 of 3 members must be OK or DEGRADED\n"
                      "    OK  main_backend\n    DOWN  scheduler\n    DOWN  risk_guard\n",
                      self.healthctl("targets", "trading"))
        self.healthd.stop()

    def test_nobody_probes_or_pauses_a_group(self):
        self.start(GROUPS)
        for verb in ("probe", "pause", "resume"):
            reply = self.healthd.request("POST", f"/api/v1/targets/trading/{verb}")
            self.assertEqual(reply.status, 409, reply.body)
        self.healthd.stop()

    def test_its_alert_follows_and_outlives_a_kill(self):
        self.start(GROUPS)
        self.healthd.wait_status("OK")
        self.fail("scheduler", "risk_guard")
        wait_until(lambda: self.active("trading"), 10, "its alert")
        alert = self.active("trading")[0]
        self.assertEqual(
            (alert["level"], alert["title"], alert["message"], alert["details"]),
            ("CRITICAL", "Service DOWN: trading",
             "Service trading is down: 1 of 3 members up, 2 needed; DOWN: scheduler, risk_guard",
             {"reason": "members"}))
        self.fail("main_backend")
        wait_until(lambda: "DOWN: main_backend, scheduler" in self.active("trading")[0]["message"],
                   10, "its message follows")
        self.healthd.kill()
        self.healthd.start()
        self.wait_group("trading", "DOWN")
        self.assertEqual(self.active("trading")[0]["alert_id"], alert["alert_id"])
        self.heal(*PATHS)
        wait_until(lambda: not self.active("trading"), 10, "its end")
        ended = [one for one in self.healthd.history() if one["component"] == "trading"]
        self.assertEqual([(one["alert_id"], one["resolution"]) for one in ended],
                         [(alert["alert_id"], "recovered")])
        self.healthd.stop()

    def test_other_members_count_at_once(self):
        self.start(GROUPS)
        self.healthd.wait_status("OK")
        self.fail("scheduler", "risk_guard")
        wait_until(lambda: self.active("trading"), 10, "its alert")
        self.assertEqual(self.reload(GROUPS.replace("at_least 2", "any_up"))["changed"], 1)
        self.assertEqual(self.wait_group("trading", "DEGRADED")["error"],
                         "1 of 3 members up, 1 needed; DOWN: scheduler, risk_guard")
        fewer = GROUPS.replace("[main_backend, scheduler, risk_guard]", "[main_backend]")
        self.reload(fewer.replace("at_least 2", "all_up"))
        self.assertNotIn("error", self.wait_group("trading", "OK"))
        self.wait_group("guards", "DOWN")
        wait_until(lambda: self.active("guards"), 10, "an alert of the outer one")
        self.assertEqual(self.reload("")["removed"], 2)
        ended = [one for one in self.healthd.history() if one["component"] == "guards"]
        self.assertEqual([one["resolution"] for one in ended], ["target_removed"])
        self.assertEqual(self.healthd.request("GET", "/api/v1/targets/trading").status, 404)
        self.healthd.stop()

    def test_the_configuration_is_shown_and_compared(self):
        self.start(GROUPS)
        shown = next(target for target in self.healthd.get("/api/v1/config")["targets"]
                     if target["name"] == "trading")
        self.assertEqual(shown, {
            "name": "trading", "kind": "service", "labels": {"team": "desk"},
            "members": ["main_backend", "scheduler", "risk_guard"], "rule": "at_least 2",
            "critical": True, "notify_after": "0ms"})
        self.write(GROUPS.replace("at_least 2", "all_up"))
        self.assertRegex(self.healthctl("config", "diff", self.path), r"trading.*rule")
        self.healthd.stop()


if __name__ == "__main__":
    unittest.main()
