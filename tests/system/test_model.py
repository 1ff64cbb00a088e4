"""What the health model makes of many results: thresholds that look back, and flapping."""
import os
import unittest

from harness import Healthd, SystemTest, wait_until

TARGET = "services: [{{name: shop, url: 'http://127.0.0.1:{port}/health', {settings}}}]\n"
AT_ONCE = "check_interval: 1s, retry_interval: 1s, spread: false, jitter: 0%, notify_after: 0s"


class ModelTest(SystemTest):
    def start_with(self, text):
        path = os.path.join(self.folder, "healthd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        healthd.argv += ["--config", path]
        return healthd.start()

    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()

    def n_checks(self):
        return self.platform.state()["main_backend"]["requests"]

    def answer(self, codes):
        """Answers the next checks, one code each."""
        for code in codes:
            before = self.n_checks()
            self.platform.control("main_backend", "status", code=code)
            wait_until(lambda known=before: self.n_checks() > known, 5, "the next check")

    def entry(self, healthd):
        return healthd.system()["snapshot"]["services"]["shop"]

    def components(self, healthd):
        return [alert["component"] for alert in healthd.active()]

    def test_three_bad_of_the_last_five_turn_though_good_ones_lie_between(self):
        healthd = self.start_with(TARGET.format(
            port=self.platform.port,
            settings=AT_ONCE + ", failure_threshold: 3 of 5, success_threshold: 1") +
            "system: {flap_detection: {enabled: false}}\n")
        healthd.wait_status("OK")
        self.answer((503, 200, 503, 200))
        self.assertEqual(self.entry(healthd)["status"], "OK")
        self.platform.control("main_backend", "status", code=503)
        healthd.wait_entry("shop", lambda entry: entry["status"] == "DOWN", 5)
        healthd.stop()

    def test_a_flapping_target_is_told_once_in_and_once_out(self):
        healthd = self.start_with(TARGET.format(
            port=self.platform.port,
            settings=AT_ONCE + ", failure_threshold: 1, success_threshold: 1") +
            "system: {flap_detection: {window: 6, high: 70%, low: 20%}}\n")
        healthd.wait_status("OK")
        self.answer((503, 200, 503, 200, 503, 200))
        healthd.wait_entry("shop", lambda entry: entry.get("flapping"), 5)
        wait_until(lambda: "shop:flapping" in self.components(healthd), 5, "the notice")
        notice = next(alert for alert in healthd.active()
                      if alert["component"] == "shop:flapping")
        self.assertEqual((notice["level"], notice["title"], notice["kind"]),
                         ("WARNING", "Service flapping: shop", "flapping"))
        reply = healthd.request("GET", "/metrics").body.decode()
        self.assertIn('healthd_target_flapping{target="shop",kind="service"} 1\n', reply)
        known = len(healthd.history())
        self.answer((503, 200, 503, 200))
        shop = [alert for alert in healthd.history()[known:]
                if alert["component"].startswith("shop")]
        self.assertEqual(shop, [])  # no turn was told
        wait_until(lambda: "shop:flapping" not in self.components(healthd), 20, "the end")
        self.assertNotIn("flapping", self.entry(healthd))
        ended = [alert for alert in healthd.history() if alert["component"] == "shop:flapping"]
        self.assertEqual([alert["alert_id"] for alert in ended], [notice["alert_id"]])
        healthd.stop()


if __name__ == "__main__":
    unittest.main()
