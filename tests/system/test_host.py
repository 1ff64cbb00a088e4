"""Host checks of this machine; one of its file systems hangs."""
import ctypes
import os
import shutil
import subprocess
import time
import unittest

from harness import Healthd, SystemTest

FAST = ("defaults: {check_interval: 1s, timeout: 1s, failure_threshold: 1, success_threshold: 1, "
        "jitter: 0%, spread: false}\n")
MNT_DETACH = 2


class HungFileSystem:
    """A FUSE file system that nobody serves: whoever asks it waits until it is closed."""

    def __init__(self, folder):
        self.folder = folder
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0"
        if self.libc.mount(b"hung", folder.encode(), b"fuse", 0, options.encode()):
            os.close(self.fd)
            raise OSError(ctypes.get_errno(), "mount")

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.libc.umount2(self.folder.encode(), MNT_DETACH)
            self.fd = -1


class Host(SystemTest):
    def watch(self, *targets):
        """healthd with these (name, what of the host, lines of settings...)."""
        text = FAST + "services:\n"
        for name, what, *lines in targets:
            text += f"  - name: {name}\n    url: host:{what}\n"
            text += "".join(f"    {line}\n" for line in lines)
        path = os.path.join(self.folder, "healthd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        healthd.argv += ["--config", path]
        return healthd.start()

    def entry(self, healthd, name, status, seconds=10):
        body = healthd.wait_entry(name, lambda it: it["status"] == status, seconds)
        return body["snapshot"]["services"][name]

    def values(self, healthd, name):
        return healthd.get(f"/api/v1/targets/{name}")["measured"]["values"]

    def test_what_this_machine_says_of_itself(self):
        healthd = self.watch(
            ("load", "load", "host: {load_degraded: 1000x}"),
            ("memory", "memory", "host: {available_degraded: 0%, available_down: 0%}"),
            ("disk", f"disk{self.folder}", "host: {used_degraded: 100%, used_down: 100%, "
             "inodes_degraded: 100%, inodes_down: 100%}"),
            ("healthd", "process/healthd"))
        for name in ("load", "memory", "disk", "healthd"):
            self.entry(healthd, name, "OK")
        with open("/proc/meminfo", encoding="ascii") as file:
            total = int(file.readline().split()[1]) * 1024
        disk = shutil.disk_usage(self.folder)
        self.assertEqual(self.values(healthd, "memory")["total_bytes"], total)
        self.assertAlmostEqual(self.values(healthd, "disk")["total_bytes"], disk.total)
        self.assertAlmostEqual(self.values(healthd, "disk")["used_ratio"],
                               disk.used / (disk.used + disk.free), delta=0.05)
        self.assertGreaterEqual(self.values(healthd, "healthd")["count"], 1)
        self.assertEqual(set(self.values(healthd, "load")),
                         {"load_per_cpu", "load1", "load5", "load15"})

    def test_limits_and_conditions(self):
        old = os.path.join(self.folder, "dump")
        with open(old, "w", encoding="ascii") as file:
            file.write("12345")
        os.utime(old, (time.time() - 7200,) * 2)
        healthd = self.watch(
            ("full", "disk/", "host: {used_degraded: 0%}"),
            ("file", f"file{old}", "host: {age_degraded: 1h, age_down: 3h}"),
            ("older", f"file{old}", "host: {age_degraded: 1m, age_down: 1h}"),
            ("small", f"file{old}", "host: {size_least: 1KiB}"),
            ("spoken", "disk/", "host: {used_down: 0%}", 'conditions: ["used_ratio <= 100%"]'),
            ("false", f"file{old}", 'conditions: ["age_s < 3600"]'),
            ("lost", "file/no/such"), ("folder", "disk/no/such"),
            ("none", "process/no-such-program"), ("closed", "file/proc/1/root/x"))
        self.assertEqual(self.entry(healthd, "full", "DEGRADED")["reason"], "threshold")
        self.assertRegex(self.entry(healthd, "file", "DEGRADED")["error"],
                         rf"^file {old}: changed 72\d\d s ago, 5 bytes$")
        self.assertEqual(self.entry(healthd, "older", "DOWN")["reason"], "threshold")
        self.assertEqual(self.entry(healthd, "small", "DOWN")["reason"], "threshold")
        self.entry(healthd, "spoken", "OK")
        self.assertEqual(self.entry(healthd, "false", "DOWN")["reason"], "condition")
        self.assertEqual(self.entry(healthd, "lost", "DOWN")["reason"], "not_found")
        self.assertEqual(self.entry(healthd, "folder", "DOWN")["reason"], "not_found")
        self.assertEqual(self.entry(healthd, "none", "DOWN")["error"],
                         "process no-such-program: 0 run")

    def test_a_process_with_a_long_name(self):
        program = os.path.join(self.folder, "a-program-with-a-long-name")
        shutil.copy("/bin/sleep", program)
        with subprocess.Popen([program, "60"]) as child:
            healthd = self.watch(
                ("it", "process/a-program-with-a-long-name"),
                ("other", "process/a-program-with-another-name"))
            self.entry(healthd, "it", "OK")
            self.entry(healthd, "other", "DOWN")
            self.assertEqual(self.values(healthd, "it"), {"count": 1})
            child.kill()
        self.entry(healthd, "it", "DOWN")

    @unittest.skipUnless(os.geteuid() == 0 and os.path.exists("/dev/fuse"), "needs root and FUSE")
    def test_a_file_system_that_hangs_delays_nobody(self):
        folder = os.path.join(self.folder, "hung")
        os.mkdir(folder)
        hung = self.keep(HungFileSystem(folder))
        healthd = self.watch(("hung", f"disk{folder}"), ("file", f"file{folder}/x"),
                             ("load", "load", "host: {load_degraded: 1000x}"))
        self.assertEqual(self.entry(healthd, "hung", "DOWN")["reason"], "timeout_response")
        self.assertEqual(self.entry(healthd, "file", "DOWN")["reason"], "timeout_response")
        tasks = f"/proc/{healthd.process.pid}/task"
        n_tasks = len(os.listdir(tasks))
        seen = healthd.get("/api/v1/targets/hung")["checked_at"]
        for _ in range(4):  # more checks start no more threads
            healthd.wait_entry("load", lambda it: it["status"] == "OK")
            seen = self.next_check(healthd, "hung", seen)
        self.assertLessEqual(len(os.listdir(tasks)), n_tasks + 1)
        self.assertLess(self.entry(healthd, "load", "OK")["latency_ms"], 900)
        hung.close()  # the file system comes back as the folder below it
        self.entry(healthd, "hung", "OK")

    def next_check(self, healthd, name, seen):
        """The time of NAME's next result."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            now = healthd.get(f"/api/v1/targets/{name}")["checked_at"]
            if now != seen:
                return now
            time.sleep(0.05)
        raise AssertionError(f"{name} is not checked any more")


if __name__ == "__main__":
    unittest.main()
