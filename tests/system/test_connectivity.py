"""Connectivity checks: when healthd's own network is lost nothing is DOWN for it, and one alert says
so; when a target alone fails it is DOWN."""
import os
import subprocess
import unittest

from harness import Healthd, Platform, SystemTest, binary, wait_until

HEAD = ("defaults: {check_interval: 1s, retry_interval: 1s, failure_threshold: 1, "
        "success_threshold: 1, jitter: 0%, notify_after: 0s}\n"
        "gateway: {anonymous_role: operator}\n")


PATHS = {"main_backend": "/health", "scheduler": "/health/scheduler"}


class Connectivity(SystemTest):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.folder, "healthd.yaml")
        self.platform = self.start_platform()
        self.outside = self.keep(Platform(self.folder)).start()

    def write(self, checks, services=("main_backend", "scheduler"), labels="reach: internet"):
        """SERVICES of the platform, the last one with LABELS, and the file's CHECKS."""
        lines = [HEAD, f"system: {{connectivity_checks: [{checks}]}}\n" if checks else "",
                 "services:\n"]
        for name in services:
            label = f", labels: {{{labels}}}" if name == services[-1] else ""
            lines.append(f"  - {{name: {name}, url: \"http://127.0.0.1:{self.platform.port}"
                         f"{PATHS[name]}\"{label}}}\n")
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write("".join(lines))
        os.rename(self.path + ".new", self.path)

    def check(self, interval="1h", extra=""):
        """A check of the outside. It comes by itself once an hour: only questions can help."""
        base = f"http://127.0.0.1:{self.outside.port}"
        return (f"{{name: uplink, any_of: [\"{base}/health\", \"{base}/health/risk\"], "
                f"check_interval: {interval}, timeout: 2s{extra}}}")

    def start(self, *args, **arguments):
        self.write(*args, **arguments)
        self.healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        self.healthd.argv += ["--config", self.path]
        self.healthd.start()

    def status(self):
        return self.healthd.get("/api/v1/status")

    def sight(self):
        return {it["name"]: it["sight"] for it in self.status()["connectivity_checks"]}

    def wait_sight(self, sight):
        wait_until(lambda: self.sight() == {"uplink": sight}, 10, f"uplink is {sight}")

    def wait_for(self, name, status, reason=None):
        body = self.healthd.wait_entry(
            name, lambda it: it["status"] == status and reason in (None, it.get("reason")), 15)
        return body["snapshot"]["services"][name]

    def metric(self, name):
        lines = self.healthd.request("GET", "/metrics").body.decode().splitlines()
        return [line for line in lines if line.startswith(name)]

    def raised(self):
        """Components of all alerts there ever were."""
        return sorted(it["component"] for it in self.healthd.history())

    def blind_everything(self):
        self.outside.kill()
        self.platform.kill()
        for name in ("main_backend", "scheduler"):
            self.wait_for(name, "UNKNOWN", "blind")

    def restart(self, platform):
        """The same listener on the same port."""
        platform.argv[platform.argv.index("--listen") + 1] = f"127.0.0.1:{platform.port}"
        platform.start()

    def test_a_lost_network_is_one_alert_and_no_target_is_down(self):
        self.start(self.check())
        self.healthd.wait_status("OK")
        self.wait_sight("ok")
        self.assertIs(self.status()["blind"], False)
        self.assertEqual(self.metric("healthd_blind"), ['healthd_blind{reason="uplink"} 0'])

        self.blind_everything()
        self.assertEqual(self.sight(), {"uplink": "lost"})
        self.assertIs(self.status()["blind"], True)
        self.assertEqual(self.metric("healthd_blind"), ['healthd_blind{reason="uplink"} 1'])
        shown = self.healthd.get("/api/v1/targets/scheduler")
        self.assertRegex(shown["error"],
                         "^blind: connectivity check uplink fails; this one: Connection failed")
        self.healthd.wait_status("UNKNOWN")
        alerts = wait_until(self.healthd.active, 5, "the alert")
        self.assertEqual([(it["component"], it["level"], it["title"]) for it in alerts],
                         [("healthd:blind", "CRITICAL", "Blind: own network lost")])
        self.assertEqual(alerts[0]["details"], {"connectivity_checks": ["uplink"]})
        self.assertIn("uplink", alerts[0]["message"])

        words = self.healthctl("explain", "scheduler")
        self.assertIn("own network was lost", words)
        self.assertIn("+ connectivity: connectivity check uplink fails", words)
        words = self.healthctl("status", code=3)
        self.assertRegex(words, r"\n  blind: connectivity check uplink fails since 20\d\d-")

        # The outside is back, the platform is not: now it is known to be DOWN.
        self.restart(self.outside)
        self.wait_sight("ok")
        for name in ("main_backend", "scheduler"):
            self.wait_for(name, "DOWN", "refused")
        self.restart(self.platform)
        self.healthd.wait_status("OK")
        wait_until(lambda: self.healthd.active() == [], 5, "no alert is active")
        self.assertEqual(self.metric("healthd_blind"), ['healthd_blind{reason="uplink"} 0'])
        self.assertEqual(self.raised().count("healthd:blind"), 1)
        words = self.healthd.stderr()
        self.assertIn("connectivity check uplink fails", words)
        self.assertIn("connectivity check uplink sees again", words)

    def healthctl(self, *args, code=None):
        done = subprocess.run(
            [binary("HEALTHCTL", "healthctl"), "--url",
             f"http://127.0.0.1:{self.healthd.port}", *args],
            capture_output=True, text=True, timeout=20, check=False)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_a_target_that_fails_alone_is_down(self):
        self.start(self.check())
        self.healthd.wait_status("OK")
        before = self.outside.state()["main_backend"]["requests"]
        self.platform.kill()
        for name in ("main_backend", "scheduler"):
            self.wait_for(name, "DOWN", "refused")
        self.assertGreater(self.outside.state()["main_backend"]["requests"], before)
        self.assertEqual(self.sight(), {"uplink": "ok"})
        self.assertNotIn("healthd:blind", self.raised())

    def test_targets_that_do_not_match_are_judged_alone(self):
        self.start(self.check(extra=", applies_to: ['reach=\"internet\"']"))
        self.healthd.wait_status("OK")
        self.outside.kill()
        self.platform.kill()
        self.wait_for("main_backend", "DOWN", "refused")
        self.wait_for("scheduler", "UNKNOWN", "blind")
        self.healthd.wait_status("DEGRADED")

    def test_what_was_down_keeps_its_alert_while_blind(self):
        self.start(self.check())
        self.healthd.wait_status("OK")
        self.platform.control("scheduler", "status", code=500)
        self.wait_for("scheduler", "DOWN", "status")
        alert = wait_until(
            lambda: [it for it in self.healthd.active() if it["component"] == "scheduler"], 5,
            "its alert")[0]
        self.blind_everything()
        self.assertIn(alert["alert_id"], [it["alert_id"] for it in self.healthd.active()])

    def test_a_check_that_never_saw_is_told_and_not_blind(self):
        self.outside.kill()
        self.start(self.check())
        self.healthd.wait_status("OK")
        self.wait_sight("never")
        self.assertIs(self.status()["blind"], False)
        self.assertIn("connectivity check uplink has never seen", self.healthctl("status"))
        self.platform.kill()
        self.wait_for("scheduler", "DOWN", "refused")
        self.assertIn("none of its addresses has answered since the start", self.healthd.stderr())

    def test_addresses_are_shown_nowhere_and_a_reload_takes_them_away(self):
        self.start(self.check(interval="1s"))
        self.healthd.wait_status("OK")
        self.wait_sight("ok")
        body = self.healthd.system()
        self.assertEqual(sorted(body["snapshot"]["services"]), ["main_backend", "scheduler"])
        self.assertEqual(body["snapshot"]["infra"], {})
        self.assertEqual(self.status()["targets"]["total"], 2)
        self.assertNotIn(str(self.outside.port), self.healthd.request("GET", "/metrics").body.decode())
        self.assertEqual(len(self.healthd.get("/api/v1/targets")["items"]), 2)

        self.outside.kill()
        self.wait_sight("lost")  # by its own interval: no target has failed
        self.healthd.wait_status("OK")
        wait_until(lambda: [it["component"] for it in self.healthd.active()] == ["healthd:blind"],
                   5, "the alert")
        self.write(None)
        reply = self.healthd.request("POST", "/api/v1/config/reload", timeout=60)
        self.assertEqual(reply.status, 200, reply.body)
        wait_until(lambda: self.healthd.active() == [], 5, "the alert has ended")
        self.assertEqual(self.status()["connectivity_checks"], [])
        self.assertIs(self.status()["blind"], False)
        self.assertEqual(self.metric("healthd_blind{"), [])
        self.platform.kill()
        self.wait_for("scheduler", "DOWN", "refused")

        self.restart(self.outside)
        self.write(self.check(interval="1s"))
        reply = self.healthd.request("POST", "/api/v1/config/reload", timeout=60)
        self.assertEqual(reply.status, 200, reply.body)
        self.wait_sight("ok")


if __name__ == "__main__":
    unittest.main()
