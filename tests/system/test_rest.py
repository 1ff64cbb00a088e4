"""Every body of the REST routes, in every state that the sample platform can play."""
import json
import os
import unittest

import contract
from harness import ROOT, SystemTest, wait_until

GOLDEN = os.path.join(ROOT, "tests", "golden", "states.jsonl")
# What makes the platform show each golden state: (target, mode, arguments, posted body).
STATES = {
    "all-ok": None,
    "noncritical-500": ("system_health_monitor", "status", {"code": 503}, b""),
    "noncritical-404": ("system_health_monitor", "status", {"code": 404}, b""),
    "critical-404": ("risk_guard", "status", {"code": 404}, b""),
    "critical-500": ("risk_guard", "status", {"code": 500}, b""),
    "critical-204": ("risk_guard", "status", {"code": 204}, b""),
    "infra-500": ("postgres", "status", {"code": 500}, b""),
    "infra-timeout": ("postgres", "hang", {}, b""),
    "lat-1.2": ("ai_system", "slow", {"delay_ms": 1200}, b""),
    "lat-4.9": ("ai_system", "slow", {"delay_ms": 4700}, b""),  # 0.3 s for a busy machine
    "lat-5.5": ("ai_system", "slow", {"delay_ms": 5500}, b""),
    "lat-5.5-noncrit": ("system_health_monitor", "slow", {"delay_ms": 5500}, b""),
    "body-nonjson": ("ai_system", "body", {}, b"<html>" + b"x" * 400),
    "body-degraded": ("ai_system", "body", {}, '{"status":"unhealthy","n":1.5,"u":"é"}'.encode()),
    "body-list": ("ai_system", "body", {}, b"[1,2]"),
    "body-empty": ("ai_system", "empty", {}, b""),
    "redirect": ("ai_system", "redirect", {"to": "/health"}, b""),
    "redirect-loop": ("ai_system", "loop", {}, b""),
}
SLOW = ("infra-timeout", "lat-1.2", "lat-4.9", "lat-5.5", "lat-5.5-noncrit")


def golden_states():
    with open(GOLDEN, encoding="utf-8") as file:
        states = {one["state"]: one for one in map(json.loads, file)}
    # Section 9 and 11: healthd names the cause; the platform redirects to a path that it has.
    states["lat-5.5-noncrit"]["system"]["critical_failures"] = ["Latency: system_health_monitor"]
    redirected = states["redirect"]["system"]["snapshot"]["services"]["ai_system"]
    redirected["details"]["path"] = "/health"
    return states


def comparable(value, key=None):
    """VALUE with what no two runs share put to a common text: times, latencies, error texts."""
    if key == "timestamp":
        return "at"
    if key == "error":
        return value if value == "Request timeout" else value.partition(": ")[0]
    if key is not None and key.endswith("latency_ms") and value is not None:
        return "no time" if value < 1000 else "over 1 s" if value <= 5000 else "over 5 s"
    if isinstance(value, dict):
        return {name: comparable(one, name) for name, one in value.items()}
    return [comparable(one) for one in value] if isinstance(value, list) else value


def shown(entry):
    """An entry without keys that the contract does not know: a body may carry more."""
    return {key: value for key, value in entry.items()
            if key in ("status", "latency_ms", "details", "error", "critical")}


def without_more(body, golden):
    """BODY without keys that GOLDEN, or an entry of the contract, does not have."""
    if not isinstance(golden, dict):
        return body
    pruned = {key: without_more(value, golden[key]) for key, value in body.items()
              if key in golden and key not in ("services", "infra")}
    for key in body.keys() & golden.keys() & {"services", "infra"}:
        entries = body[key]
        pruned[key] = ({name: shown(entry) for name, entry in entries.items()}
                       if isinstance(next(iter(entries.values())), dict) else entries)
    return pruned


def without_average(body):
    """The average moves with the other services' latency; check_system() recomputes it."""
    for holder in (body.get("performance"), body.get("gauges")):
        if holder:
            holder.pop("avg_service_latency_ms")
    return body


def read_together(healthd, are_alerts_due=True):
    """Bodies of system, metrics and active alerts of one snapshot, alerts caught up with it."""
    def ask():
        alerts, system = healthd.get("/alerts/active"), healthd.system()
        metrics = healthd.get("/health/metrics")
        is_one = (system["timestamp"] == metrics["timestamp"] == healthd.system()["timestamp"]
                  and alerts == healthd.get("/alerts/active"))
        is_caught_up = ([alert["component"] for alert in alerts["alerts"]]
                        == list(contract.expected_alerts(system)))
        return (system, metrics, alerts) if is_one and is_caught_up >= are_alerts_due else None
    return wait_until(ask, 10, "system, metrics and alerts of one snapshot")


class GoldenStates(SystemTest):
    def start_state(self, name, database):
        """Another platform and healthd, in golden state NAME from their first moment on."""
        platform = self.start_platform()
        if STATES[name]:
            target, mode, arguments, body = STATES[name]
            platform.control(target, mode, body, **arguments)
        return self.make_healthd(
            platform, REDIS_URL=f"redis://127.0.0.1:{self.redis.port}/{database}").start()

    def judge_state(self, name, healthd):
        golden = golden_states()[name]
        healthd.wait_status(golden["system"]["status"], 15)

        def are_all_known():
            body = healthd.system()
            entries = {**body["snapshot"]["services"], **body["snapshot"]["infra"]}
            return all(entry["status"] != "UNKNOWN" for entry in entries.values())
        wait_until(are_all_known, 15, f"every target has a result in {name}")
        system, metrics, alerts = read_together(healthd)
        with self.subTest(state=name):
            self.assertEqual(contract.check_system(system), [])
            self.assertEqual(contract.check_metrics(metrics, system, alerts["alerts"]), [])
            for ours, theirs in ((system, golden["system"]), (metrics, golden["metrics"])):
                theirs.pop("alerts", None)  # not golden
                self.assertEqual(without_average(comparable(without_more(ours, theirs))),
                                 without_average(comparable(theirs)))
            self.judge_alerts(system, alerts)

    def judge_alerts(self, system, body):
        self.assertEqual(contract.check_keys("active", body, ["alerts", "count"]), [])
        self.assertEqual(body["count"], len(body["alerts"]))
        expected = contract.expected_alerts(system)
        self.assertEqual([alert["component"] for alert in body["alerts"]], list(expected))
        for alert in body["alerts"]:
            self.assertEqual(contract.check_alert(alert), [])
            self.assertEqual(expected[alert["component"]], tuple(
                alert[key] for key in ("level", "title", "message", "details")))

    def test_every_golden_state_reads_as_the_existing_service_wrote_it(self):
        self.assertEqual(set(STATES), set(golden_states()))
        self.redis = self.start_redis()
        slow = {name: self.start_state(name, database + 1) for database, name in enumerate(SLOW)}
        for name in STATES:
            if name not in SLOW:
                healthd = self.start_state(name, 0)
                self.judge_state(name, healthd)
                healthd.stop()
        for name, healthd in slow.items():
            self.judge_state(name, healthd)
            healthd.stop()


class Outcomes(SystemTest):
    """Section 3: code, body or fault of a target -> its entry."""

    def entries(self, rows):
        """Entries of a new healthd while target -> (mode, arguments, posted body) is so."""
        if not hasattr(self, "platform"):
            self.platform = self.start_platform()
        self.platform.control("all", "ok")
        for target, (mode, arguments, body) in rows.items():
            self.platform.control(target, mode, body, **arguments)
        healthd = self.make_healthd(self.platform).start()

        def ask():
            body = healthd.system()
            entries = {**body["snapshot"]["services"], **body["snapshot"]["infra"]}
            return all(entry["status"] != "UNKNOWN" for entry in entries.values()) and entries
        entries = wait_until(ask, 10, "every target has a result")
        self.assertEqual(contract.check_system(healthd.system(), None, contract.INFRA[1:]), [])
        healthd.stop()
        return entries

    def test_codes(self):
        for code in (200, 201, 204, 206, 301, 304, 404, 451, 499, 500, 503, 599, 600, 999):
            entries = self.entries({name: ("status", {"code": code}, b"")
                                    for name in ("risk_guard", "postgres")})
            status = "OK" if code == 200 else "DOWN" if 500 <= code < 600 else "DEGRADED"
            with self.subTest(code=code):
                service = shown(entries["risk_guard"])
                self.assertIsNotNone(service.pop("latency_ms"))
                details = {"status_code": code}
                if code == 200:
                    details = {"status": "ok", "path": "/health/risk"}
                self.assertEqual(service, {"status": status, "details": details, "critical": True})
                infra = shown(entries["postgres"])
                self.assertIsNotNone(infra.pop("latency_ms"))
                expected = {"status": "OK"}
                if code != 200:
                    expected = {"status": "DEGRADED", "error": f"Status code: {code}"}
                self.assertEqual(infra, expected)

    def judge_bodies(self, bodies):
        """BODIES: list of (posted body, details). Five at a time, one for each service."""
        names = list(contract.SERVICES)
        for begin in range(0, len(bodies), len(names)):
            batch = dict(zip(names, bodies[begin:begin + len(names)]))
            entries = self.entries({name: ("body", {}, row[0]) for name, row in batch.items()})
            for name, (body, details) in batch.items():
                with self.subTest(body=body[:60], n=len(body)):
                    self.assertEqual(entries[name]["status"], "OK")
                    self.assertEqual(entries[name]["details"], details)
                    self.assertIs(type(entries[name]["details"]), type(details))

    def test_a_body_that_is_json_is_shown_whatever_its_type(self):
        texts = ["3", "-0.5", '"text"', "null", "true", "[]", "{}", " \r\n\t[1, 2]\n ",
                 '{"a":[{"b":null},1e300,1.5e-7]}', "9223372036854775807", "-9223372036854775808",
                 '{"\\u00e9\\ud83d\\ude00":"\\u0001\\"\\\\"}', '"a\\u0000b"',
                 "[" * 24 + "]" * 24, json.dumps("a" * (256 * 1024 - 2)), '{"status":"DOWN"}']
        self.judge_bodies([(text.encode(), json.loads(text)) for text in texts])

    def test_a_body_that_is_not_json_is_shown_raw_by_its_first_200_characters(self):
        rows = [(text.encode(), {"raw": text[:200]}) for text in (
            "all is well", "é" * 300, "\U0001f600" * 199 + "ab", "{} x", "{'a':1}", '{"a":1,}',
            "[NaN]", "Infinity", '{"a":-Infinity}', "1e999", "[" * 25 + "]" * 25,
            "18446744073709551616", "-9223372036854775809", json.dumps("a" * (256 * 1024)),
            "<p>\"\\\x01\x7f")]
        rows += [(b"caf\xe9 \xff", {"raw": "caf\ufffd \ufffd"}),
                 (b"\xed\xa0\x80", {"raw": "\ufffd" * 3})]
        self.judge_bodies(rows)

    def test_bytes_that_are_not_utf8_within_json(self):
        self.judge_bodies([(b'{"a":"x\xffy"}', {"a": "x\ufffdy"})])
        entries = self.entries({"ai_system": ("invalid_utf8", {}, b"")})
        self.assertEqual(entries["ai_system"]["details"]["status"][:2], "\ufffd\ufffd")

    def test_faults_of_a_connection(self):
        for mode in ("reset", "garbage", "short", "loop"):
            entries = self.entries({name: (mode, {}, b"") for name in ("risk_guard", "postgres",
                                                                       "binance_api")})
            with self.subTest(mode=mode):
                for name, start in (("risk_guard", "Unexpected error: "),
                                    ("postgres", "Postgres check failed: "),
                                    ("binance_api", "Binance API check failed: ")):
                    entry = entries[name]
                    self.assertEqual((entry["status"], entry["latency_ms"]), ("DOWN", None))
                    self.assertTrue(entry["error"].startswith(start), entry)
                    self.assertGreater(len(entry["error"]), len(start))

    def test_refused_unknown_hosts_and_tls_faults(self):
        platform = self.start_platform()
        for base, start in (("http://127.0.0.1:9", "Connection failed: "),
                            ("http://no-such-host.invalid:80", "Connection failed: "),
                            (f"https://127.0.0.1:{platform.port}", "Unexpected error: ")):
            healthd = self.make_healthd(BASE_SERVICE_URL=base).start()
            body = healthd.wait_entry("main_backend", lambda entry: entry["status"] == "DOWN")
            with self.subTest(base=base):
                self.assertEqual(contract.check_system(body, None, contract.INFRA[1:]), [])
                entry = body["snapshot"]["services"]["main_backend"]
                self.assertIsNone(entry["latency_ms"])
                self.assertTrue(entry["error"].startswith(start), entry)
            healthd.stop()


class BeforeResults(SystemTest):
    def test_unknown_until_each_target_has_a_result(self):
        platform = self.start_platform()
        platform.control("all", "hang")
        healthd = self.make_healthd(platform).start()
        infra = contract.INFRA[1:]
        body = healthd.system()
        self.assertEqual(contract.check_system(body, None, infra), [])
        self.assertEqual(body["status"], "UNKNOWN")
        self.assertEqual(shown(body["snapshot"]["services"]["risk_guard"]),
                         {"status": "UNKNOWN", "latency_ms": None, "critical": True})
        self.assertEqual(shown(body["snapshot"]["infra"]["postgres"]),
                         {"status": "UNKNOWN", "latency_ms": None})
        metrics = healthd.get("/health/metrics")
        self.assertTrue(contract.ISO.fullmatch(metrics.pop("timestamp")))
        self.assertEqual(metrics, {"status": "no_data",
                                   "message": "No health data collected yet"})
        platform.control("risk_guard", "status", code=500)  # answers the check that hangs
        healthd.wait_status("CRITICAL")
        system, metrics, alerts = read_together(healthd, False)  # half a picture raises none yet
        self.assertEqual(contract.check_system(system, None, infra), [])
        self.assertEqual(contract.check_metrics(metrics, system, alerts["alerts"]), [])
        self.assertEqual(system["services"], {"ok": [], "degraded": [], "down": ["risk_guard"]})
        self.assertEqual(metrics["counters"]["total_services"], 5)
        platform.control("risk_guard", "ok")
        healthd.wait_status("UNKNOWN")
        platform.control("all", "ok")
        healthd.wait_status("OK")
        healthd.stop()


class Reads(SystemTest):
    def test_health_says_that_healthd_lives(self):
        self.start_all()
        body = self.healthd.get("/health")
        self.assertEqual(contract.check_keys("health", body, ["status", "service", "timestamp"]),
                         [])
        self.assertEqual((body["status"], body["service"]),
                         ("healthy", "monitoring-health-service"))
        self.assertTrue(contract.ISO.fullmatch(body["timestamp"]))
        self.healthd.stop()

    def test_no_request_starts_a_check(self):
        self.start_all(HEALTH_CHECK_INTERVAL="86400")
        timestamps = {self.healthd.system()["timestamp"] for _ in range(30)}
        self.healthd.get("/health/metrics")
        requests = {name: one["requests"] for name, one in self.platform.state().items()}
        self.assertEqual(requests, dict.fromkeys(requests, 1))
        self.assertEqual(len(timestamps), 1)
        self.healthd.stop()


if __name__ == "__main__":
    unittest.main()
