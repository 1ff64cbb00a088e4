"""dns targets against nsd, and against servers that lie."""
import os
import re
import socket
import struct
import threading
import unittest

from harness import Healthd, Program, SystemTest, free_port, wait_until

DEFAULTS = ("defaults: {check_interval: 1s, timeout: 900ms, failure_threshold: 1, "
            "success_threshold: 1, jitter: 0%}\nservices:\n")
ZONE = """$ORIGIN example.test.
$TTL 300
@ IN SOA ns admin 2026112401 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
www IN A 192.0.2.1
www IN A 192.0.2.2
v6 IN AAAA 2001:db8::1
alias 60 IN CNAME www
lost IN CNAME nowhere
@ IN MX 10 mx1
@ IN CAA 0 issue "ca.example"
txt IN TXT "a \\"b\\"" "c"
_sip._tcp IN SRV 1 2 5060 www
1.2.0.192 IN PTR www
""" + "".join(f'big IN TXT "{number:03d} {"x" * 100}"\n' for number in range(30))


class Nsd(Program):
    """An authoritative server of example.test on a free port of 127.0.0.1 and ::1."""

    def __init__(self, folder):
        self.port = free_port()
        with open(os.path.join(folder, "zone"), "w", encoding="utf-8") as file:
            file.write(ZONE)
        config = os.path.join(folder, "nsd.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""server:
  ip-address: 127.0.0.1@{self.port}
  ip-address: ::1@{self.port}
  username: ""
  zonesdir: {folder}
  pidfile: {folder}/nsd.pid
  database: ""
  xfrdfile: {folder}/xfrd.state
  zonelistfile: {folder}/zone.list
  server-count: 1
  identity: "test"
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: zone
""")
        super().__init__(["nsd", "-d", "-c", config], folder)

    def start(self):
        super().start()
        wait_until(self._is_open, 15, "nsd answers")
        return self

    def _is_open(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        if self.is_running():  # it ends its own children
            self.process.terminate()
            self.process.wait()
        super().close()


class Liar:
    """Answers UDP and TCP at one port with what ANSWER(question, is_tcp) makes: a list of messages,
    of which those of UDP may be (socket, bytes)."""

    def __init__(self, answer):
        self.answer = answer
        self.port = free_port()
        self.questions = []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.stranger.bind(("127.0.0.1", 0))
        self.tcp = socket.create_server(("127.0.0.1", self.port))
        self.kept = []
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def _serve_udp(self):
        while True:
            try:
                question, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            self.questions.append(question)
            for reply in self.answer(question, False):
                if isinstance(reply, tuple):
                    reply[0].sendto(reply[1], peer)
                else:
                    self.udp.sendto(reply, peer)

    def _serve_tcp(self):
        while True:
            try:
                peer, _ = self.tcp.accept()
            except OSError:
                return
            self.kept.append(peer)
            question = peer.recv(4096)[2:]
            replies = self.answer(question, True) if question else []
            for reply in replies:
                peer.sendall(reply)
            if replies is not WAIT:
                peer.close()

    def close(self):
        for one in (self.udp, self.stranger, self.tcp, *self.kept):
            one.close()


WAIT = []  # a connection with no answer, which stays open


def header(question, flags=0x8400, answers=1):
    return question[:2] + struct.pack("!HHHHH", flags, 1, answers, 0, 0) + question[12:]


def good(question, address=b"\xc0\x00\x02\x01"):
    return header(question) + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + address


def framed(message):
    return struct.pack("!H", len(message)) + message


class Dns(SystemTest):
    def start_with(self, *targets):
        path = os.path.join(self.folder, "healthd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(DEFAULTS + "".join(f"  - {{{target}}}\n" for target in targets))
        healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        healthd.argv += ["--config", path]
        return healthd.start()

    def entry(self, healthd, name, seconds=10):
        body = healthd.wait_entry(name, lambda it: it["status"] != "UNKNOWN", seconds)
        return body["snapshot"]["services"][name]

    def expect(self, healthd, name, status, reason=None, error=None):
        entry = self.entry(healthd, name)
        self.assertEqual((entry["status"], entry.get("reason"), entry.get("error")),
                         (status, reason, error), name)
        return entry

    def test_every_type_of_record(self):
        nsd = self.keep(Nsd(self.folder)).start()
        url = f'url: "dns://127.0.0.1:{nsd.port}"'
        rows = {
            "a": ("{query_name: www.example.test}", ["answers == 2", '"192.0.2.2" in answers',
                                                     "ttl == 5m", "value == 2"]),
            "aaaa": ("{query_name: v6.example.test, query_type: AAAA}",
                     ['"2001:db8::1" in answers']),
            "cname": ("{query_name: alias.example.test}",
                      ['"www.example.test." in answers', "answers == 3", "ttl == 1m"]),
            "soa": ("{query_name: example.test., query_type: SOA}", ["value == 2026112401"]),
            "ns": ("{query_name: example.test, query_type: NS}", ['answers =~ "^ns[.]"']),
            "mx": ("{query_name: example.test, query_type: MX}",
                   ['"10 mx1.example.test." in answers']),
            "caa": ("{query_name: example.test, query_type: CAA}",
                    [r'"0 issue \"ca.example\"" in answers']),
            "txt": ("{query_name: txt.example.test, query_type: TXT}",
                    [r'"\"a \\\"b\\\"\" \"c\"" in answers']),
            "srv": ("{query_name: _sip._tcp.example.test, query_type: SRV}",
                    ['"1 2 5060 www.example.test." in answers']),
            "ptr": ("{query_name: 1.2.0.192.example.test, query_type: PTR}",
                    ['output == "1.2.0.192.example.test. 300 IN PTR www.example.test."']),
            "any": ("{query_name: v6.example.test, query_type: ANY, transport: tcp}",
                    ["answers >= 1"]),
            "big": ("{query_name: big.example.test, query_type: TXT}",
                    ["answers == 30", "phase.connect > 0ms"]),
            "tcp": ("{query_name: www.example.test, transport: tcp, recursion_desired: false}",
                    ["answers == 2"]),
            "chaos": ("{query_name: id.server, query_type: TXT, query_class: CH}",
                      [r'"\"test\"" in answers']),
            "absent": ("{query_name: nope.example.test}", ["rcode == NXDOMAIN"]),
            "empty": ("{query_name: v6.example.test}", ["answers == 0"]),
        }
        healthd = self.start_with(
            *(f"name: {name}, {url}, dns: {options}, conditions: ["
              + ", ".join("'" + condition + "'" for condition in conditions) + "]"
              for name, (options, conditions) in rows.items()),
            f'name: six, url: "dns://[::1]:{nsd.port}", dns: {{query_name: www.example.test}}',
            f'name: named, url: "dns://localhost:{nsd.port}", '
            'dns: {query_name: www.example.test, query_type: A}, ip_protocol: ipv4')
        for name in (*rows, "six", "named"):
            self.expect(healthd, name, "OK")
        self.assertEqual(self.entry(healthd, "aaaa")["details"],
                         {"raw": "v6.example.test. 300 IN AAAA 2001:db8::1"})
        one = healthd.get("/api/v1/targets/named")
        self.assertEqual(one["measured"]["ip"], "127.0.0.1")
        self.assertEqual(one["measured"]["dns_answer_rrs"], 2)
        metrics = healthd.request("GET", "/metrics").body.decode()
        self.assertRegex(metrics, r'probe_dns_answer_rrs\{target="big",kind="service"\} 30\n')
        self.assertRegex(metrics, r'probe_dns_serial\{target="soa",kind="service"\} 2026112401\n')
        self.assertRegex(metrics, r'probe_dns_lookup_time_seconds\{target="named",')
        self.assertNotIn("probe_http_status_code", re.sub("(?m)^#.*$", "", metrics))

    def test_failures_have_their_reason(self):
        nsd = self.keep(Nsd(self.folder)).start()
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))
        url = f'url: "dns://127.0.0.1:{nsd.port}"'
        closed = free_port()
        healthd = self.start_with(
            f"name: nx, {url}, dns: {{query_name: nope.example.test}}",
            f"name: lost, {url}, dns: {{query_name: lost.example.test, query_type: A}}",
            f"name: empty, {url}, dns: {{query_name: v6.example.test}}",
            f"name: alien, {url}, dns: {{query_name: example.org}}",
            f"name: count, {url}, dns: {{query_name: www.example.test}}, "
            "conditions: [answers >= 3]",
            f'name: closed, url: "dns://127.0.0.1:{closed}", dns: {{query_name: a}}',
            f'name: shut, url: "dns://127.0.0.1:{closed}", dns: {{query_name: a, transport: tcp}}',
            f'name: silent, url: "dns://127.0.0.1:{silent.getsockname()[1]}", '
            'dns: {query_name: a}')
        self.expect(healthd, "nx", "DOWN", "dns_nxdomain", "NXDOMAIN for nope.example.test")
        self.expect(healthd, "lost", "DOWN", "dns_nxdomain", "NXDOMAIN for lost.example.test")
        self.expect(healthd, "empty", "DOWN", "dns_failure", "no A record for v6.example.test")
        self.expect(healthd, "alien", "DOWN", "dns_failure", "REFUSED for example.org")
        self.expect(healthd, "count", "DOWN", "condition",
                    "condition `answers >= 3` is false: 2: 192.0.2.1 192.0.2.2")
        for name in ("closed", "shut"):
            self.expect(healthd, name, "DOWN", "refused", "Connection failed: Connection refused")
        self.expect(healthd, "silent", "DOWN", "timeout_response", "Request timeout")
        evidence = healthd.get("/api/v1/targets/nx")["evidence"]
        self.assertEqual(evidence[0]["reason"], "dns_nxdomain")

    def lie(self, answer):
        liar = Liar(answer)
        self.addCleanup(liar.close)
        return liar

    def test_lies_are_ignored_or_named(self):
        def late_truth(*lies):
            def answer(question, is_tcp):
                sent = [lie(question) for lie in lies]
                return [*sent, good(question)] if not is_tcp else []
            return answer

        def other_id(question):
            return bytes([question[0] ^ 1]) + good(question, b"\7\7\7\7")[1:]

        def other_name(question):
            return good(question, b"\7\7\7\7").replace(b"\4test", b"\4tesx", 1)

        loop = b"\xc0\x0c\0\2\0\1\0\0\0\x3c\0\2"
        liars = {
            "id": late_truth(other_id),
            "name": late_truth(other_name),
            "mirror": late_truth(lambda question: question),
            "noise": late_truth(lambda question: b"", lambda question: os.urandom(300)),
            "loop": lambda question, is_tcp: [
                header(question) + loop + struct.pack("!H", 0xC000 + len(question) + 12)],
            "counts": lambda question, is_tcp: [header(question, answers=9)],
            "length": lambda question, is_tcp: [good(question)[:-1]],
            "cut": lambda question, is_tcp: [header(question, 0x8600, 0)] if not is_tcp
            else [framed(good(question))],
            "cut-twice": lambda question, is_tcp: [header(question, 0x8600, 0)] if not is_tcp
            else [framed(header(question, 0x8600, 0))],
            "closes": lambda question, is_tcp: [header(question, 0x8600, 0)] if not is_tcp
            else [framed(good(question))[:20]],
            "tiny": lambda question, is_tcp: [header(question, 0x8600, 0)] if not is_tcp
            else [b"\0\0"],
            "hangs": lambda question, is_tcp: [header(question, 0x8600, 0)] if not is_tcp
            else WAIT,
            "flood": lambda question, is_tcp: [other_id(question)] * 100 + [good(question)],
        }
        liars = {name: self.lie(answer) for name, answer in liars.items()}
        source = self.lie(None)
        source.answer = lambda question, is_tcp: [
            (source.stranger, good(question, b"\7\7\7\7")), good(question)]
        liars["source"] = source
        healthd = self.start_with(
            *(f'name: {name}, url: "dns://127.0.0.1:{liar.port}", dns: {{query_name: a.test}}'
              for name, liar in liars.items()))
        for name in ("id", "name", "mirror", "noise", "cut", "flood", "source"):
            entry = self.expect(healthd, name, "OK")
            self.assertEqual(entry["details"], {"raw": "a.test. 60 IN A 192.0.2.1"}, name)
        for name in ("loop", "counts", "length"):
            self.expect(healthd, name, "DOWN", "protocol",
                        "Unexpected error: An answer that cannot be read")
        self.expect(healthd, "cut-twice", "DOWN", "protocol",
                    "Unexpected error: An answer over TCP that is cut off")
        self.expect(healthd, "tiny", "DOWN", "protocol",
                    "Unexpected error: An answer to another question")
        self.expect(healthd, "closes", "DOWN", "reset",
                    "Unexpected error: Closed before the answer was whole")
        self.expect(healthd, "hangs", "DOWN", "timeout_response", "Request timeout")

    def test_a_lost_question_is_asked_again(self):
        seen = {}

        def answer(question, _is_tcp):
            seen[question[:2]] = seen.get(question[:2], 0) + 1
            return [good(question)] if seen[question[:2]] == 3 else []

        liar = self.lie(answer)
        healthd = self.start_with(
            f'name: lossy, url: "dns://127.0.0.1:{liar.port}", dns: {{query_name: a.test}}')
        entry = self.expect(healthd, "lossy", "OK")
        self.assertGreater(entry["latency_ms"], 550)
        ids = {question[:2] for question in liar.questions}
        self.assertGreaterEqual(len(liar.questions), 3 * len(ids) - 2)


if __name__ == "__main__":
    unittest.main()
