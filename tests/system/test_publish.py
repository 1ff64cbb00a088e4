"""The ZeroMQ publication, as SUB clients in Python, C and Node see it, and hostile peers."""
import json
import os
import socket
import struct
import unittest

import msgpack
import zmq

import contract
from harness import Program, SystemTest, binary, is_sanitized, wait_until
from recorders import StreamRecorder, SubscriberRecorder

RICH_BODY = {"i": 3, "negative": -5, "most": 9223372036854775807, "least": -9223372036854775808,
             "whole": 2.0, "part": 0.1, "none": None, "yes": True, "text": "é\U0001f600",
             "list": [1, 1.5, [], {}], "map": {"": "empty key"}}


def kinds(value):
    """VALUE with each scalar's type beside it, so that 1 and 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: kinds(one) for key, one in value.items()}
    if isinstance(value, list):
        return [kinds(one) for one in value]
    return type(value).__name__, value


def key_of(record):
    """What tells one event from another, on Redis as on PUB."""
    payload = record.payload
    return record.type, payload.get("alert_id", payload["timestamp"])


class PublishTest(SystemTest):
    def subscribe(self, prefix=b"health.", healthd=None):
        recorder = SubscriberRecorder(
            f"tcp://127.0.0.1:{(healthd or self.healthd).publish_port}", prefix)
        self.addCleanup(recorder.close)
        return recorder

    def wait_next(self, recorder, seconds=10):
        """Waits for a snapshot that is newer than this call."""
        after = self.healthd.system()["timestamp"]
        recorder.wait_for(contract.SNAPSHOT, lambda body: body["timestamp"] > after, seconds,
                          "newer than now")


class Messages(PublishTest):
    def setUp(self):
        super().setUp()
        self.start_all()

    def test_topics_frames_and_types(self):
        recorder = self.subscribe()
        self.platform.control("ai_system", "body", json.dumps(RICH_BODY).encode())
        self.platform.control("scheduler", "reset")
        recorder.wait_alert(contract.RAISED, "scheduler")

        def is_whole(body):  # the two changes may come with different rounds
            return (body["services"]["down"] and
                    "whole" in body["snapshot"]["services"]["ai_system"]["details"])
        recorder.wait_for(contract.SNAPSHOT, is_whole)
        self.platform.control("scheduler", "ok")
        recorder.wait_alert(contract.RESOLVED, "scheduler", resolution="recovered")
        records = recorder.seen()
        self.assertEqual({record.topic for record in records}, set(contract.EVENT_TYPES))
        for record in records:
            self.assertGreaterEqual(len(record.frames), 2)
            self.assertEqual(contract.check_payload(record.topic, record.payload), [])
            for entry in record.payload.get("snapshot", {}).get("services", {}).values():
                self.assertIn(type(entry["latency_ms"]), (float, type(None)))
            for value in record.payload.get("performance", {}).values():
                self.assertIn(type(value), (float, type(None)))
        down = [record.payload for record in records if record.topic == contract.SNAPSHOT
                and is_whole(record.payload)][0]
        self.assertIsNone(down["snapshot"]["services"]["scheduler"]["latency_ms"])
        details = down["snapshot"]["services"]["ai_system"]["details"]
        self.assertEqual(kinds(details), kinds(RICH_BODY))
        self.healthd.stop()

    def test_the_same_events_go_to_publish_and_to_redis(self):
        published = self.subscribe()
        self.wait_next(published)
        streams = StreamRecorder(self.redis.port)
        self.addCleanup(streams.close)
        for name in ("risk_guard", "system_health_monitor"):
            self.platform.control(name, "status", code=500)
            published.wait_alert(contract.RAISED, name)
            self.platform.control(name, "ok")
            published.wait_alert(contract.RESOLVED, name)
        self.redis.add("ess.tripped", reason="x")
        published.wait_alert(contract.RAISED, "emergency_stop_system")
        self.redis.add("ess.rearmed", reason="y")
        published.wait_alert(contract.RESOLVED, "emergency_stop_system", resolution="reset")
        self.wait_next(published)
        last = [record for record in published.seen() if record.type == contract.SNAPSHOT][-1]
        streams.wait_for(contract.SNAPSHOT,
                         lambda body: body["timestamp"] == last.payload["timestamp"])
        first = key_of(published.seen()[0])  # Redis has older ones too, before the subscription
        on_redis = {key_of(event): event.payload for event in streams.seen()
                    if event.payload["timestamp"] >= first[1]}
        on_publish = {key_of(record): record.payload for record in published.seen()}
        on_redis = {key: payload for key, payload in on_redis.items()
                    if key[0] != contract.SNAPSHOT or key[1] <= last.payload["timestamp"]}
        on_publish = {key: payload for key, payload in on_publish.items()
                      if key[0] != contract.SNAPSHOT or key[1] <= last.payload["timestamp"]}
        self.assertEqual(sorted(on_publish), sorted(on_redis))
        self.assertGreater(len(on_publish), 14)
        for key, payload in on_publish.items():
            self.assertEqual(payload, on_redis[key])
        self.healthd.stop()

    def test_a_payload_is_the_body_of_rest(self):
        recorder = self.subscribe()
        bodies = {}

        def ask():
            body = self.healthd.system()
            bodies[body["timestamp"]] = body
            return len([one for one in recorder.of(contract.SNAPSHOT)
                        if one.payload["timestamp"] in bodies]) > 2
        wait_until(ask, 15, "three snapshots on both")
        for record in recorder.of(contract.SNAPSHOT):
            if record.payload["timestamp"] in bodies:
                self.assertEqual(record.payload, bodies[record.payload["timestamp"]])
        self.healthd.stop()

    def test_publishing_goes_on_without_redis_and_after_a_restart(self):
        recorder = self.subscribe()
        self.wait_next(recorder)
        self.redis.stop()
        recorder.wait_alert(contract.RAISED, "redis")
        self.wait_next(recorder)
        self.healthd.kill()
        self.healthd.start()
        self.wait_next(recorder)  # a subscriber comes back by itself
        self.healthd.stop()


class LastValue(PublishTest):
    def setUp(self):
        super().setUp()
        self.start_all(HEALTH_CHECK_INTERVAL="3600")  # nothing comes but what is asked for

    def test_every_late_subscriber_gets_the_last_snapshot_at_once(self):
        body = self.healthd.system()
        for prefix in (b"health.snapshot_updated", b"health.", b"", b"h", b"health.snapshot_updated"):
            recorder = self.subscribe(prefix)
            record = recorder.wait_for(contract.SNAPSHOT, lambda one: True, 2)
            self.assertEqual(record.payload, body)
        self.healthd.stop()

    def test_the_last_value_is_the_newest_and_who_asks_for_alerts_gets_alerts(self):
        alerts = self.subscribe(b"health.alert_")
        self.redis.add("ess.tripped", reason="newest")
        alerts.wait_alert(contract.RAISED, "emergency_stop_system")
        late = self.subscribe(b"health.snapshot_updated")
        payload = late.wait_for(contract.SNAPSHOT, lambda one: True, 2).payload
        self.assertEqual(contract.check_system(payload, "newest"), [])
        self.redis.add("ess.manual_reset", user="op")
        alerts.wait_alert(contract.RESOLVED, "emergency_stop_system")
        self.assertNotIn(contract.SNAPSHOT, {record.topic for record in alerts.seen()})
        self.assertEqual({record.topic for record in late.seen()}, {contract.SNAPSHOT})
        self.healthd.stop()


class Clients(PublishTest):
    """Programs that know nothing of healthd but its contract."""

    def start_client(self, argv, count):
        return self.keep(Program([*argv, f"tcp://127.0.0.1:{self.healthd.publish_port}",
                                  "health.", str(count)], self.folder)).start()

    def test_clients_in_c_node_and_python_read_the_same(self):
        self.start_all()
        self.platform.control("ai_system", "body", json.dumps(RICH_BODY).encode())
        self.healthd.wait_entry("ai_system", lambda entry: entry["details"] == RICH_BODY)
        recorder = self.subscribe()
        wait_until(recorder.seen, 5, "a message")
        clients = [self.start_client([binary("SUB_CLIENT", "tests/sub_client")], 6),
                   self.start_client(["node", node_client()], 6)]
        for client in clients:
            wait_until(client.stdout, 10, "a client's first message")
        self.platform.control("risk_guard", "reset")
        recorder.wait_alert(contract.RAISED, "risk_guard")
        self.platform.control("risk_guard", "ok")
        for client in clients:
            self.assertEqual(client.wait(20), 0, client.stderr())
        ours = {key_of(record): record.payload for record in recorder.seen()}
        for client in clients:
            lines = [json.loads(line) for line in client.stdout().splitlines()]
            self.assertEqual(len(lines), 6)
            self.assertIn(contract.RAISED, [topic for topic, _ in lines])
            for topic, payload in lines:
                self.assertEqual(contract.check_payload(topic, payload), [])
                mine = ours[topic, payload.get("alert_id", payload["timestamp"])]
                if client is clients[0]:
                    self.assertEqual(kinds(payload), kinds(mine))
                else:  # a JavaScript number has 53 bits
                    self.assertEqual(through_javascript(payload), through_javascript(mine))
        self.healthd.stop()


def node_client():
    return os.environ.get("SUB_CLIENT_NODE") or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "sub_client.mjs")


def through_javascript(value):
    if isinstance(value, dict):
        return {key: through_javascript(one) for key, one in value.items()}
    if isinstance(value, list):
        return [through_javascript(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class HostilePeers(PublishTest):
    GREETING = b"\xff" + b"\x00" * 8 + b"\x7f\x03\x00NULL" + b"\x00" * 16 + b"\x00" + b"\x00" * 31
    READY = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB"

    def setUp(self):
        super().setUp()
        self.start_all()
        self.recorder = self.subscribe()
        self.wait_next(self.recorder)

    def connect(self):
        peer = socket.create_connection(("127.0.0.1", self.healthd.publish_port), timeout=10)
        self.addCleanup(peer.close)
        return peer

    def send(self, peer, data):
        """Sends as much of DATA as the other side takes."""
        try:
            peer.sendall(data)
            return True
        except OSError:
            return False

    def judge(self, rss_before_kib):
        self.wait_next(self.recorder)
        self.assertEqual(self.healthd.system()["status"], "OK")
        if not is_sanitized():
            self.assertLess(self.healthd.rss_kib() - rss_before_kib, 8 * 1024)
        self.healthd.stop()

    def test_garbage_silence_and_half_greetings(self):
        before = self.healthd.rss_kib()
        for data in (b"", b"\x00" * 100, b"GET / HTTP/1.1\r\n\r\n", os.urandom(100000),
                     self.GREETING[:11], self.GREETING, self.GREETING + b"\x04\xff" + b"x" * 255,
                     self.GREETING + self.READY + b"\x02" + b"\xff" * 8,
                     self.GREETING + self.READY + b"\x00\x00" * 1000,
                     self.GREETING + self.READY + b"\x01\x01x" * 1000):
            for _ in range(10):
                self.send(self.connect(), data)
        self.judge(before)

    def test_a_subscription_of_300_mib(self):
        before = self.healthd.rss_kib()
        peer = self.connect()
        size = 300 << 20
        self.send(peer, self.GREETING + self.READY + b"\x02" + struct.pack(">Q", size))
        chunk, sent = b"\x01" * (1 << 20), 0
        while sent < size and self.send(peer, chunk):
            sent += len(chunk)
        self.assertLess(sent, 32 << 20)  # cut off
        self.judge(before)

    def test_a_subscriber_that_never_reads_slows_nobody(self):
        before = self.healthd.rss_kib()
        self.platform.control("ai_system", "big", bytes=250000)
        with zmq.Context() as context, context.socket(zmq.SUB) as sleeper:
            sleeper.linger = 0
            sleeper.rcvhwm = 1
            sleeper.subscribe(b"")
            sleeper.connect(f"tcp://127.0.0.1:{self.healthd.publish_port}")
            for number in range(6):
                self.redis.add("ess.tripped", reason=str(number))
                stop = [f"Emergency Stop System: {number}"]
                self.recorder.wait_for(contract.SNAPSHOT,
                                       lambda body: body["critical_failures"] == stop, 3)
                self.redis.add("ess.rearmed", reason=str(number))
                self.healthd.wait_status("OK", 3)
        self.platform.control("ai_system", "ok")
        self.judge(before)

    def test_messages_that_are_no_subscriptions(self):
        before = self.healthd.rss_kib()
        with zmq.Context() as context, context.socket(zmq.XSUB) as peer:
            peer.linger = 0
            peer.connect(f"tcp://127.0.0.1:{self.healthd.publish_port}")
            for frame in (b"\x01", b"", b"\x02junk", b"\x07" * 3000, b"\x00never subscribed",
                          b"\x01" + b"t" * 3000, msgpack.packb({"a": 1})):
                for _ in range(50):
                    peer.send(frame)
            peer.send_multipart([b"\x01health.", b"more", b"frames"])
            self.assertTrue(peer.poll(5000))  # the first subscription was to everything
        self.judge(before)


if __name__ == "__main__":
    unittest.main()
