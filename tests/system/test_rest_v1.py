"""What /api/v1 says of targets and of healthd itself, and how it refuses."""
import gzip
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import Healthd, SystemTest, wait_until

FILE = """
version: 1
gateway: {{metric_labels: [team, tier]}}
defaults: {{check_interval: 1s, failure_threshold: 1, success_threshold: 1, notify_after: 0s}}
services:
  - {{name: 'shop-{{{{number}}}}', url: '{base}/health', labels: {{team: core, tier: 'a "b"'}},
     for_each: {{number: ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"]}}}}
  - {{name: risk_guard, url: 'http://user:secret@{host}/health/risk', critical: true}}
infrastructure:
  - {{name: postgres, url: '{base}/postgres/health', labels: {{team: data}}}}
"""


class RestV1(SystemTest):
    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()
        path = os.path.join(self.folder, "healthd.yaml")
        host = f"127.0.0.1:{self.platform.port}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(FILE.format(base=f"http://{host}", host=host))
        self.healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        self.healthd.argv += ["--config", path]
        self.healthd.start()
        self.healthd.wait_status("OK")

    def names(self, query):
        return [item["name"] for item in self.healthd.get(f"/api/v1/targets{query}")["items"]]

    def problem(self, method, path, code, **options):
        reply = self.healthd.request(method, path, **options)
        self.assertEqual(reply.status, code, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        body = reply.json()
        self.assertEqual((body["type"], body["status"]), ("about:blank", code))
        self.assertEqual(body["instance"], path.split("?")[0])
        return reply, body


class Targets(RestV1):
    def test_pages_filters_and_orders(self):
        whole = self.healthd.get("/api/v1/targets")
        self.assertEqual((whole["total"], whole["next_cursor"], len(whole["items"])),
                         (14, None, 14))
        shops = [f"shop-{number:02}" for number in range(12)]
        self.assertEqual(self.names(""), ["postgres", "risk_guard", *shops])
        self.assertEqual(self.names("?sort=-name&limit=2"), ["shop-11", "shop-10"])
        self.assertEqual(self.names("?kind=infrastructure"), ["postgres"])
        self.assertEqual(self.names("?label=team:core&label=tier:a+%22b%22&q=1"),
                         ["shop-01", "shop-10", "shop-11"])
        seen, cursor = [], ""
        while cursor is not None:
            page = self.healthd.get(f"/api/v1/targets?limit=5{cursor and '&cursor='}{cursor}")
            self.assertEqual(page["total"], 14)
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual(seen, ["postgres", "risk_guard", *shops])
        self.platform.control("risk_guard", "status", code=500)
        wait_until(lambda: self.names("?status=DOWN") == ["risk_guard"], 5, "it is DOWN")
        self.assertEqual(self.names("?sort=-status&limit=1"), ["risk_guard"])
        self.assertEqual(self.names("?sort=-since&limit=1"), ["risk_guard"])

    def test_one_target_whole_without_its_password(self):
        self.platform.control("risk_guard", "status", code=503)
        body = wait_until(
            lambda: (found := self.healthd.get("/api/v1/targets/risk_guard"))["status"] == "DOWN"
            and found, 5, "it is DOWN")
        self.assertEqual((body["kind"], body["type"], body["critical"], body["reason"]),
                         ("service", "http", True, "status"))
        self.assertIn("user:***@", body["url"])
        self.assertNotIn("secret", json.dumps(body))
        self.assertEqual((body["check_interval_ms"], body["timeout_ms"]), (1000, 5000))
        self.assertEqual(body["failure_threshold"], {"results": 1, "of": None})
        failed = body["evidence"][0]
        self.assertEqual((failed["status"], failed["reason"]), ("DOWN", "status"))
        self.assertIn("503", failed["status_line"])
        self.assertIsNone(body["pause"])
        self.assertEqual(self.healthd.get("/api/v1/targets/shop-00")["labels"],
                         {"team": "core", "tier": 'a "b"'})

    def test_tags_gzip_and_head(self):
        plain = self.healthd.request("GET", "/api/v1/targets")
        packed = self.healthd.request("GET", "/api/v1/targets", {"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(json.loads(gzip.decompress(packed.body))["total"], plain.json()["total"])
        self.assertNotEqual(packed.headers["ETag"], plain.headers["ETag"])
        head = self.healthd.request("HEAD", "/api/v1/targets")
        self.assertEqual((head.status, head.body), (200, b""))

        def again():
            tag = self.healthd.request("GET", "/api/v1/targets").headers["ETag"]
            return self.healthd.request("GET", "/api/v1/targets",
                                        {"If-None-Match": tag}).status == 304
        wait_until(again, 5, "a 304")

    def test_a_write_without_the_token_is_refused(self):
        reply, _ = self.problem("POST", "/api/v1/targets/risk_guard/probe", 401)
        self.assertEqual(reply.headers["WWW-Authenticate"], "Bearer")


class Status(RestV1):
    def test_healthd_says_what_it_is_and_whether_it_works(self):
        body = wait_until(lambda: len((found := self.healthd.get("/api/v1/status"))["actors"]) > 4
                          and found, 10, "the actors have told")
        self.assertEqual(body["status"], "OK")
        self.assertEqual(body["targets"],
                         {"total": 14, "ok": 14, "degraded": 0, "down": 0, "unknown": 0})
        self.assertTrue(body["config"]["file"].endswith("healthd.yaml"))
        self.assertRegex(body["config"]["hash"], "^[0-9a-f]{16}$")
        self.assertEqual((body["is_state_durable"], body["is_bus_connected"]), (True, None))
        self.assertGreaterEqual(body["uptime_s"], 0)
        names = {actor["name"] for actor in body["actors"]}
        self.assertLessEqual({"aggregator", "alert manager", "gateway", "publisher"}, names)
        self.healthd.request("GET", "/api/v1/status")


class Metrics(RestV1):
    def text(self):
        return self.healthd.request("GET", "/metrics").body.decode()

    def value(self, series):
        found = re.search("^" + re.escape(series) + r" (\S+)$", self.text(), re.MULTILINE)
        return float(found[1]) if found else None

    def test_what_actors_count_is_shown(self):
        down = 'healthd_probes_total{type="http",outcome="down"}'
        wait_until(lambda: self.value(down) is not None, 5, "collectors have told")
        self.platform.control("risk_guard", "status", code=500)
        wait_until(lambda: self.value(down) >= 1, 5, "the failure is counted")
        wait_until(lambda: self.value(
            'healthd_alerts_raised_total{severity="critical"}') >= 1, 5, "the alert is counted")
        self.assertGreaterEqual(self.value(
            'healthd_probe_failures_total{type="http",reason="status"}'), 1)
        self.assertEqual(self.value("healthd_state_durable"), 1)
        self.assertGreater(self.value('healthd_probe_duration_seconds_count{type="http"}'), 10)
        self.assertGreater(self.value('healthd_probe_lag_seconds_bucket{type="http",le="+Inf"}'),
                           10)
        self.assertEqual(self.value(
            'probe_http_status_code{target="risk_guard",kind="service"}'), 500)
        self.assertIn('healthd_target_info{target="shop-00",kind="service",type="http",'
                      'critical="false",team="core",tier="a \\"b\\""} 1\n', self.text())
        self.assertGreater(self.value('healthd_http_request_duration_seconds_count{'
                                      'route="/metrics",method="GET",code="200"}'), 1)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_has_nothing_to_say(self):
        wait_until(lambda: "healthd_probes_total" in self.text(), 5, "collectors have told")
        done = subprocess.run(["promtool", "check", "metrics"], input=self.text(),
                              capture_output=True, text=True, timeout=30, check=False)
        words = [line for line in (done.stdout + done.stderr).splitlines()
                 if not re.match("probe_(ip_protocol|http_.*|ssl_.*|dns_.*) ", line)]
        self.assertEqual(words, [])


class Refusals(RestV1):
    def test_errors_are_problems_below_the_api_alone(self):
        _, body = self.problem("GET", "/api/v1/targets?limit=0", 422)
        self.assertEqual(body["errors"][0]["pointer"], "?limit")
        _, body = self.problem("GET", "/api/v1/targets?colour=red", 400)
        self.assertEqual(body["errors"][0]["pointer"], "?colour")
        self.problem("GET", "/api/v1/targets/nobody", 404)
        self.problem("GET", "/api/v1/nothing", 404)
        reply, _ = self.problem("PUT", "/api/v1/targets", 405)
        self.assertEqual(reply.headers["Allow"], "GET")
        self.problem("POST", "/api/v1/targets/risk_guard/probe", 403,
                     headers={"Origin": "http://elsewhere"})
        self.problem("POST", "/api/v1/targets/risk_guard/probe", 413, body=b"x" * 70000)
        reply = self.healthd.request("GET", "/nothing")
        self.assertEqual((reply.headers["Content-Type"], reply.json()),
                         ("application/json", {"detail": "Not Found"}))


if __name__ == "__main__":
    unittest.main()
