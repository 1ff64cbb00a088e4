"""Exec checks: plugins of Debian's monitoring-plugins, and programs that behave badly."""
import json
import os
import pwd
import subprocess
import unittest

from harness import Healthd, SystemTest, binary, wait_until

PLUGINS = "/usr/lib/nagios/plugins"
FAST = ("defaults: {check_interval: 1s, timeout: 1s, failure_threshold: 1, success_threshold: 1, "
        "jitter: 0%, spread: false}\n")


def processes():
    """Command lines of every process that is no zombie, by number."""
    found = {}
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                found[int(name)] = file.read().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError):
            continue
    return {number: line for number, line in found.items() if line}


class ExecTest(SystemTest):
    def write(self, text, name="healthd.yaml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def script(self, name, text):
        path = self.write(text, name)
        os.chmod(path, 0o755)
        return path

    def watch(self, *targets):
        """healthd with these (name, path, lines of settings...)."""
        text = FAST + "services:\n"
        for name, path, *lines in targets:
            text += f"  - name: {name}\n    url: exec:{path}\n"
            text += "".join(f"    {line}\n" for line in lines)
        healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        healthd.argv += ["--config", self.write(text)]
        return healthd.start()

    def shell(self, name, script, *lines):
        """A target that runs SCRIPT by sh; $ is that of the shell."""
        quoted = json.dumps(script.replace("$", "$$"))
        return (name, "/bin/sh", *(lines or ("exec: {args: [\"-c\", " + quoted + "]}",)))

    def entry(self, healthd, name, status):
        body = healthd.wait_entry(name, lambda it: it["status"] == status, 10)
        return body["snapshot"]["services"][name]

    def detail(self, healthd, name):
        return healthd.get(f"/api/v1/targets/{name}")


class Contract(ExecTest):
    def test_each_exit_code_has_its_status(self):
        rows = [(0, "OK", None), (1, "DEGRADED", "exit_code"), (2, "DOWN", "exit_code"),
                (3, "DEGRADED", "exit_unknown"), (77, "DEGRADED", "exit_unknown")]
        healthd = self.watch(*[self.shell(f"c{code}", f"echo 'TEXT {code} | a={code}'; exit {code}")
                               for code, _, _ in rows])
        for code, status, reason in rows:
            entry = self.entry(healthd, f"c{code}", status)
            self.assertEqual(entry.get("reason"), reason)
            self.assertEqual(entry.get("error"), f"TEXT {code}" if code else None)
            self.assertEqual(self.detail(healthd, f"c{code}")["measured"]["values"], {"a": code})
            self.assertRegex(healthd.request("GET", "/metrics").body.decode(),
                             rf'healthd_target_value{{target="c{code}",kind="service",value="a"}} '
                             rf'{code}\n')

    def test_plugins_of_debian(self):
        healthd = self.watch(
            ("load", f"{PLUGINS}/check_load",
             'exec: {args: ["-w", "1000,1000,1000", "-c", "2000,2000,2000"], values: [load1]}',
             'conditions: ["load1 < 1000", "exit_code == 0", "output =~ \\"load average\\""]'),
            ("disk", f"{PLUGINS}/check_disk", 'exec: {args: ["-w", "0%", "-c", "0%", "-p", "/"]}',
             'conditions: ["value > 0"]'),
            ("procs", f"{PLUGINS}/check_procs", 'exec: {args: ["-w", "0:0"]}'),
            ("dummy", f"{PLUGINS}/check_dummy", 'exec: {args: ["2", "so it is"]}'),
            ("usage", f"{PLUGINS}/check_disk", 'exec: {args: ["--no-such-option"]}'))
        for name, status in (("load", "OK"), ("disk", "OK"), ("procs", "DEGRADED"),
                             ("dummy", "DOWN"), ("usage", "DEGRADED")):
            entry = self.entry(healthd, name, status)
        self.assertEqual(entry["reason"], "exit_unknown")
        self.assertIn("load1", self.detail(healthd, "load")["measured"]["values"])
        self.assertIn("/", self.detail(healthd, "disk")["measured"]["values"])
        self.assertRegex(self.entry(healthd, "procs", "DEGRADED")["error"], r"^PROCS WARNING: \d+")
        self.assertEqual(self.entry(healthd, "dummy", "DOWN")["error"], "CRITICAL: so it is")

    def test_what_a_program_gets(self):
        script = ("ls /proc/$$/fd | tr '\\n' ' '; pwd; env | sort | tr '\\n' ' '; "
                  "grep -E 'SigBlk|SigIgn|NoNewPrivs|Max core' /proc/self/status /proc/self/limits; "
                  "ps -o pid=,pgid=,sid= -p $$; umask; readlink /proc/$$/fd/0")
        healthd = self.watch((
            "it", "/bin/sh", "exec:", f"  args: ['-c', {json.dumps(script.replace('$', '$$'))}]",
            "  env: [\"SECRET=s3cr3t\", \"LANG=C.UTF-8\"]", "  working_directory: /tmp"))
        self.entry(healthd, "it", "OK")
        evidence = wait_until(lambda: self.detail(healthd, "it")["details"], 5, "details")["raw"]
        self.assertIn("0 1 2 ", evidence)
        self.assertIn("/tmp\n", evidence)
        self.assertIn("HOME=/ LANG=C.UTF-8", evidence)
        self.assertNotIn("HEALTHD", evidence)

    def test_argument_lists_are_no_shell(self):
        healthd = self.watch(("it", "/bin/echo",
                              "exec: {args: [\"a  b\", \"$(id) `id`; exit 2\", \"*\"]}"))
        self.assertEqual(self.entry(healthd, "it", "OK")["details"]["raw"],
                         "a  b $(id) `id`; exit 2 *")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_another_user(self):
        os.chmod(self.folder, 0o755)
        nobody = pwd.getpwnam("nobody")
        healthd = self.watch(("it", "/bin/sh", "exec: {user: nobody, args: [\"-c\", \"id\"]}"))
        self.assertIn(f"uid={nobody.pw_uid}(nobody)", self.entry(healthd, "it", "OK")["details"]["raw"])

    def test_a_user_that_cannot_be_is_told_at_the_start(self):
        path = self.write("services: [{name: a, url: 'exec:/bin/true', exec: {user: no-such}}]\n")
        done = subprocess.run([binary("HEALTHD", "healthd"), "--check", path], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 78)
        self.assertIn('user: "no-such" cannot run anything: there is no such user', done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become nobody")
    def test_who_is_not_root_cannot_lend_users(self):
        os.chmod(self.folder, 0o755)
        path = self.write("services: [{name: a, url: 'exec:/bin/true', exec: {user: root}}]\n")
        program = self.script("healthd-copy", "")
        with open(binary("HEALTHD", "healthd"), "rb") as source, open(program, "wb") as copy:
            copy.write(source.read())
        done = subprocess.run(["setpriv", "--reuid", "nobody", "--clear-groups", program, "--check",
                               path], text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 78)
        self.assertIn("healthd may not become another user", done.stderr)


class BadPrograms(ExecTest):
    """Each bad end has its reason, and leaves nothing behind."""

    def test_one_that_hangs_with_its_children(self):
        mark = f"sleep 4242.{os.getpid()}"
        healthd = self.watch(self.shell("it", f"trap '' TERM; {mark} & {mark} & echo begun; {mark}"))
        entry = self.entry(healthd, "it", "DOWN")
        self.assertEqual(entry["reason"], "timeout_response")
        self.assertEqual(entry["error"], "Request timeout")
        self.assertGreaterEqual(entry["latency_ms"], 1000)
        self.assertLess(entry["latency_ms"], 1900)
        healthd.stop()
        wait_until(lambda: not [1 for line in processes().values() if mark in line], 5,
                   "its children are gone")

    def test_one_that_leaves_a_child_with_its_pipes(self):
        mark = f"sleep 4343.{os.getpid()}"
        healthd = self.watch(self.shell("it", f"{mark} & echo done"))
        entry = self.entry(healthd, "it", "OK")
        self.assertLess(entry["latency_ms"], 900)
        self.assertEqual(entry["details"]["raw"], "done")
        wait_until(lambda: len([1 for line in processes().values() if mark in line]) <= 1, 5,
                   "no children pile up")

    def test_one_that_closes_its_pipes_and_sleeps(self):
        healthd = self.watch(self.shell("it", "exec >&- 2>&- <&-; sleep 1000"))
        self.assertEqual(self.entry(healthd, "it", "DOWN")["reason"], "timeout_response")

    def test_one_that_never_stops_writing(self):
        healthd = self.watch(self.shell("it", "yes"), self.shell("err", "yes >&2"))
        for name in ("it", "err"):
            entry = self.entry(healthd, name, "DEGRADED")
            self.assertEqual(entry["reason"], "output_limit")
            self.assertIn("wrote over 1064960 bytes and was ended", entry["error"])

    def test_one_that_writes_more_than_is_read(self):
        healthd = self.watch((
            "it", "/bin/sh", "exec:", "  output_limit: 1KiB",
            "  args: ['-c', 'yes x | tr -d \"\\n\" | head -c 300000; exit 1']"))
        entry = self.entry(healthd, "it", "DEGRADED")
        self.assertEqual(entry["reason"], "exit_code")
        output = self.detail(healthd, "it")["evidence"][0]["output"]
        self.assertEqual(set(output), {"x"})
        self.assertEqual(len(output), 1024)

    def test_ones_that_cannot_be_started(self):
        plain = self.write("#!/bin/sh\n", "plain")
        lost = self.script("lost", "#!/no/such/interpreter\n")
        text = self.script("text", "no program\n")
        healthd = self.watch(("missing", "/no/such"), ("plain", plain), ("lost", lost),
                             ("text", text), ("folder", self.folder),
                             ("strict", "/no/such", "exec: {unknown: down}"),
                             ("lone", "/no/such", 'conditions: ["exit_code == 0"]'))
        for name, error in (("missing", "No such file"), ("plain", "Permission denied"),
                            ("lost", "No such file"), ("text", "Exec format error"),
                            ("folder", "Permission denied"), ("lone", "No such file")):
            entry = self.entry(healthd, name, "DEGRADED")
            self.assertEqual(entry["reason"], "not_executable")
            self.assertIn(error, entry["error"])
        self.assertEqual(self.entry(healthd, "strict", "DOWN")["reason"], "not_executable")

    def test_one_that_a_signal_ends(self):
        healthd = self.watch(self.shell("it", "echo half; kill -SEGV $$"))
        entry = self.entry(healthd, "it", "DEGRADED")
        self.assertEqual(entry["reason"], "killed")
        self.assertIn("signal 11 (SIGSEGV) ended the program", entry["error"])

    def test_bytes_that_are_no_text(self):
        healthd = self.watch(self.shell("it", "printf '\\377\\001\\033[31m| \\376=1 a=2\\n'; exit 2"))
        self.entry(healthd, "it", "DOWN")
        self.assertEqual(self.detail(healthd, "it")["measured"]["values"], {"a": 2})

    def test_many_side_by_side_leave_no_descriptor_and_no_zombie(self):
        healthd = self.watch(*[("t%d" % i, "/bin/true") for i in range(100)],
                             self.shell("slow", "sleep 0.5"))
        folder = f"/proc/{healthd.process.pid}/fd"
        self.entry(healthd, "slow", "OK")
        for i in range(100):
            self.entry(healthd, f"t{i}", "OK")

        def is_quiet():
            children = subprocess.run(["ps", "-o", "stat=", "--ppid", str(healthd.process.pid)],
                                      text=True, capture_output=True, check=False).stdout
            return not children.strip() and len(os.listdir(folder)) < 100
        wait_until(is_quiet, 10, "nothing is left")

    def test_nothing_runs_on_when_healthd_is_killed(self):
        mark = f"sleep 4444.{os.getpid()}"
        healthd = self.watch(("it", "/bin/sleep", f"exec: {{args: ['{mark[6:]}']}}", "timeout: 1m"))
        wait_until(lambda: [1 for line in processes().values() if mark in line], 5, "it runs")
        healthd.kill()
        wait_until(lambda: not [1 for line in processes().values() if mark in line], 5, "it is gone")


if __name__ == "__main__":
    unittest.main()
