"""The judges can fail: each planted fault in a good record is found. Needs no running program."""
import copy
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import types
import unittest
import uuid

import contract
from harness import ROOT
from recorders import Event, judge_events

DAY = "2026-11-24T02:45:"


def at(second):
    return f"{DAY}{second:09.6f}"


def golden(state):
    with open(os.path.join(ROOT, "tests", "golden", "states.jsonl"), encoding="utf-8") as file:
        return next(one for one in map(json.loads, file) if one["state"] == state)


def event(event_type, second, payload):
    digest = hashlib.md5(json.dumps([event_type, payload]).encode()).digest()
    fields = {"event_type": event_type, "payload": json.dumps(payload), "trace_id": "",
              "correlation_id": str(uuid.UUID(bytes=digest, version=4)),
              "timestamp": at(second), "source": contract.SOURCE}
    return Event(f"quantum:stream:{event_type}", f"{1795502000000 + int(second * 1000)}-0",
                 list(fields.items()))


def snapshot(second, state="all-ok"):
    body = golden(state)["system"]
    body["timestamp"] = body["snapshot"]["timestamp"] = at(second) + "+00:00"
    return event(contract.SNAPSHOT, second, body)


def alert(component, level, second, **more):
    timestamp = at(second) + "+00:00"
    return {"alert_id": f"{component}_{level}_{timestamp}", "level": level, "title": "t",
            "message": "m", "component": component, "timestamp": timestamp, "details": {}, **more}


def raised(component, second, level="CRITICAL"):
    return event(contract.RAISED, second, alert(component, level, second))


def resolved(component, second, end, resolution="recovered", level="CRITICAL"):
    return event(contract.RESOLVED, end, alert(
        component, level, second, resolved_at=at(end) + "+00:00", resolution=resolution))


GOOD = [snapshot(1), snapshot(2, "critical-500"), raised("system", 2), raised("risk_guard", 2),
        snapshot(3), resolved("system", 2, 3), resolved("risk_guard", 2, 3),
        snapshot(4, "critical-500"), raised("system", 4), raised("risk_guard", 4)]


def changed(index, field, text):
    """GOOD with one field of one event put to TEXT, or left out where that is None."""
    events = list(GOOD)
    fields = [(name, text if name == field else value) for name, value in events[index].fields
              if name != field or text is not None]
    events[index] = events[index]._replace(fields=fields)
    return events


def with_payload(index, change):
    payload = copy.deepcopy(GOOD[index].payload)
    change(payload)
    return changed(index, "payload", json.dumps(payload))


class StreamRecord(unittest.TestCase):
    def test_a_good_record_has_no_fault(self):
        self.assertEqual(judge_events(GOOD, 1.5), [])

    def test_a_repeat_of_the_same_event_is_no_fault(self):
        self.assertEqual(judge_events([*GOOD[:3], GOOD[2], *GOOD[3:]], 1.5), [])

    def found(self, events, words):
        wrong = judge_events(events, 1.5)
        self.assertTrue(any(words in text for text in wrong), wrong)

    def test_what_is_missing(self):
        self.found(GOOD[:4] + GOOD[5:], "no snapshot for 2.00 s")
        self.found([one for one in GOOD if one is not GOOD[2]], "resolved, never raised: system")
        self.found([one for one in GOOD if one is not GOOD[6]], "was raised while")

    def test_what_came_twice(self):
        again = raised("risk_guard", 2)
        fields = dict(again.fields, correlation_id=str(uuid.uuid4()))
        self.found([*GOOD, again._replace(fields=list(fields.items()))], "twice")
        fields = dict(GOOD[3].fields, timestamp=at(9))
        self.found([*GOOD, GOOD[3]._replace(fields=list(fields.items()))], "not the same")

    def test_what_came_in_another_order(self):
        self.found([*GOOD[:4], GOOD[7], *GOOD[4:7], *GOOD[8:]], "stands after")
        early = GOOD[6]._replace(entry_id="1795502000000-0")
        self.found([*GOOD[:6], early, *GOOD[7:]], "resolved before it was raised")

    def test_two_alerts_of_one_component_and_level_at_once(self):
        self.found([*GOOD, raised("system", 5)], "was raised while")

    def test_fields(self):
        for field, text in (("source", "other"), ("trace_id", "x"), ("event_type", "health.x"),
                            ("timestamp", at(1) + "+00:00"), ("timestamp", DAY + "01"),
                            ("correlation_id", str(uuid.uuid1())), ("payload", "{"),
                            ("correlation_id", str(uuid.uuid4()).upper()), ("trace_id", None)):
            with self.subTest(field=field, text=text):
                self.assertNotEqual(judge_events(changed(2, field, text)), [])
        fields = GOOD[0].fields
        self.found([GOOD[0]._replace(fields=[*fields[1:], fields[0]])], "fields")
        self.found([GOOD[0]._replace(fields=[*fields, ("more", "x")])], "fields")

    def test_alerts(self):
        for change in (lambda one: one.pop("message"), lambda one: one.update(level="HIGH"),
                       lambda one: one.update(details=None), lambda one: one.update(alert_id="x"),
                       lambda one: one.update(timestamp=at(2)),
                       lambda one: one.update(message=one.pop("message"))):
            self.assertNotEqual(judge_events(with_payload(2, change)), [])
        for change in (lambda one: one.pop("resolution"), lambda one: one.pop("resolved_at"),
                       lambda one: one.update(resolution="gone")):
            self.assertNotEqual(judge_events(with_payload(5, change)), [])


class SystemBody(unittest.TestCase):
    def judged(self, change, state="critical-500"):
        body = golden(state)["system"]
        self.assertEqual(contract.check_system(body), [])
        change(body)
        return contract.check_system(body)

    def test_each_part_is_looked_at(self):
        services = lambda body: body["snapshot"]["services"]  # noqa: E731
        for change in (
                lambda body: body.update(status="DEGRADED"), lambda body: body.pop("performance"),
                lambda body: body.update(critical_failures=[]),
                lambda body: body["services"]["down"].append("scheduler"),
                lambda body: body["services"]["ok"].reverse(),
                lambda body: body["infrastructure"]["ok"].pop(),
                lambda body: body["performance"].update(avg_service_latency_ms=13.7),
                lambda body: body["performance"].update(max_service_latency_ms=None),
                lambda body: body.update(timestamp=body["timestamp"][:-6]),
                lambda body: body.update(services=body.pop("services")),
                lambda body: services(body)["scheduler"].update(latency_ms=4.444),
                lambda body: services(body)["scheduler"].update(latency_ms="4"),
                lambda body: services(body)["scheduler"].pop("details"),
                lambda body: services(body)["scheduler"].update(critical=False),
                lambda body: services(body)["scheduler"].update(error="both"),
                lambda body: services(body).pop("scheduler"),
                lambda body: services(body).update(main_backend=services(body).pop("main_backend")),
                lambda body: body["snapshot"]["infra"]["redis"].update(critical=True),
                lambda body: body["snapshot"]["infra"]["redis"].update(details={})):
            self.assertNotEqual(self.judged(change), [])

    def test_a_latency_that_is_not_named(self):
        body = golden("lat-5.5-noncrit")["system"]
        self.assertNotEqual(contract.check_system(body), [])
        body["critical_failures"] = ["Latency: system_health_monitor"]
        self.assertEqual(contract.check_system(body), [])

    def test_metrics(self):
        one = golden("critical-500")
        alerts = [alert("system", "CRITICAL", 1), alert("risk_guard", "CRITICAL", 1)]
        self.assertEqual(contract.check_metrics(one["metrics"], one["system"], alerts), [])
        for part, key in (("counters", "services_down"), ("gauges", "system_status_code"),
                          ("alerts", "active_count")):
            metrics = copy.deepcopy(one["metrics"])
            metrics[part][key] += 1
            self.assertNotEqual(contract.check_metrics(metrics, one["system"], alerts), [])


class KillLoop(unittest.TestCase):
    """The judge of tests/faults/kill9-loop."""

    def judged(self, events=tuple(GOOD), shown=None, cleared=(), history=None, ready_s=0.1,
               logged=(), kills=1):
        path = os.path.join(ROOT, "tests", "faults", "kill9-loop")
        loader = importlib.machinery.SourceFileLoader("kill9_loop", path)
        loop = importlib.util.module_from_spec(importlib.util.spec_from_loader("kill9_loop", loader))
        loader.exec_module(loop)
        # The alerts of 4 s still last in GOOD; here everything has ended.
        events = [*events, resolved("system", 4, 5, "cleared"), resolved("risk_guard", 4, 5)]
        ids = [one.payload["alert_id"] for one in GOOD if one.type == contract.RAISED]
        wrong, _ = loop.judge(
            types.SimpleNamespace(seen=lambda: events),
            types.SimpleNamespace(shown=dict.fromkeys(ids if shown is None else shown), wrong=[]),
            types.SimpleNamespace(cleared=cleared),
            [{"alert_id": one} for one in (ids if history is None else history)], logged,
            [ready_s], kills)
        return wrong

    def test_its_judge_can_fail(self):
        system, guard = (GOOD[index].payload["alert_id"] for index in (8, 9))
        self.assertEqual(self.judged(cleared=[system], logged=[(contract.RAISED, system)]), [])
        for fault in ({"events": GOOD[:9]}, {"shown": ["an alert that nobody told of"]},
                      {"cleared": [guard]}, {"cleared": ["forgotten"]}, {"history": [system, guard]},
                      {"ready_s": 2.5}, {"logged": [(contract.RAISED, "never told")]},
                      {"events": [*GOOD, *GOOD[-2:]], "kills": 1},
                      {"events": [one for one in GOOD if one is not GOOD[5]]}):
            with self.subTest(fault=str(fault)[:60]):
                self.assertNotEqual(self.judged(**fault), [])


if __name__ == "__main__":
    unittest.main()
