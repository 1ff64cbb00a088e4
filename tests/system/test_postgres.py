"""PostgreSQL checks of a configuration file against a real server with TLS, and bad ones."""
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from harness import Healthd, Program, SystemTest, free_port, is_sanitized, wait_until

BIN = "/usr/lib/postgresql/15/bin"
# PostgreSQL does not run as root.
AS_USER = () if os.getuid() else ("setpriv", "--reuid", "postgres", "--regid", "postgres",
                                  "--init-groups", "--")


class Postgres(Program):
    """A server with a folder of its own, a standby of PRIMARY where one is given."""

    def __init__(self, test, primary=None):
        self.port = free_port()
        self.home = tempfile.mkdtemp(prefix="healthd-postgres-", dir="/tmp")
        test.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.data = os.path.join(self.home, "data")
        if AS_USER:
            os.chown(self.home, pwd.getpwnam("postgres").pw_uid, -1)
        if primary:
            self.run(f"{BIN}/pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U",
                     "admin", "-D", self.data, "-R", "-X", "stream")
        else:
            self.run(f"{BIN}/initdb", "-D", self.data, "-U", "admin", "--auth=trust", "-N")
        with open(f"{self.data}/pg_hba.conf", "w", encoding="utf-8") as hba:
            hba.write("host all,replication admin 127.0.0.1/32 trust\n"
                      "hostssl all secure 127.0.0.1/32 scram-sha-256\n"
                      "host all health 127.0.0.1/32 scram-sha-256\n")
        for name in ("good.pem", "good.key"):
            shutil.copy(os.path.join(test.folder, name), self.data)
            os.chmod(os.path.join(self.data, name), 0o600)
            if AS_USER:
                os.chown(os.path.join(self.data, name), pwd.getpwnam("postgres").pw_uid, -1)
        super().__init__([*AS_USER, f"{BIN}/postgres", "-D", self.data, "-p", str(self.port),
                          "-k", self.home, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
                          "-c", "ssl=on", "-c", "ssl_cert_file=good.pem",
                          "-c", "ssl_key_file=good.key"], test.folder)

    def run(self, *argv):
        subprocess.run([*AS_USER, *argv], check=True, cwd="/", stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)

    def start(self):
        super().start()
        wait_until(lambda: subprocess.run(
            [f"{BIN}/pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q"],
            check=False).returncode == 0, 30, "PostgreSQL")
        return self

    def sql(self, text):
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                        str(self.port), "-U", "admin", "-d", "postgres", "-c", text], check=True)


class PostgresChecks(SystemTest):
    def make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out",
                "ca.pem", "-days", "30", "-subj", "/CN=test authority")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "good.key", "-out", "good.csr",
                "-subj", "/CN=localhost")
        with open(f"{self.folder}/names", "w", encoding="utf-8") as names:
            names.write("subjectAltName=DNS:localhost")
        openssl("x509", "-req", "-in", "good.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "20", "-extfile", "names", "-out", "good.pem")

    def start_postgres(self):
        self.make_certificates()
        server = self.keep(Postgres(self)).start()
        server.sql("create role health login password 'geheim'")
        server.sql("create role secure login password 'geheim'")
        server.sql("create table load (n int); insert into load values (7)")
        server.sql("grant select on load to health")
        return server

    def start_healthd(self, text):
        """A healthd whose infrastructure is TEXT, without what would change statuses late."""
        path = os.path.join(self.folder, "healthd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("version: 1\ndefaults: {check_interval: 1s, timeout: 2s, failure_threshold: 1,"
                       " success_threshold: 1, jitter: 0%, spread: false}\n"
                       "infrastructure:\n" + text)
        healthd = self.keep(Healthd(self.folder, {}))
        healthd.argv += ["--config", path]
        healthd.start()
        return healthd

    def assert_target(self, healthd, name, status, reason, error=""):
        def ask():
            target = healthd.get(f"/api/v1/targets/{name}")
            result = (target["status"], target["reason"])
            return target if result == (status, reason) else None
        try:
            target = wait_until(ask, 10, f"{name} {status} {reason}")
        except AssertionError as error_:
            raise AssertionError(healthd.get(f"/api/v1/targets/{name}")) from error_
        self.assertIn(error, target["error"] or "")
        self.assertNotIn("geheim", str(target))
        return target

    def assert_small(self, healthd):
        if not is_sanitized():  # sanitizers have memory of their own
            self.assertLess(healthd.rss_kib(), 120 * 1024)

    def test_login_query_and_conditions(self):
        server = self.start_postgres()
        url = f"postgresql://health:geheim@127.0.0.1:{server.port}/postgres"
        healthd = self.start_healthd(f"""
  - {{name: login, url: '{url}'}}
  - {{name: query, url: '{url}', postgres: {{query: 'select n, n + 1 from load'}},
      conditions: ['value == 7', 'output == "7 | 8"']}}
  - {{name: high, url: '{url}', postgres: {{query: select n from load}}, degraded_conditions: [value < 7]}}
  - {{name: empty, url: '{url}', postgres: {{query: select n from load where n = 8}}, conditions: [value < 7]}}
  - {{name: slow, url: '{url}', postgres: {{query: select pg_sleep(60)}}}}
  - {{name: writes, url: '{url}', postgres: {{query: create table t (n int)}}}}
  - {{name: wrong, url: '{url}', postgres: {{query: select nonsense}}}}
  - {{name: many, url: '{url}', postgres: {{query: 'select generate_series(1, 1000000000)'}}, conditions: [value == 1]}}
  - {{name: huge, url: '{url}', postgres: {{query: 'select repeat(''x'', 100000000)'}}}}
  - {{name: password, url: '{url.replace("geheim", "falsch")}'}}
  - {{name: option, url: '{url.replace("geheim", "falsch")}', postgres: {{password: geheim}}}}
  - {{name: database, url: '{url}x'}}
  - {{name: nobody, url: 'postgresql://health:geheim@127.0.0.1:{free_port()}/postgres'}}
  - {{name: nowhere, url: 'postgresql://health@nowhere.invalid/postgres'}}
  - {{name: named, url: '{url.replace("127.0.0.1", "localhost")}', ip_protocol: ipv4}}
  - {{name: both, url: '{url.replace("127.0.0.1", "localhost")}'}}
""")
        for name in ("login", "query", "many", "option", "named", "both"):
            target = self.assert_target(healthd, name, "OK", "none")
            self.assertGreater(target["latency_ms"], 0)
        self.assert_target(healthd, "high", "DEGRADED", "condition", "condition `value < 7` is false: 7")
        self.assert_target(healthd, "empty", "DOWN", "missing_value", "lacks a value")
        self.assert_target(healthd, "slow", "DOWN", "timeout_response")
        self.assert_target(healthd, "writes", "DOWN", "database_error", "read-only transaction")
        self.assert_target(healthd, "wrong", "DOWN", "database_error", 'column "nonsense" does not exist')
        self.assert_target(healthd, "huge", "DOWN", "protocol", "longer than 1 MiB")
        self.assert_target(healthd, "password", "DOWN", "authentication", "password authentication failed")
        self.assert_target(healthd, "database", "DOWN", "database_error", "does not exist")
        self.assert_target(healthd, "nobody", "DOWN", "refused", "Connection refused")
        self.assert_target(healthd, "nowhere", "DOWN", "dns_nxdomain")
        measured = healthd.get("/api/v1/targets/query")["measured"]
        self.assertNotIn("http_code", measured)
        phases = measured["phases_ms"]
        self.assertEqual(sorted(phases), ["connect", "first_byte", "resolve", "tls", "transfer"])
        # What the server still works on after a check that nobody waits for ends by itself.
        wait_until(lambda: int(subprocess.run(
            ["psql", "-At", "-h", "127.0.0.1", "-p", str(server.port), "-U", "admin", "-d", "postgres",
             "-c", "select count(*) from pg_stat_activity where query like '%pg_sleep(60)'"],
            check=True, capture_output=True, text=True).stdout) <= 3, 10, "queries that end")
        self.assert_small(healthd)
        server.close()
        self.assert_target(healthd, "login", "DOWN", "refused")

    def test_tls(self):
        server = self.start_postgres()
        url = f"postgresql://secure:geheim@localhost:{server.port}/postgres"
        ca = os.path.join(self.folder, "ca.pem")
        healthd = self.start_healthd(f"""
  - {{name: prefer, url: '{url}', ip_protocol: ipv4}}
  - {{name: plain, url: '{url}', ip_protocol: ipv4, postgres: {{sslmode: disable}}}}
  - {{name: full, url: '{url}', ip_protocol: ipv4, tls: {{ca_file: '{ca}'}}, conditions: [tls_version >= 1.2, cert_expiry > 10d]}}
  - {{name: untrusted, url: '{url}', ip_protocol: ipv4, postgres: {{sslmode: verify-full}}}}
  - {{name: mismatch, url: '{url.replace("localhost", "127.0.0.1")}', tls: {{ca_file: '{ca}'}}}}
  - {{name: soon, url: '{url}', ip_protocol: ipv4, cert_alert: {{warning: 25d}}}}
""")
        for name in ("prefer", "full", "soon"):
            self.assert_target(healthd, name, "OK", "none")
        self.assert_target(healthd, "plain", "DOWN", "authentication", "no pg_hba.conf entry")
        self.assert_target(healthd, "untrusted", "DOWN", "tls_untrusted", "certificate verify failed")
        self.assert_target(healthd, "mismatch", "DOWN", "tls_name_mismatch", "does not match host name")
        wait_until(lambda: [a for a in healthd.active() if a["component"] == "soon:certificate"],
                   10, "the alert of a certificate")

    def test_replication_lag(self):
        primary = self.start_postgres()
        standby = self.keep(Postgres(self, primary)).start()
        lines = "".join(f"  - {{name: {name}, url: 'postgresql://admin@127.0.0.1:{server.port}/postgres', "
                        "postgres: {replication_lag: true}, conditions: [value < 30, "
                        f"'output =~ \"{name}\"']}}\n"
                        for name, server in (("primary", primary), ("standby", standby)))
        healthd = self.start_healthd(lines)
        self.assert_target(healthd, "primary", "OK", "none")
        self.assert_target(healthd, "standby", "OK", "none")

    def test_hostile_servers(self):
        """Silence, garbage, an answer that never ends, and one byte at a time."""
        answers = {"silent": b"", "garbage": b"\x00\xff" * 64, "endless": b"R\x7f\xff\xff\xff",
                   "closes": None}
        lines = ""
        for name, answer in answers.items():
            listener = socket.create_server(("127.0.0.1", 0))
            self.addCleanup(listener.close)
            threading.Thread(target=self.serve, args=(listener, answer), daemon=True).start()
            lines += (f"  - {{name: {name}, url: 'postgresql://health@127.0.0.1:"
                      f"{listener.getsockname()[1]}/postgres', postgres: {{sslmode: disable}}}}\n")
        healthd = self.start_healthd(lines)
        self.assert_target(healthd, "silent", "DOWN", "timeout_response")
        self.assert_target(healthd, "garbage", "DOWN", "protocol")
        self.assert_target(healthd, "closes", "DOWN", "reset")
        target = wait_until(lambda: (lambda t: t if t["status"] == "DOWN" else None)(
            healthd.get("/api/v1/targets/endless")), 10, "endless DOWN")
        self.assertIn(target["reason"], ("protocol", "timeout_response"))
        self.assertTrue(healthd.is_running())
        self.assert_small(healthd)

    @staticmethod
    def serve(listener, answer):
        kept = []
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if answer is None:
                connection.recv(4096)
                connection.close()
                continue
            connection.sendall(answer)
            kept.append(connection)


if __name__ == "__main__":
    unittest.main()
