"""Heartbeats: pings of real curl, silence, kill -9 and reload."""
import os
import signal
import subprocess
import time
import unittest

from harness import Healthd, SystemTest, wait_until

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"


class Heartbeats(SystemTest):
    def start(self, settings="period: 1h", others=""):
        """healthd with the heartbeat `job`, and `other` by a schedule."""
        self.path = os.path.join(self.folder, "healthd.yaml")
        self.write(settings, others)
        self.healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        self.healthd.argv += ["--config", self.path]
        return self.healthd.start()

    def write(self, settings, others=""):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("services:\n"
                       "  - name: job\n    url: \"heartbeat:\"\n"
                       f"    heartbeat: {{token: {TOKEN}, {settings}}}\n"
                       "  - name: other\n    url: \"heartbeat:\"\n"
                       f"    heartbeat: {{token: {OTHER}, schedule: '30 2 * * *',"
                       f" timezone: Europe/Oslo}}\n{others}")

    def ping(self, path="", *options):
        """The code that curl, as a crontab calls it, gets for /ping/TOKEN."""
        done = subprocess.run(
            ["curl", "-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", *options,
             f"http://127.0.0.1:{self.healthd.port}/ping/{TOKEN}{path}"],
            capture_output=True, text=True, timeout=20, check=True)
        return int(done.stdout)

    def target(self, name="job"):
        return self.healthd.get(f"/api/v1/targets/{name}")

    def wait_target(self, status, reason, seconds=10):
        def ask():
            target = self.target()
            return target if (target["status"], target["reason"]) == (status, reason) else None
        return wait_until(ask, seconds, f"job is {status} for {reason}")


class Pings(Heartbeats):
    def test_a_job_tells_its_start_its_end_and_its_exit_code(self):
        self.start()
        self.wait_target("UNKNOWN", "no_ping")
        self.assertEqual(self.ping("/start"), 200)
        wait_until(lambda: self.target()["heartbeat"]["started_at"], 5, "the start shows")
        self.assertEqual(self.ping(), 200)
        target = self.wait_target("OK", "none")
        self.assertGreater(target["latency_ms"], 0)
        self.assertIsNone(target["heartbeat"]["started_at"])
        self.assertEqual(self.ping("/3", "--data-binary", "disk full"), 200)
        target = self.wait_target("DOWN", "job_failed")
        self.assertEqual(target["error"], "The job ended with exit code 3")
        self.assertEqual(target["details"], {"raw": "disk full"})
        self.assertEqual(target["evidence"][0]["output"], "disk full")
        self.assertEqual(self.ping("", "-I"), 200)
        self.wait_target("OK", "none")

    def test_who_has_no_token_changes_nothing_and_learns_nothing(self):
        self.start()
        for path in ("/ping/wrong", f"/ping/{TOKEN[:-1]}", f"/ping/{TOKEN}/256", f"/ping/{TOKEN}/x",
                     f"/ping/{TOKEN}/-1", "/ping/%00"):
            self.assertEqual(self.healthd.request("GET", path).status, 404, path)
        for path in ("job", f"job?token={OTHER}", f"nobody?token={TOKEN}", "nobody"):
            reply = self.healthd.request("POST", f"/api/v1/heartbeats/{path}")
            self.assertEqual(reply.status, 401, path)
            self.assertNotIn(TOKEN.encode(), reply.body)
        self.wait_target("UNKNOWN", "no_ping")
        reply = self.healthd.request("POST", "/api/v1/heartbeats/job",
                                     {"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual((reply.status, reply.json()["target"]), (200, "job"))
        self.assertEqual(self.healthd.request("GET", f"/api/v1/heartbeats/job/log?token={TOKEN}")
                         .status, 200)
        self.wait_target("OK", "none")
        for path in ("/api/v1/config", "/api/v1/targets/job", "/metrics"):
            self.assertNotIn(TOKEN.encode(), self.healthd.request("GET", path).body)
        self.assertNotIn(TOKEN, self.healthd.stderr())

    def test_a_flood_of_pings_is_refused(self):
        self.start()
        codes = {self.healthd.request("GET", f"/ping/{TOKEN}").status for _ in range(100)}
        self.assertEqual(codes, {200, 429})


class Silence(Heartbeats):
    def test_a_late_one_is_degraded_and_a_missed_one_down(self):
        self.start("period: 1s, grace: 2s, tolerance: 500ms")
        self.assertEqual(self.ping(), 200)
        self.wait_target("OK", "none")
        self.wait_target("DEGRADED", "late")
        target = self.wait_target("DOWN", "missed")
        self.assertIn("and did not come", target["error"])
        self.assertEqual(self.ping(), 200)
        self.wait_target("OK", "none")

    def test_a_run_that_takes_too_long_is_down(self):
        self.start("period: 1h, max_runtime: 1s")
        self.assertEqual((self.ping(), self.ping("/start")), (200, 200))
        self.wait_target("DOWN", "overrun")


class Memory(Heartbeats):
    def test_what_was_answered_survives_kill_9_and_the_deadline_goes_on(self):
        self.start("period: 4s, grace: 2s")
        for code in (1, 2, 3):
            self.assertEqual(self.ping(f"/{code}"), 200)
            self.healthd.kill()
            self.healthd.start()
            self.assertEqual(self.wait_target("DOWN", "job_failed")["heartbeat"]["exit_code"], code)
        self.assertEqual(self.ping(), 200)
        deadline = self.wait_target("OK", "none")["heartbeat"]["deadline_at"]
        pinged = time.monotonic()
        self.healthd.kill()
        self.healthd.start()
        self.assertEqual(self.wait_target("OK", "none")["heartbeat"]["deadline_at"][:21],
                         deadline[:21])
        self.wait_target("DOWN", "missed")
        self.assertGreater(time.monotonic() - pinged, 4)

    def test_a_reload_keeps_what_is_known(self):
        self.start()
        self.assertEqual(self.ping("/7"), 200)
        self.wait_target("DOWN", "job_failed")
        self.write("period: 2h", "  - {name: web, url: 'http://127.0.0.1:9/'}\n")
        self.healthd.signal(signal.SIGHUP)
        wait_until(lambda: self.healthd.request("GET", "/api/v1/targets/web").status == 200, 10,
                   "the new target is there")
        target = self.wait_target("DOWN", "job_failed")
        self.assertEqual(target["heartbeat"]["exit_code"], 7)
        self.assertEqual(self.ping(), 200)
        self.wait_target("OK", "none")


if __name__ == "__main__":
    unittest.main()
