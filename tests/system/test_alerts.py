"""The life of alerts as Redis, PUB and REST show it, over restarts and kill -9."""
import unittest

import contract
from harness import SystemTest, wait_until
from recorders import StreamRecorder, judge_events, without_repeats


class AlertTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.start_all()
        self.recorder = StreamRecorder(self.redis.port)
        self.addCleanup(self.recorder.close)

    def break_(self, name, code=500):
        self.platform.control(name, "status", code=code)

    def mend(self, name="all"):
        self.platform.control(name, "ok")

    def ids(self):
        return {alert["component"]: alert["alert_id"] for alert in self.healthd.active()}

    def wait_active(self, *components, seconds=10):
        """The active alerts once they are those of COMPONENTS, in this order."""
        last = []

        def ask():
            last[:] = self.healthd.active()
            return [alert["component"] for alert in last] == list(components)
        try:
            wait_until(ask, seconds, f"active alerts of {components}")
        except AssertionError as late:
            raise AssertionError(f"{late}; last: {last}") from None
        return list(last)

    def told(self, event_type, **values):
        return [event.payload for event in self.recorder.of(event_type)
                if values.items() <= event.payload.items()]

    def wait_resolved(self, alert, resolution, seconds=10):
        """The event that ends ALERT, which is the alert as it stood, and two keys more."""
        payload = self.recorder.wait_alert(contract.RESOLVED, alert["component"], seconds,
                                           alert_id=alert["alert_id"]).payload
        self.assertEqual(payload["resolution"], resolution)
        self.assertGreaterEqual(payload["resolved_at"], alert["timestamp"])
        for key in ("alert_id", "level", "title", "component", "timestamp"):
            self.assertEqual(payload[key], alert[key])
        return payload

    def wait_snapshots(self, number=2):
        """Waits for NUMBER snapshots more, in which nothing may be raised again."""
        seen = len(self.recorder.of(contract.SNAPSHOT))
        wait_until(lambda: len(self.recorder.of(contract.SNAPSHOT)) >= seen + number,
                   5 + 2 * number, "snapshots")

    def finish(self):
        """Every event told was a sound one, each alert had one beginning and at most one end."""
        self.wait_snapshots(1)
        events = self.recorder.seen()
        self.assertEqual(judge_events(events), [])  # a repeat after kill -9 is the same event
        raised = [event.payload["alert_id"] for event in without_repeats(events)[0]
                  if event.type == contract.RAISED]
        history = self.healthd.history()
        self.assertEqual([alert["alert_id"] for alert in history], raised)
        for alert in history:
            self.assertEqual(contract.check_alert(alert), [])
        self.healthd.stop()


class Life(AlertTest):
    def test_raised_once_in_the_order_system_services_infra_and_recovered(self):
        for name in ("risk_guard", "main_backend"):
            self.break_(name)
        self.platform.control("postgres", "reset")
        alerts = self.wait_active("system", "main_backend", "risk_guard", "postgres")
        expected = contract.expected_alerts(self.healthd.system())
        for alert in alerts:
            self.assertEqual(contract.check_alert(alert), [])
            self.assertEqual(expected[alert["component"]], tuple(
                alert[key] for key in ("level", "title", "message", "details")))
        self.wait_snapshots(3)
        self.assertEqual(self.healthd.active(), alerts)  # same ids, nothing new
        self.assertEqual([alert["alert_id"] for alert in self.told(contract.RAISED)],
                         [alert["alert_id"] for alert in alerts])
        self.mend()
        self.wait_active()
        for alert in alerts:
            self.wait_resolved(alert, "recovered")
        self.finish()

    def test_the_condition_comes_back_as_a_new_alert(self):
        seen = []
        for _ in range(3):
            self.break_("scheduler")
            seen += self.wait_active("system", "scheduler")
            self.mend()
            self.wait_active()
        self.assertEqual(len({alert["alert_id"] for alert in seen}), 6)
        for alert in seen:
            self.wait_resolved(alert, "recovered")
        self.finish()

    def test_a_changed_level_replaces_the_alert(self):
        self.break_("system_health_monitor")
        system, service = self.wait_active("system", "system_health_monitor")
        self.assertEqual((system["level"], service["level"]), ("WARNING", "WARNING"))
        self.assertEqual(contract.expected_alert("system", self.healthd.system()), tuple(
            system[key] for key in ("level", "title", "message", "details")))
        self.break_("risk_guard")
        alerts = self.wait_active("system_health_monitor", "system", "risk_guard")
        self.assertEqual(alerts[0], service)
        self.assertEqual(alerts[1]["level"], "CRITICAL")
        self.wait_resolved(system, "replaced")
        self.mend("risk_guard")
        last = self.wait_active("system_health_monitor", "system")
        self.assertEqual(last[1]["level"], "WARNING")
        self.assertNotEqual(last[1]["alert_id"], system["alert_id"])
        self.wait_resolved(alerts[1], "replaced")
        self.wait_resolved(alerts[2], "recovered")
        self.mend()
        self.wait_active()
        self.wait_resolved(last[1], "recovered")
        self.finish()

    def test_message_and_details_follow_without_a_new_event(self):
        self.break_("risk_guard")
        before = self.wait_active("system", "risk_guard")[0]
        self.break_("ai_system")
        alerts = self.wait_active("system", "risk_guard", "ai_system")
        self.assertEqual(alerts[0]["alert_id"], before["alert_id"])
        self.assertEqual(alerts[0]["message"],
                         "Critical failures detected: Service: risk_guard, Service: ai_system")
        self.assertEqual(alerts[0]["details"]["services_down"], ["risk_guard", "ai_system"])
        self.assertEqual(len(self.told(contract.RAISED, component="system")), 1)
        self.mend()
        self.wait_active()
        self.finish()

    def test_a_degraded_target_has_no_alert_of_its_own(self):
        self.break_("risk_guard", 404)
        self.break_("postgres", 503)
        system = self.wait_active("system")[0]
        self.assertEqual(contract.expected_alert("system", self.healthd.wait_entry(
            "postgres", lambda entry: entry["status"] == "DEGRADED"))[0], system["level"])
        self.wait_snapshots()
        self.assertEqual(list(self.ids()), ["system"])
        self.mend()
        self.wait_active()
        self.finish()


class Quiet(AlertTest):
    def clear(self, alert):
        self.assertEqual(self.healthd.clear(alert["alert_id"]).status, 200)
        self.wait_resolved(alert, "cleared", 2)  # at once
        self.assertEqual(self.healthd.clear(alert["alert_id"]).status, 404)

    def test_cleared_stays_quiet_until_the_condition_has_ended_once(self):
        self.break_("risk_guard")
        system, service = self.wait_active("system", "risk_guard")
        self.clear(service)
        self.wait_active("system")
        self.assertEqual(self.healthd.system()["status"], "CRITICAL")
        self.wait_snapshots()
        self.break_("ai_system")  # another component speaks
        self.wait_active("system", "ai_system")
        for stop in (self.healthd.stop, self.healthd.kill):
            stop()
            self.healthd.start().wait_status("CRITICAL")
            self.wait_snapshots()
            self.assertEqual(list(self.ids()), ["system", "ai_system"])
        self.mend()
        self.wait_active()
        self.wait_resolved(system, "recovered")
        self.break_("risk_guard")
        again = self.wait_active("system", "risk_guard")[1]
        self.assertNotEqual(again["alert_id"], service["alert_id"])
        self.assertEqual(len(self.told(contract.RESOLVED, alert_id=service["alert_id"])), 1)
        self.finish()

    def test_quiet_does_not_carry_over_to_another_level(self):
        self.break_("system_health_monitor")
        system = self.wait_active("system", "system_health_monitor")[0]
        self.clear(system)
        self.break_("risk_guard")
        critical = self.wait_active("system_health_monitor", "system", "risk_guard")[1]
        self.assertEqual(critical["level"], "CRITICAL")
        self.platform.control("system_health_monitor", "ok")  # first: DEGRADED must not come between
        self.wait_active("system", "risk_guard")
        self.mend()
        self.wait_active()
        self.wait_resolved(critical, "recovered")
        self.finish()

    def test_quiet_ends_with_a_condition_that_ended_while_healthd_was_away(self):
        self.break_("risk_guard")
        self.clear(self.wait_active("system", "risk_guard")[1])
        self.healthd.kill()
        self.mend()
        self.healthd.start().wait_status("OK")
        self.wait_active()
        self.break_("risk_guard")
        self.wait_active("system", "risk_guard")
        self.finish()


class Restarts(AlertTest):
    def test_active_and_past_alerts_survive_and_nothing_is_raised_again(self):
        self.break_("ai_system")
        self.wait_active("system", "ai_system")
        self.mend()
        self.wait_active()
        self.break_("risk_guard")
        self.platform.control("postgres", "reset")
        alerts = self.wait_active("system", "risk_guard", "postgres")
        history = self.healthd.history()
        for stop in (self.healthd.stop, self.healthd.kill, self.healthd.kill):
            stop()
            self.healthd.start()
            self.assertEqual(self.healthd.active(), alerts)  # before any new result, too
            self.healthd.wait_status("CRITICAL")
            self.wait_snapshots()
            self.assertEqual(self.healthd.active(), alerts)
            self.assertEqual(self.healthd.history(), history)
        self.mend()
        self.wait_active()
        for alert in alerts:
            self.wait_resolved(alert, "recovered")
        self.finish()

    def test_conditions_that_ended_meanwhile_resolve_at_the_first_snapshot(self):
        for stop in (self.healthd.stop, self.healthd.kill):
            for name in ("risk_guard", "scheduler"):
                self.break_(name)
            system, scheduler, guard = self.wait_active("system", "scheduler", "risk_guard")
            stop()
            self.mend("risk_guard")
            self.healthd.start().wait_status("CRITICAL")
            self.wait_resolved(guard, "recovered", 2)
            self.assertEqual(self.wait_active("system", "scheduler"),
                             [{**system, **self.healthd.active()[0]}, scheduler])
            self.healthd.kill()
            self.mend()
            self.healthd.start().wait_status("OK")
            for alert in (system, scheduler):
                self.wait_resolved(alert, "recovered", 2)
            self.wait_active()
        self.finish()

    def test_a_level_that_changed_meanwhile_is_replaced(self):
        self.break_("system_health_monitor")
        system = self.wait_active("system", "system_health_monitor")[0]
        self.healthd.kill()
        self.break_("risk_guard")
        self.healthd.start().wait_status("CRITICAL")
        self.wait_active("system_health_monitor", "system", "risk_guard")
        self.wait_resolved(system, "replaced")
        self.finish()

    def test_unknown_neither_raises_nor_resolves(self):
        self.break_("risk_guard")
        alerts = self.wait_active("system", "risk_guard")
        self.healthd.kill()
        self.platform.control("risk_guard", "hang")
        self.healthd.start().wait_status("UNKNOWN")
        self.wait_snapshots()
        self.assertEqual(self.healthd.active(), alerts)
        self.break_("risk_guard")  # answers the check that hangs: the condition never ended
        self.healthd.wait_status("CRITICAL")
        self.wait_snapshots()
        self.assertEqual(self.healthd.active(), alerts)
        self.finish()

    def test_a_restart_while_redis_is_away_loses_no_event(self):
        self.redis.stop()
        redis_alerts = self.wait_active("system", "redis")
        self.break_("risk_guard")
        guard = self.wait_active("system", "redis", "risk_guard")[2]
        self.assertEqual(self.healthd.clear(guard["alert_id"]).status, 200)
        self.healthd.kill()
        self.healthd.start().wait_status("CRITICAL")
        self.redis.start()
        self.wait_active("system")
        self.wait_resolved(guard, "cleared")
        self.wait_resolved(redis_alerts[1], "recovered")
        self.finish()


if __name__ == "__main__":
    unittest.main()
