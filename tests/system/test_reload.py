"""A configuration that is read anew while healthd runs: what changes, and what must not."""
import os
import signal
import subprocess
import threading
import unittest

import contract
from harness import Healthd, SystemTest, binary, free_port, is_sanitized, wait_until
from recorders import StreamRecorder, SubscriberRecorder

PATHS = {"main_backend": "/health", "scheduler": "/health/scheduler", "risk_guard": "/health/risk",
         "ai_system": "/health/ai", "system_health_monitor": "/health/system"}
HOUR = ("defaults: {check_interval: 1h, failure_threshold: 1, success_threshold: 1, spread: false, "
        "notify_after: 0s}\n")
SECOND = HOUR.replace("1h", "1s")
OPEN = "gateway: {anonymous_role: operator}\n"
TROUBLE = "healthd:configuration"


class ReloadTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()
        self.path = os.path.join(self.folder, "healthd.yaml")

    def target(self, name, **settings):
        """The line of a target of the platform."""
        settings = {"name": name, "url": f"http://127.0.0.1:{self.platform.port}{PATHS[name]}",
                    **settings}
        return "  - {" + ", ".join(f"{key}: {value}" for key, value in settings.items()) + "}\n"

    def services(self, *names, **settings):
        return "services:\n" + "".join(self.target(name, **settings) for name in names)

    def write(self, text):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.path + ".new", self.path)

    def start(self, text, **variables):
        self.write(text)
        self.healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None, **variables}))
        self.healthd.argv += ["--config", self.path]
        self.healthd.start()

    def reload(self, text=None, query="", status=200):
        if text is not None:
            self.write(text)
        reply = self.healthd.request("POST", f"/api/v1/config/reload{query}", timeout=60)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json()

    def requests(self):
        return {name: target["requests"] for name, target in self.platform.state().items()}

    def names(self):
        return list(self.healthd.system()["snapshot"]["services"])

    def metric(self, name):
        text = self.healthd.request("GET", "/metrics").body.decode()
        return [line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")]


class Targets(ReloadTest):
    def test_targets_come_go_and_change_and_no_other_is_checked(self):
        names = ("main_backend", "scheduler", "risk_guard", "ai_system")
        self.start(HOUR + OPEN + self.services(*names, "system_health_monitor"))
        self.healthd.wait_status("OK")
        before = self.healthd.system()
        counted = self.requests()
        text = (HOUR + OPEN + "services:\n" + self.target("risk_guard", timeout="3s") +
                self.target("main_backend", labels="{team: core}") + self.target("ai_system") +
                self.target("scheduler"))
        body = self.reload(text)
        self.assertEqual(body, {"outcome": "reloaded", "added": 0, "removed": 1, "changed": 2,
                                "restart_needed": [], "warnings": ""})
        after = self.healthd.system()
        self.assertEqual(list(after["snapshot"]["services"]),
                         ["risk_guard", "main_backend", "ai_system", "scheduler"])
        self.assertEqual(after["status"], "OK")
        for name in names:
            self.assertEqual(after["snapshot"]["services"][name]["latency_ms"],
                             before["snapshot"]["services"][name]["latency_ms"])
        self.reload(text + self.target("system_health_monitor"))
        self.healthd.wait_status("OK")  # UNKNOWN until the new one has its first result
        asked = self.requests()
        self.assertEqual(asked.pop("system_health_monitor"), counted["system_health_monitor"] + 1)
        self.assertEqual(asked, {name: counted[name] for name in asked})

    def test_an_interval_and_a_threshold_take_effect_at_once(self):
        self.start(HOUR + OPEN + self.services("scheduler"))
        self.healthd.wait_status("OK")
        counted = self.requests()["scheduler"]
        self.platform.control("scheduler", "status", code=500)
        text = SECOND.replace("failure_threshold: 1", "failure_threshold: 3, retry_interval: 1s")
        self.reload(text + OPEN + self.services("scheduler"))
        wait_until(lambda: self.requests()["scheduler"] >= counted + 1, 10, "a check")
        self.assertEqual(self.healthd.system()["status"], "OK")
        self.healthd.wait_status("DEGRADED", 15)
        self.assertGreaterEqual(self.requests()["scheduler"], counted + 3)

    def test_a_url_changes_and_the_old_answer_does_not_count(self):
        self.start(HOUR + OPEN + self.services("scheduler"))
        self.healthd.wait_status("OK")
        self.platform.control("risk_guard", "status", code=500)
        self.reload(HOUR + OPEN + self.services("scheduler").replace("scheduler}", "risk}"))
        self.healthd.wait_status("DEGRADED")

    def test_an_alert_of_a_removed_target_ends_as_target_removed(self):
        self.start(SECOND + OPEN + self.services(*PATHS))
        self.healthd.wait_status("OK")
        recorder = SubscriberRecorder(f"tcp://127.0.0.1:{self.healthd.publish_port}")
        self.addCleanup(recorder.close)
        self.platform.control("risk_guard", "status", code=500)
        recorder.wait_alert(contract.RAISED, "risk_guard")
        kept = [name for name in PATHS if name != "risk_guard"]
        self.assertEqual(self.reload(SECOND + OPEN + self.services(*kept))["removed"], 1)
        self.assertNotIn("risk_guard", [alert["component"] for alert in self.healthd.active()])
        ended = [alert for alert in self.healthd.history() if alert["component"] == "risk_guard"]
        self.assertEqual([alert["resolution"] for alert in ended], ["target_removed"])
        recorder.wait_alert(contract.RESOLVED, "risk_guard", resolution="target_removed")
        self.healthd.wait_status("OK")

    def test_a_target_that_went_while_healthd_was_down_ends_likewise(self):
        self.start(SECOND + OPEN + self.services(*PATHS))
        self.platform.control("risk_guard", "status", code=500)
        wait_until(lambda: any(alert["component"] == "risk_guard"
                               for alert in self.healthd.active()), 10, "the alert")
        self.healthd.stop()
        self.write(SECOND + OPEN + self.services("main_backend"))
        self.healthd.start()
        ended = wait_until(lambda: [alert for alert in self.healthd.history()
                                    if alert["component"] == "risk_guard"
                                    and "resolution" in alert], 10, "its end")
        self.assertEqual(ended[0]["resolution"], "target_removed")


class Refusals(ReloadTest):
    def test_a_bad_file_leaves_the_old_one_in_force_and_is_told_everywhere(self):
        good = SECOND + OPEN + self.services("scheduler")
        self.start(good)
        self.healthd.wait_status("OK")
        detail = self.reload(good + "services: []\nlog: 1\n", status=422)["detail"]
        self.assertIn(f"{self.path}:5:1: \"services\" is here twice", detail)
        self.assertIn("  log: 1\n  ^~~\n", detail)
        self.assertEqual(self.metric("healthd_config_last_reload_successful"), ["0"])
        alert = wait_until(lambda: [alert for alert in self.healthd.active()
                                    if alert["component"] == TROUBLE], 10, "the alert")[0]
        self.assertEqual((alert["level"], alert["title"]), ("WARNING", "Configuration trouble"))
        self.assertIn("is here twice", alert["message"])
        counted = self.requests()["scheduler"]
        wait_until(lambda: self.requests()["scheduler"] > counted, 10, "checks go on")
        self.healthd.signal(signal.SIGHUP)
        wait_until(lambda: self.healthd.stderr().count("reload_refused") == 2, 10, "its line")
        self.reload(good)
        self.assertEqual(self.metric("healthd_config_last_reload_successful"), ["1"])
        wait_until(lambda: TROUBLE not in [alert["component"] for alert in self.healthd.active()],
                   10, "its end")

    def test_many_targets_go_only_by_force(self):
        self.start(HOUR + OPEN + self.services(*PATHS))
        self.healthd.wait_status("OK")
        few = HOUR + OPEN + self.services("main_backend", "scheduler", "risk_guard")
        self.assertIn("2 of 5 targets would go", self.reload(few, status=409)["detail"])
        self.assertEqual(self.names(), list(PATHS))
        self.healthd.signal(signal.SIGHUP)
        wait_until(lambda: self.healthd.stderr().count("2 of 5 targets would go") >= 2, 10, "a line")
        self.reload(query="?force=maybe", status=422)
        self.reload(query="?force=false", status=409)
        self.assertEqual(self.reload(query="?force=true")["removed"], 2)
        self.assertEqual(self.names(), ["main_backend", "scheduler", "risk_guard"])

    def test_what_takes_a_restart_is_named_each_time_and_stays(self):
        text = HOUR + OPEN + self.services("scheduler")
        self.start(text)
        text = text.replace("operator}", "operator, max_connections: 20}")
        for _ in range(2):
            self.assertEqual(self.reload(text)["restart_needed"], ["gateway.max_connections"])
        settings = self.healthd.get("/api/v1/config")["settings"]
        self.assertEqual(settings["gateway.max_connections"], 512)
        self.assertIn("restart_needed: these keys take a restart and stay as they were: "
                      "gateway.max_connections", self.healthd.stderr())

    def test_without_a_file_there_is_nothing_to_read(self):
        self.healthd = self.make_healthd(self.platform).start()
        self.healthd.wait_status("OK")
        self.healthd.signal(signal.SIGHUP)
        wait_until(lambda: "SIGHUP does nothing" in self.healthd.stderr(), 10, "the line")
        self.reload(status=409)
        self.assertEqual(self.healthd.active(), [])

    def test_a_write_needs_the_token_that_the_newest_file_names(self):
        text = HOUR + "gateway: {token: first}\n" + self.services("scheduler")
        self.start(text)
        self.reload(status=401)
        self.write(text.replace("first", "second"))
        for token, status in (("first", 200), ("first", 401), ("second", 200)):
            reply = self.healthd.request("POST", "/api/v1/config/reload",
                                         {"Authorization": f"Bearer {token}"})
            self.assertEqual(reply.status, status, reply.body)
        self.assertNotIn("second", str(self.healthd.get("/api/v1/config")))


class Parts(ReloadTest):
    def test_the_publication_moves_to_another_port(self):
        text = SECOND + OPEN + self.services("scheduler")
        ports = [free_port(), free_port()]
        files = [text + f"publish: {{endpoints: 'tcp://127.0.0.1:{port}'}}\n" for port in ports]
        self.start(files[0], HEALTHD_PUBLISH=None)
        self.healthd.wait_status("OK")
        for port, file in ((ports[1], files[1]), (ports[0], files[0])):
            self.assertEqual(self.reload(file)["restart_needed"], [])
            recorder = SubscriberRecorder(f"tcp://127.0.0.1:{port}")
            self.addCleanup(recorder.close)
            recorder.wait_for(contract.SNAPSHOT, lambda body: body["status"] == "OK", 15, "there")
        self.assertNotIn("actor_ended", self.healthd.stderr())

    def test_a_bus_and_a_collector_come_and_go(self):
        text = SECOND + OPEN + self.services(*PATHS)
        self.start(text)
        self.healthd.wait_status("OK")
        server = self.start_redis()
        url = f"redis://127.0.0.1:{server.port}"
        both = text + f"bus: {{url: '{url}'}}\ninfrastructure:\n  - {{name: redis, url: '{url}'}}\n"
        self.assertEqual(self.reload(both)["added"], 1)
        self.healthd.wait_entry("redis", lambda entry: entry["status"] == "OK")
        recorder = StreamRecorder(server.port)
        self.addCleanup(recorder.close)
        recorder.wait_for(contract.SNAPSHOT, lambda body: body["status"] == "OK", 15, "a snapshot")
        server.add_json("ess.tripped", {"reason": "test"})
        self.healthd.wait_status("CRITICAL")
        self.reload(text.replace("operator}", "operator, max_connections: 100}"))
        self.assertEqual(self.healthd.system()["infrastructure"],
                         {"ok": [], "degraded": [], "down": []})
        self.assertEqual(self.healthd.system()["status"], "CRITICAL")  # the stop holds
        self.reload(both)
        self.healthd.wait_entry("redis", lambda entry: entry["status"] == "OK")
        self.assertNotIn("actor_ended", self.healthd.stderr())

    def test_the_log_level_follows_the_file(self):
        text = HOUR + OPEN + self.services("scheduler")
        self.start(text + "logging: {level: ERROR}\n")
        self.reload(text + "logging: {level: INFO}\n")
        wait_until(lambda: "INFO reloaded: " in self.healthd.stderr(), 10, "the line")
        self.reload(text + "logging: {level: ERROR}\n")
        self.assertEqual(self.healthd.stderr().count("reloaded: "), 1)


class ManyTimes(ReloadTest):
    def two_files(self):
        """Two files whose unchanged target hangs, and whose others come, go and change."""
        names = list(PATHS)
        first = SECOND + OPEN + self.services(*names, timeout="2s")
        second = (SECOND.replace("1s", "2s") + OPEN + self.services(*names[1:], timeout="2s") +
                  "".join(self.target("main_backend", timeout="1s").replace(
                      "name: main_backend", f"name: more-{i}") for i in range(40)))
        return first, second

    def test_a_hundred_reloads_under_load_keep_the_memory(self):
        first, second = self.two_files()
        self.start(first)
        self.healthd.wait_status("OK")
        self.platform.control("risk_guard", "hang")
        stop = threading.Event()

        def read():
            while not stop.is_set():
                self.healthd.system()
        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        self.addCleanup(stop.set)
        sizes = []
        for i in range(100):
            self.write(second if i % 2 == 0 else first)
            wait_until(lambda: self.healthd.request(
                "POST", "/api/v1/config/reload?force=true", timeout=60).status == 200, 30, "a 200")
            sizes.append(self.healthd.rss_kib())
        stop.set()
        for reader in readers:
            reader.join(10)
        self.assertEqual(self.names(), list(PATHS))
        self.healthd.wait_entry("scheduler", lambda entry: entry["status"] == "OK")
        self.assertNotIn("actor_ended", self.healthd.stderr())
        print(f"RSS KiB after 20, 60 and 100 reloads: {sizes[19]}, {sizes[59]}, {sizes[99]}")
        if not is_sanitized():
            self.assertLess(sizes[99], sizes[19] + 3072)
        self.platform.control("risk_guard", "ok")
        self.healthd.wait_entry("risk_guard", lambda entry: entry["status"] == "OK", 20)
        self.healthd.stop()

    def test_a_stop_in_the_middle_of_a_reload_is_a_stop(self):
        first, second = self.two_files()
        for i in range(5):
            if i == 0:
                self.start(first)
            else:
                self.healthd.start()
            self.write(second if i % 2 == 0 else first)
            self.healthd.signal(signal.SIGHUP)
            if i > 1:
                wait_until(lambda: True, 1, "")  # a little later each time
            self.healthd.stop()

    def test_signals_that_pile_up_end_with_the_newest_file(self):
        first, second = self.two_files()
        self.start(first)
        for i in range(20):
            self.write(first if i % 2 == 0 else first.replace("1s", "3s"))
            self.healthd.signal(signal.SIGHUP)
        self.write(first + self.target("scheduler").replace("name: scheduler", "name: last"))
        self.healthd.signal(signal.SIGHUP)
        wait_until(lambda: "last" in self.names(), 15, "the newest file")


class Command(ReloadTest):
    def run_ctl(self, *arguments):
        done = subprocess.run(
            [binary("HEALTHCTL", "healthctl"), *arguments, "--url",
             f"http://127.0.0.1:{self.healthd.port}"],
            capture_output=True, text=True, timeout=60, check=False, env={})
        return done.returncode, done.stdout, done.stderr

    def test_check_diff_reload_and_show(self):
        text = HOUR + OPEN + self.services(*PATHS)
        self.start(text)
        code, out, _ = self.run_ctl("config", "diff", self.path)
        self.assertEqual((code, out), (0, "0 added, 0 removed, 0 changed\n"))
        changed = text.replace("1h", "30m").replace("name: risk_guard", "name: risk") + \
            "logging: {format: json}\n"
        self.write(changed)
        code, out, _ = self.run_ctl("config", "diff", self.path)
        self.assertEqual(code, 0)
        self.assertEqual(out.splitlines()[:3],
                         ["~ ai_system: check_interval", "~ main_backend: check_interval",
                          "+ risk"])
        self.assertIn("  logging.format changed, which takes a restart\n", out)
        self.assertTrue(out.endswith("1 added, 1 removed, 4 changed\n"), out)
        code, out, _ = self.run_ctl("config", "check", self.path)
        self.assertEqual((code, out), (0, f"{self.path}: 5 targets, 0 critical, 0 warnings\n"))
        code, out, _ = self.run_ctl("config", "reload")
        self.assertEqual(code, 0)
        self.assertEqual(out, "reloaded: 1 targets added, 1 removed, 4 changed\n"
                              "these keys take a restart and stay as they were: logging.format\n")
        code, out, _ = self.run_ctl("config", "show", "risk")
        self.assertEqual(code, 0)
        self.assertRegex(out, r'check_interval +"30m"')
        code, out, _ = self.run_ctl("config", "show", "risk", "--file", self.path)
        self.assertRegex(out, rf'check_interval +"30m" +{self.path}:1\n')
        self.assertRegex(out, r'retry_interval +"10s" +built-in\n')
        self.assertEqual(self.run_ctl("config", "show", "nobody")[0], 1)

    def test_faults_are_told_with_their_lines_and_78(self):
        self.start(HOUR + OPEN + self.services("scheduler"))
        self.write("defaults: {timeout: 60}\n")
        for arguments in (("check", self.path), ("diff", self.path), ("reload",)):
            code, out, told = self.run_ctl("config", *arguments)
            self.assertEqual((code, out), (78, ""), arguments)
            self.assertIn(f"{self.path}:1:21: timeout: \"60\" is not a duration", told)
            self.assertIn("\n                      ^~\n", told)
        self.assertEqual(self.run_ctl("config", "check")[0], 64)
        self.assertEqual(self.run_ctl("config", "chek", self.path)[0], 64)


if __name__ == "__main__":
    unittest.main()
