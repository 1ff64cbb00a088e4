"""Checks of connections (tcp, tls) against OpenSSL's server, Exim, stunnel, Redis, and peers that
behave badly."""
import json
import os
import pwd
import shutil
import socket
import threading
import unittest

from checks import ChecksTest
from harness import Program, free_port, wait_until

EXIM = """
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
pid_file_path = {folder}/mail/exim.pid
spool_directory = {folder}/mail
log_file_path = {folder}/mail/%slog
keep_environment =
tls_advertise_hosts = *
tls_certificate = {folder}/mail/good.pem
tls_privatekey = {folder}/mail/good.key
host_lookup =
begin acl
begin routers
begin transports
"""


class Peer:
    """Serves each connection by TALK(connection) in a thread of its own."""
    def __init__(self, talk):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.talk = talk
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            try:
                self.talk(connection)
            except OSError:
                pass

    def close(self):
        self.listener.close()


def drip(connection):
    while True:
        connection.sendall(b"2")
        threading.Event().wait(0.02)


def flood(connection):
    while True:
        connection.sendall(b"x" * 65536)


def early(connection):
    """Says something in clear behind the line that TLS begins with."""
    connection.sendall(b"220 hello\r\n")
    connection.recv(100)
    connection.sendall(b"250 STARTTLS\r\n")
    connection.recv(100)
    connection.sendall(b"220 go\r\n250 injected\r\n")
    connection.recv(100)


class StreamChecks(ChecksTest):
    def peer(self, talk):
        peer = Peer(talk)
        self.addCleanup(peer.close)
        return peer.port

    def make_certificates(self):
        for authority in ("ca", "other"):
            self.authority(authority)
        self.certificate("good", "DNS:localhost,IP:127.0.0.1")
        self.certificate("expired", "DNS:localhost", days="-1")
        self.certificate("wrong", "DNS:elsewhere.example")
        self.certificate("stranger", "DNS:localhost", issuer="other")
        self.certificate("client", "DNS:healthd")

    def start_openssl(self, name, *options):
        port = free_port()
        self.keep(Program(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet",
                           "-cert", f"{self.folder}/{name}.pem",
                           "-key", f"{self.folder}/{name}.key", *options], self.folder).start())
        wait_until(lambda: self.is_listening(port), 10, "openssl listens")
        return port

    def start_exim(self):
        port = free_port()
        folder = os.path.join(self.folder, "mail")
        os.makedirs(folder)
        for name in ("good.pem", "good.key"):
            shutil.copy(os.path.join(self.folder, name), folder)
        if os.getuid() == 0:  # Exim leaves root
            os.chmod(self.folder, 0o755)
            user = pwd.getpwnam("Debian-exim")
            for path in (folder, *(os.path.join(folder, name) for name in os.listdir(folder))):
                os.chown(path, user.pw_uid, user.pw_gid)
        conf = os.path.join(self.folder, "exim.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(EXIM.format(port=port, folder=self.folder))
        exim = shutil.which("exim4") or "/usr/sbin/exim4"
        self.keep(Program([exim, "-C", conf, "-bdf", "-oX", f"127.0.0.1.{port}"],
                          self.folder).start())
        wait_until(lambda: self.is_listening(port), 10, "exim listens")
        return port

    def start_stunnel(self, target):
        """TLS for what listens in clear at TARGET."""
        port = free_port()
        conf = os.path.join(self.folder, "stunnel.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"foreground = yes\npid =\n[x]\naccept = 127.0.0.1:{port}\n"
                       f"connect = 127.0.0.1:{target}\ncert = {self.folder}/good.pem\n"
                       f"key = {self.folder}/good.key\n")
        self.keep(Program(["stunnel4", conf], self.folder).start())
        wait_until(lambda: self.is_listening(port), 10, "stunnel listens")
        return port

    def check(self, rows):
        """Each row: name, url, settings, status, reason. Gives the entries by name."""
        healthd = self.watch([f"{{name: {name}, url: '{url}'{', ' if settings else ''}{settings}}}"
                              for name, url, settings, _, _ in rows])
        entries = self.results(healthd, len(rows))
        for name, _, _, status, reason in rows:
            with self.subTest(name):
                entry = entries[name]
                self.assertEqual(entry["status"], status, entry)
                self.assertEqual(entry.get("reason", ""), reason, entry)
        return entries

    def test_tls_handshakes(self):
        self.make_certificates()
        ca = f"ca_file: {self.folder}/ca.pem"
        client = f"cert_file: {self.folder}/client.pem, key_file: {self.folder}/client.key"
        ports = {name: self.start_openssl(name)
                 for name in ("good", "expired", "wrong", "stranger")}
        ports["old"] = self.start_openssl("good", "-no_tls1_3")
        ports["ancient"] = self.start_openssl("good", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        ports["mutual"] = self.start_openssl("good", "-Verify", "2", "-verify_return_error",
                                             "-CAfile", f"{self.folder}/ca.pem", "-no_tls1_3")
        at = {name: f"tls://localhost:{port}" for name, port in ports.items()}
        entries = self.check([
            ("good", at["good"], f"tls: {{{ca}}}, conditions: [tls_version == 1.3,"
             " cert_expiry > 9d, cert_expiry < 11d, phase.tls > 0s,"
             " 'output =~ \"CN=good\"']", "OK", ""),
            ("address", f"tls://127.0.0.1:{ports['good']}", f"tls: {{{ca}}}", "OK", ""),
            ("untrusted", at["good"], "", "DOWN", "tls_untrusted"),
            ("stranger", at["stranger"], f"tls: {{{ca}}}", "DOWN", "tls_untrusted"),
            ("unverified", at["stranger"], "tls: {skip_verify: true}", "OK", ""),
            ("expired", at["expired"], f"tls: {{{ca}}}", "DOWN", "tls_expired"),
            ("wrong", at["wrong"], f"tls: {{{ca}}}", "DOWN", "tls_name_mismatch"),
            ("renamed", at["wrong"], f"tls: {{{ca}, server_name: elsewhere.example}}", "OK", ""),
            ("old", at["old"], f"tls: {{{ca}, min_version: '1.3'}}", "DOWN", "tls_failure"),
            ("modern", at["old"], f"tls: {{{ca}}}, conditions: [tls_version == 1.2]", "OK", ""),
            ("ancient", at["ancient"], f"tls: {{{ca}}}", "DOWN", "tls_failure"),
            ("lenient", at["ancient"], f"tls: {{{ca}, min_version: '1.0'}},"
             " conditions: [tls_version == 1.1]", "OK", ""),
            ("anonymous", at["mutual"], f"tls: {{{ca}}}", "DOWN", "tls_failure"),
            ("mutual", at["mutual"], f"tls: {{{ca}, {client}}}", "OK", ""),
            ("in_clear", f"tls://127.0.0.1:{self.peer(lambda c: c.sendall(b'hello'))}", "", "DOWN",
             "tls_failure"),
            ("nobody", f"tls://localhost:{free_port()}", "", "DOWN", "refused"),
            ("silent", f"tls://127.0.0.1:{self.peer(lambda c: c.recv(10000) and c.recv(1))}",
             "timeout: 300ms", "DOWN", "timeout_tls"),
            ("dripping", f"tls://127.0.0.1:{self.peer(drip)}", "timeout: 300ms", "DOWN",
             "tls_failure"),
            ("flooding", f"tls://127.0.0.1:{self.peer(flood)}", "", "DOWN", "tls_failure"),
        ])
        details = entries["good"]["details"]
        details = json.loads(details) if isinstance(details, str) else details
        self.assertEqual(details["subject"], "CN=good")
        self.assertEqual(details["issuer"], "CN=ca")
        self.assertEqual(details["names"], ["localhost", "127.0.0.1"])

    def test_dialogues(self):
        self.make_certificates()
        redis = self.start_redis()
        mail = self.start_exim()
        tunnel = self.start_stunnel(redis.port)
        at = f"tcp://127.0.0.1:{redis.port}"
        smtp = f"tcp://localhost:{mail}"
        ca = f"tls: {{ca_file: {self.folder}/ca.pem}}"
        silent = self.peer(lambda c: c.recv(1))
        self.check([
            ("plain", at, "conditions: [connected, phase.connect > 0s]", "OK", ""),
            ("ping", at, "tcp: {dialogue: ['send PING\\r\\n', 'expect ^\\+PONG$']}", "OK", ""),
            ("wrong", at, "tcp: {dialogue: ['send PIN\\r\\n', 'reject ^-ERR.*\\r?\\n',"
             " 'expect ^\\+PONG']}", "DOWN", "protocol"),
            ("captured", at, "tcp: {dialogue: ['send ECHO abc\\r\\n', 'expect ^(?<said>abc)\\r\\n',"
             " 'send ECHO \\{said}def\\r\\n', 'expect ^abcdef$']},"
             " conditions: ['output =~ \"abcdef\"']", "OK", ""),
            ("secured", f"tcp://localhost:{tunnel}", f"{ca}, tcp: {{tls: true, dialogue:"
             " ['send PING\\r\\n', 'expect ^\\+PONG']}, conditions: [cert_expiry > 9d,"
             " phase.first_byte > 0s]", "OK", ""),
            ("smtp", smtp, "tcp: {preset: smtp}", "OK", ""),
            ("starttls", smtp, f"{ca}, tcp: {{preset: smtp_starttls}}, conditions:"
             " [cert_expiry > 9d, tls_version >= 1.2]", "OK", ""),
            ("starttls_untrusted", smtp, "tcp: {preset: smtp_starttls}", "DOWN", "tls_untrusted"),
            ("starttls_named", smtp, f"{ca}, tcp: {{dialogue: ['expect ^220 .*\\r?\\n',"
             " 'send EHLO me\\r\\n', 'expect ^250 .*\\r?\\n', 'send STARTTLS\\r\\n',"
             " 'expect ^220 .*\\r?\\n', starttls, 'send EHLO me\\r\\n', 'expect ^250-(?<who>\\S+) ',"
             " 'send HELP \\{who}\\r\\n', 'expect ^214']}", "OK", ""),
            ("not_imap", smtp, "timeout: 500ms, tcp: {preset: imap}", "DOWN", "timeout_response"),
            ("nobody", f"tcp://127.0.0.1:{free_port()}", "", "DOWN", "refused"),
            ("silent", f"tcp://127.0.0.1:{silent}",
             "timeout: 300ms, tcp: {preset: smtp}", "DOWN", "timeout_response"),
            ("closing", f"tcp://127.0.0.1:{self.peer(lambda c: None)}", "tcp: {preset: smtp}",
             "DOWN", "reset"),
            ("other", f"tcp://127.0.0.1:{self.peer(lambda c: c.sendall(b'hello'))}",
             "tcp: {preset: ssh}", "DOWN", "protocol"),
            ("dripping", f"tcp://127.0.0.1:{self.peer(drip)}",
             "timeout: 300ms, tcp: {preset: smtp}", "DOWN", "timeout_response"),
            ("flooding", f"tcp://127.0.0.1:{self.peer(flood)}", "tcp: {preset: smtp}", "DOWN",
             "protocol"),
            ("injected", f"tcp://127.0.0.1:{self.peer(early)}", "tcp: {preset: smtp_starttls}",
             "DOWN", "protocol"),
            ("not_there", "tcp://[::1]:1", "ip_protocol: ipv6", "DOWN", "refused"),
        ])


if __name__ == "__main__":
    unittest.main()
