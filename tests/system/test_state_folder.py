"""The state folder from outside: one healthd for each, and nothing in it that grows for ever."""
import os
import sqlite3
import unittest

from harness import SystemTest


class StateFolder(SystemTest):
    def cursors(self, healthd):
        with sqlite3.connect(os.path.join(healthd.state_folder, "state.db")) as database:
            return dict(database.execute("SELECT name, seq FROM cursor"))

    def last_seq(self, healthd):
        with sqlite3.connect(os.path.join(healthd.state_folder, "state.db")) as database:
            return database.execute("SELECT max(seq) FROM alert_event").fetchone()[0]

    def test_a_second_healthd_is_refused(self):
        first = self.make_healthd().start()
        second = self.make_healthd(HEALTHD_STATE_DIR=first.state_folder)
        second.start(is_awaited=False)
        self.assertEqual(second.wait(10), 78)
        self.assertEqual(second.stderr(),
                         f"healthd: HEALTHD_STATE_DIR: {first.state_folder}: another healthd uses "
                         f"this folder (process {first.process.pid})\n")
        first.kill()
        second.start()
        second.stop()

    def test_a_damaged_file_stays_and_the_line_says_what_to_do(self):
        healthd = self.make_healthd()
        os.mkdir(healthd.state_folder)
        path = os.path.join(healthd.state_folder, "state.db")
        with open(path, "wb") as file:
            file.write(b"no database" * 1000)
        healthd.start(is_awaited=False)
        self.assertEqual(healthd.wait(10), 78)
        self.assertRegex(healthd.stderr(), r"\Ahealthd: HEALTHD_STATE_DIR: .*state\.db: file is not a "
                                           r"database .*move it away to begin anew\n\Z")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"no database" * 1000)

    def test_a_row_that_cannot_be_read_ends_the_start_with_what_to_do(self):
        platform, redis = self.start_platform(), self.start_redis()
        healthd = self.make_healthd(platform, redis.port).start()
        platform.control("risk_guard", "status", code=500)
        healthd.wait_status("CRITICAL")
        healthd.stop()
        path = os.path.join(healthd.state_folder, "state.db")
        for spoil in ("UPDATE alert_event SET body = x'80'; UPDATE cursor SET seq = 0",
                      "UPDATE alert SET body = x'80'"):
            with sqlite3.connect(path) as database:
                database.executescript(spoil)
            healthd.start(is_awaited=False)
            self.assertEqual(healthd.wait(10), 78)
            self.assertRegex(healthd.stderr().splitlines()[-1],
                             r"\Ahealthd: .*state\.db: alert.* cannot be read: alert.*move it away "
                             r"to begin anew\Z")

    def test_without_a_bus_no_cursor_keeps_the_log(self):
        redis = self.start_redis()
        platform = self.start_platform()
        with_bus = self.make_healthd(platform, redis.port).start()
        self.assertEqual(list(self.cursors(with_bus)), ["event_bus"])
        with_bus.stop()

        shared = {"HEALTHD_STATE_DIR": with_bus.state_folder}
        without = self.make_healthd(platform, **shared).start()
        self.assertEqual(self.cursors(without), {})
        platform.control("risk_guard", "status", code=500)
        without.wait_status("CRITICAL")
        without.stop()
        self.assertGreaterEqual(self.last_seq(without), 2)

        again = self.make_healthd(platform, redis.port, **shared).start()
        self.assertGreaterEqual(self.cursors(again)["event_bus"], self.last_seq(without))
        again.stop()
        # What happened while there was no bus is none of its events.
        self.assertEqual(redis.client.xlen("quantum:stream:health.alert_raised"), 0)


if __name__ == "__main__":
    unittest.main()
