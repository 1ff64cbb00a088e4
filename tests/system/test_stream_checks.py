"""Checks of connections (tcp, tls, udp, websocket) against OpenSSL's server, Exim, stunnel, Redis,
ws, and peers that behave badly."""
import base64
import hashlib
import json
import os
import pwd
import re
import shutil
import socket
import threading
import unittest

from checks import ChecksTest
from harness import ROOT, Program, free_port, wait_until

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


def datagrams(answer):
    """A socket that answers each datagram by what ANSWER(datagram) lists."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                data, peer = listener.recvfrom(2048)
            except OSError:
                return
            for text in answer(data):
                listener.sendto(text, peer)
    threading.Thread(target=serve, daemon=True).start()
    return listener


def handshake(connection):
    """Answers an upgrade as it should be."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", head).group(1)
    accept = base64.b64encode(hashlib.sha1(
        key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " + accept +
                       b"\r\n\r\n")


def after_handshake(*pieces):
    def talk(connection):
        handshake(connection)
        for piece in pieces:
            connection.sendall(piece)
        connection.recv(100000)
        connection.recv(100000)
    return talk


def wrong_key(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       b"Connection: Upgrade\r\nSec-WebSocket-Accept: nonsense\r\n\r\n")
    connection.recv(4096)


def endless_head(connection):
    connection.sendall(b"HTTP/1.1 101 x\r\n")
    while True:
        connection.sendall(b"X-Y: z\r\n" * 100)


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

    def start_websocket(self, *certificate):
        port = free_port()
        server = os.environ.get("WEBSOCKET_SERVER_NODE") or os.path.join(
            ROOT, "build", "dev", "tests", "node", "websocket_server.mjs")
        self.keep(Program(["node", server, str(port), *certificate], self.folder).start())
        wait_until(lambda: self.is_listening(port), 20, "the WebSocket server listens")
        return port

    def answer_datagrams(self, answer):
        listener = datagrams(answer)
        self.addCleanup(listener.close)
        return listener.getsockname()[1]

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

    def test_datagrams(self):
        echo = self.answer_datagrams(lambda data: [data])
        late = self.answer_datagrams(lambda data: [b"old answer", b"", data])
        at = f"udp://127.0.0.1:{echo}"
        self.check([
            ("echo", at, "udp: {send: 'ping\\x21\\r\\n', expect: '^ping!$'},"
             " conditions: ['output =~ \"ping\"', connected, phase.first_byte > 0s]", "OK", ""),
            ("empty", at, "", "OK", ""),
            ("name", f"udp://localhost:{echo}", "udp: {send: a, expect: a}", "OK", ""),
            ("late", f"udp://127.0.0.1:{late}", "udp: {send: new, expect: '^new'}", "OK", ""),
            ("other", at, "timeout: 300ms, udp: {send: a, expect: b}", "DOWN", "protocol"),
            ("costly", at, "udp: {send: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac,"
             " expect: '^(a+)+[xy]'}", "DOWN", "protocol"),
            ("silent", f"udp://127.0.0.1:{self.answer_datagrams(lambda data: [])}",
             "timeout: 300ms", "DOWN", "timeout_response"),
            ("nobody", f"udp://127.0.0.1:{free_port()}", "udp: {send: a}", "DOWN", "refused"),
            ("flooding", f"udp://127.0.0.1:{self.answer_datagrams(lambda data: [b'x' * 1000] * 80)}",
             "timeout: 1s, udp: {send: a, expect: b}", "DOWN", "protocol"),
        ])

    def test_websockets(self):
        self.make_certificates()
        ca = f"tls: {{ca_file: {self.folder}/ca.pem}}"
        at = f"ws://127.0.0.1:{self.start_websocket()}"
        secured = self.start_websocket(f"{self.folder}/good.pem", f"{self.folder}/good.key")
        redis = self.start_redis()

        def bad(talk):
            return f"ws://127.0.0.1:{self.peer(talk)}"
        entries = self.check([
            ("upgraded", at + "/echo", "conditions: [status == 101,"
             " 'header[\"upgrade\"] == \"websocket\"']", "OK", ""),
            ("echo", at + "/echo?a=b#c", "websocket: {send: hello, expect: '^hello$'},"
             " conditions: ['output == \"hello\"', phase.first_byte > 0s]", "OK", ""),
            ("any", at + "/echo", "websocket: {send: hello}", "OK", ""),
            ("parts", at + "/parts", "websocket: {send: 'in many parts', expect: '^in many parts$'}",
             "OK", ""),
            ("ping", at + "/ping", "websocket: {send: ping, expect: '^ping are you there$'}", "OK", ""),
            ("late", at + "/late", "websocket: {send: second, expect: second}", "OK", ""),
            ("who", at + "/who", "websocket: {send: a, origin: 'http://o', subprotocol: [x, health.v1],"
             " headers: ['X-Probe: yes'], expect: '^http://o yes health.v1$'}", "OK", ""),
            ("secured", f"wss://localhost:{secured}/echo", f"{ca}, websocket: {{send: a}},"
             " conditions: [cert_expiry > 9d, tls_version == 1.3]", "OK", ""),
            ("untrusted", f"wss://localhost:{secured}/echo", "", "DOWN", "tls_untrusted"),
            ("missing", at + "/nothing", "", "DOWN", "status"),
            ("root", at, "", "DOWN", "status"),
            ("silent", at + "/silent", "timeout: 300ms, websocket: {send: a}", "DOWN",
             "timeout_response"),
            ("other", at + "/echo", "timeout: 300ms, websocket: {send: a, expect: b}", "DOWN",
             "timeout_response"),
            ("closing", at + "/close", "websocket: {send: a}", "DOWN", "protocol"),
            ("large", at + "/large", "websocket: {send: a}", "DOWN", "protocol"),
            ("large_allowed", at + "/large", "websocket: {send: a, read_limit: 128KiB}", "OK", ""),
            ("redis", f"ws://127.0.0.1:{redis.port}", "", "DOWN", "reset"),
            ("nobody", f"ws://127.0.0.1:{free_port()}", "", "DOWN", "refused"),
            ("wrong_key", bad(wrong_key), "", "DOWN", "protocol"),
            ("endless_head", bad(endless_head), "", "DOWN", "protocol"),
            ("flooding", bad(flood), "", "DOWN", "protocol"),
            ("dripping", bad(drip), "timeout: 300ms", "DOWN", "timeout_response"),
            ("early", bad(lambda c: c.recv(10)), "", "DOWN", "reset"),
            ("masked", bad(after_handshake(b"\x81\x81abcd.")), "websocket: {send: a}", "DOWN",
             "protocol"),
            ("unknown", bad(after_handshake(b"\x83\x00")), "websocket: {send: a}", "DOWN", "protocol"),
            ("huge", bad(after_handshake(b"\x81\x7f" + b"\xff" * 8)), "websocket: {send: a}", "DOWN",
             "protocol"),
            ("disorder", bad(after_handshake(b"\x80\x01a")), "websocket: {send: a}", "DOWN",
             "protocol"),
            ("bytewise", bad(after_handshake(b"\x81", b"\x02", b"o", b"k")),
             "websocket: {send: a, expect: ok}", "OK", ""),
        ])
        self.assertIn("404", entries["missing"]["error"])


if __name__ == "__main__":
    unittest.main()
