"""What healthd reads from the streams of the emergency stop, in every form, order and accident."""
import itertools
import json
import struct
import time
import unittest

import contract
from harness import SystemTest, wait_until
from recorders import StreamRecorder, judge_events

STREAMS = ("ess.tripped", "ess.manual_reset", "ess.rearmed", "ess.state.changed")
COMPONENT = "emergency_stop_system"
RESETS = (("ess.manual_reset", {"user": "op", "reason": "done", "previous_state": "TRIPPED",
                                "reset_count": 1}),
          ("ess.rearmed", {"reason": "cooldown_expired", "cooldown_minutes": 15}),
          *(("ess.state.changed", {"old_state": "CRITICAL", "new_state": state, "reset": True,
                                   "timestamp": "2026-11-24T02:45:30.289500+00:00"})
            for state in ("NORMAL", "ARMED", "DISABLED")))


def key_of(stream):
    return f"quantum:stream:{stream}"


def group_of(stream):
    return f"quantum:group:monitoring_health_service:{stream}"


class StopTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()
        self.redis = self.start_redis()
        self.healthd = self.make_healthd(self.platform, self.redis.port)

    def is_read(self, stream):
        """Whether everything in STREAM is delivered and acknowledged."""
        client = self.redis.client
        try:
            groups = client.xinfo_groups(key_of(stream))
        except Exception:  # no such stream yet
            return False
        last = client.xrevrange(key_of(stream), count=1)
        return [(group["name"], group["pending"]) for group in groups] == [
            (group_of(stream), 0)] and (not last or groups[0]["last-delivered-id"] == last[0][0])

    def wait_read(self, *streams, seconds=10):
        for stream in streams or STREAMS:
            wait_until(lambda: self.is_read(stream), seconds, f"{stream} is read and acknowledged")

    def wait_next_snapshot(self):
        """A body made after this call, so that it shows whatever was acknowledged before."""
        before = self.healthd.system()["timestamp"]

        def ask():
            body = self.healthd.system()
            return body["timestamp"] > before and body
        return wait_until(ask, 5, "the next snapshot")

    def wait_tripped(self, reason, seconds=5):
        wanted = f"Emergency Stop System: {reason}"

        def ask():
            body = self.healthd.system()
            return wanted in body["critical_failures"] and body
        body = wait_until(ask, seconds, wanted)
        self.assertEqual(contract.check_system(body, reason), [])
        return body

    def active_stop(self):
        found = [alert for alert in self.healthd.active() if alert["component"] == COMPONENT]
        return found[0] if found else None


class Forms(StopTest):
    def setUp(self):
        super().setUp()
        self.healthd.start().wait_status("OK")

    def judge_alert(self, reason, details):
        alert = wait_until(self.active_stop, 5, "the stop's alert")
        self.assertEqual(contract.check_alert(alert), [])
        self.assertEqual([alert[key] for key in ("level", "title", "message", "details")],
                         ["CRITICAL", "Emergency Stop System TRIPPED", f"ESS activated: {reason}",
                          details])

    def reset(self):
        self.redis.add("ess.manual_reset", user="op", reason="done")
        self.healthd.wait_status("OK")
        wait_until(lambda: not self.healthd.active(), 5, "no alert")

    def test_a_trip_in_both_forms(self):
        full = {"reason": "Daily loss limit exceeded", "severity": "CRITICAL", "n": 1.5,
                "list": [1, None, {"a": True}], "timestamp": "2025-12-04T10:30:00+00:00"}
        rows = [({"payload": json.dumps(full)}, full["reason"], full),
                ({"reason": "Manual stop", "severity": "CRITICAL"}, "Manual stop",
                 {"reason": "Manual stop", "severity": "CRITICAL"}),
                ({"severity": "CRITICAL"}, "Unknown", {"severity": "CRITICAL"}),
                ({"payload": "{}"}, "Unknown", {}),
                ({"payload": '{"reason":"payload wins"}', "reason": "x"}, "payload wins",
                 {"reason": "payload wins"}),
                ({"reason": "naïve \U0001f6d1"}, "naïve \U0001f6d1", {"reason": "naïve \U0001f6d1"}),
                ({"payload": '{"reason":"caf\\u00e9 \\"x\\""}'}, 'café "x"', {"reason": 'café "x"'}),
                # The producers' library writes this for a float; a trip must not be lost over it.
                ({"payload": '{"reason":"loss","loss":NaN}'}, "loss",
                 {"reason": "loss", "loss": "NaN"})]
        for fields, reason, details in rows:
            with self.subTest(fields=fields):
                self.redis.add("ess.tripped", **fields)
                self.wait_tripped(reason)
                self.judge_alert(reason, details)
                self.reset()
        self.healthd.stop()

    def test_bytes_that_are_not_utf8_in_raw_fields(self):
        self.redis.client.xadd(key_of("ess.tripped"), {"reason": b"caf\xe9", b"k\xff": b"\xff\xfe"})
        self.wait_tripped("caf\ufffd")
        self.healthd.stop()

    def test_every_reset_and_its_resolution(self):
        recorder = StreamRecorder(self.redis.port)
        self.addCleanup(recorder.close)
        for number, (stream, data) in enumerate(RESETS):
            for fields in ({"payload": json.dumps(data)},
                           {key: str(value) for key, value in data.items()}):
                reason = f"{number} {'payload' in fields}"
                self.redis.add("ess.tripped", reason=reason)
                self.wait_tripped(reason)
                alert_id = wait_until(self.active_stop, 5, "the stop's alert")["alert_id"]
                self.redis.add(stream, **fields)
                self.healthd.wait_status("OK", 5)
                recorder.wait_alert(contract.RESOLVED, COMPONENT, alert_id=alert_id,
                                    resolution="reset")
                wait_until(lambda: not self.healthd.active(), 5, "no alert")
        self.assertEqual(judge_events(recorder.seen()), [])
        self.healthd.stop()

    def test_states_that_trip_and_states_that_change_nothing(self):
        for state, extra, reason in (("CRITICAL", {}, "State CRITICAL"),
                                     ("TRIPPED", {}, "State TRIPPED"),
                                     ("CRITICAL", {"reason": "why"}, "why")):
            data = {"old_state": "NORMAL", "new_state": state, **extra}
            for other in ("WARNING", "normal", "", "CRITICAL "):
                self.redis.add_json("ess.state.changed", {"new_state": other})
            self.wait_read("ess.state.changed")
            self.assertEqual(self.wait_next_snapshot()["status"], "OK")
            self.redis.add_json("ess.state.changed", data)
            self.wait_tripped(reason)
            self.judge_alert(reason, data)
            self.redis.add_json("ess.state.changed", {"new_state": "WARNING"})
            self.wait_read("ess.state.changed")
            self.assertEqual(self.wait_next_snapshot()["status"], "CRITICAL")
            self.reset()
        self.healthd.stop()

    def test_what_is_not_understood_is_acknowledged_and_changes_nothing(self):
        self.redis.add("ess.tripped", reason="stands")
        self.wait_tripped("stands")
        payloads = ("", "no JSON", "[1]", '"text"', "3", "null", '{"a":1', "{'a':1}",
                    "[" * 100000, '{"a":' * 1000, "\x00", '{"a":"' + "x" * (2 << 20) + '"}')
        for stream in STREAMS:
            for payload in payloads:
                self.redis.add(stream, payload=payload)
            self.redis.client.xadd(key_of(stream), {"payload": b"\xff\xfe{}"})
        self.redis.client.xadd(key_of("ess.state.changed"), {b"\xff": b"\xff"})
        self.redis.add_json("ess.state.changed", {"new_state": 5})
        self.redis.add_json("ess.state.changed", {"new_state": None})
        self.wait_read(seconds=20)
        body = self.wait_next_snapshot()
        self.assertEqual(contract.check_system(body, "stands"), [])
        self.reset()
        self.redis.add("ess.tripped", reason="next")
        self.wait_tripped("next")
        self.healthd.stop()

    def test_a_reason_of_another_type_or_of_great_length_does_no_harm(self):
        for reason in (5, None, {"a": 1}, ["x"], True, "x" * 100000, "", "\u0000", "a\nb"):
            self.redis.add_json("ess.tripped", {"reason": reason})
            self.healthd.wait_status("CRITICAL", 5)
            alert = wait_until(self.active_stop, 5, "the stop's alert")
            self.assertEqual(contract.check_alert(alert), [])
            self.assertEqual(alert["details"], {"reason": reason})
            body = self.healthd.system()
            self.assertEqual(contract.check_system(body, ...), [])
            self.reset()
        self.healthd.stop()

    def test_clear_ends_the_condition_at_once(self):
        self.redis.add("ess.tripped", reason="x")
        self.wait_tripped("x")
        alert_id = wait_until(self.active_stop, 5, "the stop's alert")["alert_id"]
        self.assertEqual(self.healthd.clear(alert_id).status, 200)
        body = self.healthd.system()  # the next GET shows it
        self.assertEqual((body["status"], contract.check_system(body)), ("OK", []))
        self.healthd.kill()
        self.healthd.start().wait_status("OK")
        self.assertIsNone(self.active_stop())
        self.redis.add("ess.tripped", reason="again")
        self.wait_tripped("again")
        self.healthd.stop()


class Orders(StopTest):
    EFFECTS = {"ess.tripped": ({"reason": "tripped"}, "tripped"),
               "ess.manual_reset": (RESETS[0][1], None), "ess.rearmed": (RESETS[1][1], None),
               "ess.state.changed": ({"new_state": "CRITICAL"}, "State CRITICAL")}

    def add_at(self, stream, entry_id):
        self.redis.client.xadd(key_of(stream), {"payload": json.dumps(self.EFFECTS[stream][0])},
                               id=entry_id)

    def judge_end(self, newest):
        reason = self.EFFECTS[newest][1]
        body = self.wait_next_snapshot()
        self.assertEqual(contract.check_system(body, reason), [])
        self.assertEqual(body["status"], "CRITICAL" if reason else "OK")

    def test_the_newest_id_wins_whatever_order_a_backlog_is_read_in(self):
        # Numbers, not texts: 9 is older than 10, and the sequence counts where the time is one.
        ids = ("9-5", "10-9", "10-10", "11-0")
        for number, order in enumerate(itertools.permutations(STREAMS)):
            database = number % 15 + 1
            self.redis.client.execute_command("SELECT", database)
            self.redis.client.flushdb()
            for stream, entry_id in zip(order, ids):
                self.add_at(stream, entry_id)
            self.healthd = self.make_healthd(
                self.platform, REDIS_URL=f"redis://127.0.0.1:{self.redis.port}/{database}",
                HEALTHD_STATE_DIR=f"{self.folder}/state-{number}").start()
            self.wait_read()
            with self.subTest(order=order):
                self.judge_end(order[-1])
            self.healthd.stop()
            self.healthd.close()

    def test_an_older_entry_that_comes_later_changes_nothing(self):
        self.healthd.start().wait_status("OK")
        base = int(time.time() * 1000)
        newest = None
        for step, stream in enumerate(("ess.tripped", "ess.manual_reset", "ess.state.changed",
                                       "ess.rearmed")):
            self.add_at(stream, f"{base + 100 * step}-0")
            self.wait_read(stream)
            newest = stream
            self.judge_end(newest)
            if step == 1:  # the reset is newer than this trip
                self.add_at("ess.tripped", f"{base + 50}-18446744073709551615")
                self.wait_read("ess.tripped")
                self.judge_end(newest)
            if step == 2:  # the trip is newer than this reset
                self.add_at("ess.rearmed", f"{base + 199}-7")
                self.wait_read("ess.rearmed")
                self.judge_end(newest)
        self.healthd.kill()
        self.healthd.start()
        self.add_at("ess.tripped", f"{base + 299}-0")  # the newest id is on disk
        self.wait_read("ess.tripped")
        self.judge_end(newest)
        self.healthd.stop()

    def test_a_trip_outlives_kill_9_and_an_emptied_redis(self):
        self.healthd.start().wait_status("OK")
        self.redis.add("ess.tripped", reason="outlives")
        self.wait_tripped("outlives")
        alert = wait_until(self.active_stop, 5, "the stop's alert")
        for _ in range(2):
            self.healthd.kill()
            self.redis.client.flushall()
            self.healthd.start()
            self.wait_tripped("outlives")
            self.assertEqual(self.active_stop(), alert)
        self.redis.add("ess.rearmed", reason="cooldown_expired")
        self.healthd.wait_status("OK", 15)
        self.healthd.stop()


class DeadConsumers(StopTest):
    def take(self, stream, idle_ms):
        """A consumer that reads everything and dies; its entries look IDLE_MS old."""
        client = self.redis.client
        taken = client.xreadgroup(group_of(stream), "monitoring_health_service_deadbeef",
                                  {key_of(stream): ">"})
        ids = [entry_id for _, entries in taken for entry_id, _ in entries]
        client.xclaim(key_of(stream), group_of(stream), "monitoring_health_service_deadbeef", 0,
                      ids, idle=idle_ms)
        return ids

    def test_entries_of_a_dead_consumer_are_claimed_at_start(self):
        for stream in STREAMS:
            self.redis.client.xgroup_create(key_of(stream), group_of(stream), "0", mkstream=True)
        self.redis.add("ess.tripped", reason="unread")
        self.assertEqual(len(self.take("ess.tripped", 6000)), 1)
        began = time.monotonic()
        self.healthd.start()
        self.wait_tripped("unread")
        self.wait_read("ess.tripped")
        self.assertLess(time.monotonic() - began, 4)  # at start, not first after 5 s
        self.healthd.stop()

    def test_entries_are_claimed_while_it_runs_once_they_are_idle_for_5_s(self):
        self.redis.client.xgroup_create(key_of("ess.tripped"), group_of("ess.tripped"), "0",
                                        mkstream=True)
        self.redis.add("ess.tripped", reason="left behind")
        self.take("ess.tripped", 0)
        self.healthd.start().wait_status("OK")
        self.wait_tripped("left behind", 5 + 5 + 2)
        self.wait_read("ess.tripped")
        self.healthd.stop()

    def test_consumers_idle_for_an_hour_go_unless_they_hold_entries(self):
        key, group, client = key_of("ess.tripped"), group_of("ess.tripped"), self.redis.client
        client.xgroup_create(key, group, "0", mkstream=True)
        names = {}
        for hours in (0.9, 1.1):
            names[hours] = f"monitoring_health_service_0000000{int(hours)}"
            client.xgroup_createconsumer(key, group, names[hours])
        make_older(client, key, names)
        idle = {one["name"]: one["idle"] for one in client.xinfo_consumers(key, group)}
        self.assertGreater(idle[names[1.1]], 3600 * 1000)
        self.healthd.start()
        wait_until(lambda: names[1.1] not in [
            one["name"] for one in client.xinfo_consumers(key, group)], 10, "one consumer goes")
        self.assertIn(names[0.9], [one["name"] for one in client.xinfo_consumers(key, group)])
        self.healthd.stop()


def crc64(data):
    """CRC-64 of Jones, which ends what DUMP gives and RESTORE wants."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return crc


def make_older(client, key, names):
    """Moves the last life sign of each of NAMES (hours -> name) into the past, by way of DUMP and
    RESTORE, since Redis has no command for it."""
    client.connection_pool.disconnect()
    client.connection_pool.connection_kwargs["decode_responses"] = False
    data = client.dump(key)
    for hours, name in names.items():
        at = data.index(name.encode()) + len(name)
        seen_ms = struct.unpack_from("<q", data, at)[0] - int(hours * 3600 * 1000)
        data = data[:at] + struct.pack("<q", seen_ms) + data[at + 8:]
    data = data[:-8] + struct.pack("<Q", crc64(data[:-8]))
    client.restore(key, 0, data, replace=True)
    client.connection_pool.disconnect()
    client.connection_pool.connection_kwargs["decode_responses"] = True


if __name__ == "__main__":
    unittest.main()
