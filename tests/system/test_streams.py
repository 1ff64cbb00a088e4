"""What healthd writes to the event streams, with Redis there, away, hung and emptied."""
import signal
import threading
import unittest

import contract
from harness import Redis, SystemTest, free_port, wait_until
from recorders import StreamRecorder, count_repeats, judge_events

LONGEST_GAP_S = 2.5  # of snapshots at an interval of 1 s, on a busy machine


class StreamTest(SystemTest):
    def record(self, port):
        recorder = StreamRecorder(port)
        self.addCleanup(recorder.close)
        return recorder

    def start_recorded(self, **variables):
        self.start_all(**variables)
        self.recorder = self.record(self.redis.port)

    def flap(self, name):
        """NAME goes DOWN and comes back."""
        self.platform.control(name, "status", code=500)
        self.healthd.wait_entry(name, lambda entry: entry["status"] == "DOWN")
        self.platform.control(name, "ok")
        self.healthd.wait_entry(name, lambda entry: entry["status"] == "OK")

    def wait_caught_up(self, seconds=15):
        """Waits until a snapshot has come that was made after this call."""
        after = self.healthd.system()["timestamp"]
        self.recorder.wait_for(contract.SNAPSHOT, lambda body: body["timestamp"] > after, seconds,
                               "newer than now")

    def judge(self, longest_gap_s=LONGEST_GAP_S):
        """The record has no fault, and tells of exactly the alerts that the history has."""
        events = self.recorder.seen()
        self.assertEqual(judge_events(events, longest_gap_s), [])
        raised = {event.payload["alert_id"] for event in events if event.type == contract.RAISED}
        self.assertEqual(raised, {alert["alert_id"] for alert in self.healthd.history()})
        resolved = {event.payload["alert_id"] for event in events
                    if event.type == contract.RESOLVED}
        self.assertEqual(raised - resolved,
                         {alert["alert_id"] for alert in self.healthd.active()})


class Written(StreamTest):
    def test_all_three_types_with_their_six_fields(self):
        self.start_recorded()
        self.flap("risk_guard")
        self.recorder.wait_alert(contract.RESOLVED, "risk_guard", resolution="recovered")
        self.recorder.wait_alert(contract.RESOLVED, "system", resolution="recovered")
        self.wait_caught_up()
        self.judge()
        for event in self.recorder.seen():
            made = contract.instant(event.payload.get("resolved_at") or event.payload["timestamp"])
            self.assertLess(abs(contract.instant(event.timestamp) - made), 0.5, event)
        self.healthd.stop()

    def test_the_payload_of_a_snapshot_is_the_body_of_rest(self):
        self.start_recorded()
        bodies = {}

        def ask():
            body = self.healthd.system()
            bodies[body["timestamp"]] = body
            return len(bodies) > 4
        wait_until(ask, 15, "five bodies")
        self.wait_caught_up()
        compared = [(event.payload, bodies[event.payload["timestamp"]])
                    for event in self.recorder.of(contract.SNAPSHOT)
                    if event.payload["timestamp"] in bodies]
        self.assertGreater(len(compared), 2)
        for payload, body in compared:
            self.assertEqual(payload, body)
        self.healthd.stop()

    def test_a_changed_system_status_is_told_at_once_and_only_that(self):
        self.start_recorded(HEALTH_CHECK_INTERVAL="3600")
        self.redis.add("ess.tripped", reason="one")
        self.recorder.wait_for(contract.SNAPSHOT, lambda body: body["status"] == "CRITICAL", 2)
        self.recorder.wait_alert(contract.RAISED, "emergency_stop_system", 2)
        self.redis.add("ess.tripped", reason="two")
        wait_until(lambda: self.healthd.system()["critical_failures"]
                   == ["Emergency Stop System: two"], 2, "the second reason")
        self.redis.add("ess.rearmed", reason="cooldown_expired")

        def statuses():
            return [event.payload["status"] for event in self.recorder.of(contract.SNAPSHOT)]
        wait_until(lambda: statuses()[-3:] == ["OK", "CRITICAL", "OK"], 2, "OK, CRITICAL, OK")
        self.assertEqual(statuses().count("CRITICAL"), 1)
        self.healthd.stop()

    def test_the_commands_are_those_of_the_contract(self):
        server = self.start_redis()
        commands, is_over = [], threading.Event()

        def listen(monitor):
            while not is_over.is_set():
                commands.append(monitor.next_command()["command"])
        with server.client.monitor() as monitor:
            thread = threading.Thread(target=listen, args=(monitor,), daemon=True)
            thread.start()
            self.platform = self.start_platform()
            healthd = self.make_healthd(self.platform, server.port).start()
            healthd.wait_status("OK")
            entry_id = server.add("ess.tripped", reason="x")
            healthd.wait_status("CRITICAL")

            def said(start):
                return [text for text in list(commands) if text.startswith(start)]
            for stream in ("ess.tripped", "ess.manual_reset", "ess.rearmed", "ess.state.changed"):
                key = f"quantum:stream:{stream}"
                group = f"quantum:group:monitoring_health_service:{stream}"
                wait_until(lambda: said(f"XGROUP CREATE {key} {group} 0 MKSTREAM"), 5, "a group")
                wait_until(lambda: [
                    text for text in said(f"XREADGROUP GROUP {group} monitoring_health_service_")
                    if text.endswith(f" COUNT 10 BLOCK 5000 STREAMS {key} >")], 10, "a read")
                wait_until(lambda: said(f"XAUTOCLAIM {key} {group} monitoring_health_service_"),
                           10, "a claim")
            wait_until(lambda: said("XACK quantum:stream:ess.tripped quantum:group:"
                                    f"monitoring_health_service:ess.tripped {entry_id}"), 5, "ack")
            for event_type in (contract.SNAPSHOT, contract.RAISED):
                start = f"XADD quantum:stream:{event_type} MAXLEN ~ 10000 * event_type " \
                        f"{event_type} payload "
                wait_until(lambda: said(start), 5, start)
            self.assertEqual([text for text in said("XADD") if " MAXLEN ~ 10000 * " not in text
                              and "ess.tripped" not in text], [])
            consumers = {text.split()[3] for text in said("XREADGROUP")}
            for consumer in consumers:
                self.assertRegex(consumer, r"^monitoring_health_service_[0-9a-f]{8}$")
            for text in said("XAUTOCLAIM"):
                self.assertEqual(text.split()[4], "5000")
            healthd.stop()
            is_over.set()
            server.client.ping()  # the monitor's last command
            thread.join(5)

    def test_a_stream_is_cut_to_about_ten_thousand(self):
        server = self.start_redis()
        stream = f"quantum:stream:{contract.SNAPSHOT}"
        pipeline = server.client.pipeline(transaction=False)
        for number in range(12000):
            pipeline.xadd(stream, {"old": number})
        pipeline.execute()
        healthd = self.make_healthd(self.start_platform(), server.port).start()
        wait_until(lambda: 10000 <= server.client.xlen(stream) <= 10200, 10, "10,000 entries")
        healthd.stop()

    def test_above_1_mib_a_payload_leaves_out_details(self):
        self.start_recorded()
        for name in contract.SERVICES:
            self.platform.control(name, "big", bytes=256 * 1024)
        self.healthd.wait_entry("system_health_monitor",
                                lambda entry: isinstance(entry["details"], str))
        self.healthd.wait_entry("main_backend", lambda entry: isinstance(entry["details"], str))
        payload = self.recorder.wait_for(contract.SNAPSHOT,
                                         lambda body: "truncated" in body, 10).payload
        self.assertIs(payload["truncated"], True)
        services = payload["snapshot"]["services"]
        self.assertEqual([name for name in services if "details" in services[name]], [])
        self.assertEqual(payload["services"]["ok"], list(contract.SERVICES))
        self.assertEqual(list(services), list(contract.SERVICES))  # leaving details out was enough
        longest = max(len(dict(event.fields)["payload"]) for event in self.recorder.seen())
        self.assertLessEqual(longest, 1 << 20)
        self.healthd.stop()


class Outages(StreamTest):
    def wait_redis(self, status, seconds=10):
        self.healthd.wait_entry("redis", lambda entry: entry["status"] == status, seconds)

    def test_redis_comes_after_healthd(self):
        self.platform = self.start_platform()
        server = self.keep(Redis(self.folder, free_port()))
        self.healthd = self.make_healthd(self.platform, server.port).start()
        body = self.healthd.wait_status("CRITICAL")
        self.assertEqual(contract.check_system(body), [])
        self.assertEqual(body["critical_failures"], ["Infrastructure: redis"])
        self.assertTrue(body["snapshot"]["infra"]["redis"]["error"].startswith(
            "Redis ping failed: "))
        self.flap("risk_guard")
        wait_until(lambda: len(self.healthd.history()) == 3 and self.healthd.system()["timestamp"],
                   5, "three alerts")
        before = self.healthd.system()["timestamp"]
        for _ in range(2):  # the snapshots of two intervals at least wait for Redis
            last = before
            wait_until(lambda: self.healthd.system()["timestamp"] > last, 5, "a newer snapshot")
            before = self.healthd.system()["timestamp"]
        server.start()
        self.recorder = self.record(server.port)
        self.wait_redis("OK")
        self.recorder.wait_alert(contract.RESOLVED, "redis", resolution="recovered")
        self.wait_caught_up()
        self.judge()
        told = [event.payload["timestamp"] for event in self.recorder.of(contract.SNAPSHOT)]
        self.assertGreaterEqual(sum(at <= before for at in told), 2)  # those of before, in their turn
        self.assertEqual(count_repeats(self.recorder.seen()), 0)
        self.assertEqual(self.healthd.wait_status("OK")["status"], "OK")
        self.healthd.stop()

    def test_redis_is_lost_and_comes_back_with_its_streams(self):
        self.start_recorded()
        for name in ("scheduler", "ai_system"):
            self.wait_caught_up()
            self.redis.stop()
            self.wait_redis("DOWN")
            self.flap(name)
            self.redis.start()
            self.wait_redis("OK")
            self.recorder.wait_alert(contract.RESOLVED, name, 15)
        self.healthd.wait_status("OK")
        wait_until(lambda: not self.healthd.active(), 5, "no alert")
        self.wait_caught_up()
        self.judge()
        self.assertLessEqual(count_repeats(self.recorder.seen()), 2)  # one for each broken connection
        self.healthd.stop()

    def test_redis_hangs_and_goes_on(self):
        self.start_recorded()
        self.wait_caught_up()
        self.redis.signal(signal.SIGSTOP)
        try:
            self.wait_redis("DOWN", 5 + 1 + 2)  # its time-out, an interval, a busy machine
            body = self.healthd.system()
            self.assertEqual(contract.check_system(body), [])
            self.assertEqual(body["critical_failures"], ["Infrastructure: redis"])
            self.flap("risk_guard")
        finally:
            self.redis.signal(signal.SIGCONT)
        self.wait_redis("OK")
        self.recorder.wait_alert(contract.RESOLVED, "redis", 20)
        self.recorder.wait_alert(contract.RESOLVED, "risk_guard", 20)
        wait_until(lambda: not self.healthd.active(), 5, "no alert")
        self.wait_caught_up()
        self.judge()
        self.healthd.stop()

    def test_redis_is_emptied(self):
        self.start_recorded()
        for number, empty in enumerate((
                self.redis.client.flushall,
                lambda: self.redis.client.delete("quantum:stream:ess.tripped"),
                lambda: self.redis.client.xgroup_destroy(
                    "quantum:stream:ess.tripped",
                    "quantum:group:monitoring_health_service:ess.tripped"))):
            self.wait_caught_up()
            empty()
            self.redis.add("ess.tripped", reason=f"after {number}")
            wait_until(lambda: f"Emergency Stop System: after {number}"
                       in self.healthd.system()["critical_failures"], 15, f"a trip after {number}")
            self.redis.add("ess.manual_reset", user="op", reason="done")
            self.healthd.wait_status("OK")
        self.wait_caught_up()
        self.judge()
        self.healthd.stop()

    def test_redis_comes_back_empty(self):
        self.start_recorded()
        self.wait_caught_up()
        self.redis.kill()
        self.wait_redis("DOWN")
        other = self.keep(Redis(self.folder, self.redis.port, ("--appendonly", "no"))).start()
        self.wait_redis("OK")
        self.wait_caught_up()
        other.add_json("ess.tripped", {"reason": "still heard"})
        wait_until(lambda: self.healthd.system()["critical_failures"]
                   == ["Emergency Stop System: still heard"], 15, "a trip")
        self.recorder.wait_alert(contract.RAISED, "emergency_stop_system")
        self.judge()
        self.healthd.stop()

    def test_the_spool_survives_kill_9(self):
        self.start_recorded()
        self.flap("ai_system")
        self.recorder.wait_alert(contract.RESOLVED, "ai_system")
        self.redis.stop()
        self.wait_redis("DOWN")
        self.flap("risk_guard")
        for _ in range(3):
            self.healthd.kill()
            self.healthd.start()
            self.wait_redis("DOWN")
        self.flap("scheduler")
        self.redis.start()
        self.wait_redis("OK")
        for name in ("risk_guard", "scheduler", "redis", "system"):
            self.recorder.wait_alert(contract.RESOLVED, name, 15)
        wait_until(lambda: not self.healthd.active(), 5, "no alert")
        self.wait_caught_up()
        self.judge()
        times = {name: self.recorder.wait_alert(contract.RAISED, name).timestamp
                 for name in ("ai_system", "redis", "risk_guard", "scheduler")}
        self.assertEqual(sorted(times, key=times.get), list(times))
        self.healthd.stop()


if __name__ == "__main__":
    unittest.main()
