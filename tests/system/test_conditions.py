"""Conditions, settings of requests and certificates: what a file asks for, judged from outside."""
import os
import ssl
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import ROOT, Healthd, SystemTest, binary, request, wait_until

FAST = "defaults: {check_interval: 1s, failure_threshold: 1, success_threshold: 1, jitter: 0%}\n"


class WithFile(SystemTest):
    def write(self, text, name="healthd.yaml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start_with(self, text):
        healthd = self.keep(Healthd(self.folder, {"HEALTH_CHECK_INTERVAL": None}))
        healthd.argv += ["--config", self.write(FAST + text)]
        return healthd.start()

    def watch(self, *lines):
        """healthd that watches the platform's main_backend as `shop` with these settings."""
        self.platform = self.start_platform()
        return self.start_with(
            "services:\n"
            "  - name: shop\n"
            f"    url: http://127.0.0.1:{self.platform.port}/health\n"
            + "".join(f"    {line}\n" for line in lines))

    def answer_with(self, body, **arguments):
        self.platform.control("main_backend", "body", body, **arguments)

    def wait_for(self, healthd, status, error=None, name="shop"):
        """The entry of target NAME once it is so."""
        body = healthd.wait_entry(
            name, lambda it: it["status"] == status and error in (None, it.get("error")), 10)
        return {**body["snapshot"]["services"], **body["snapshot"]["infra"]}[name]


class Conditions(WithFile):
    def test_a_false_condition_is_down_and_names_itself(self):
        healthd = self.watch('conditions: ["status == 200"]')
        self.wait_for(healthd, "OK")
        self.platform.control("main_backend", "status", code=503)
        entry = self.wait_for(healthd, "DOWN", "condition `status == 200` is false: 503")
        self.assertEqual(entry["reason"], "condition")
        self.assertIsNotNone(entry["latency_ms"])
        self.platform.control("main_backend", "ok")
        self.assertNotIn("error", self.wait_for(healthd, "OK"))

    def test_conditions_alone_decide_not_the_code(self):
        healthd = self.watch('conditions: ["status == 503"]')
        self.wait_for(healthd, "DOWN", "condition `status == 503` is false: 200")
        self.platform.control("main_backend", "status", code=503)
        self.wait_for(healthd, "OK")

    def test_slowness_is_degraded(self):
        healthd = self.watch('conditions: ["status == 200"]',
                             'degraded_conditions: ["latency < 300ms"]')
        self.wait_for(healthd, "OK")
        self.platform.control("main_backend", "slow", delay_ms=400)
        entry = self.wait_for(healthd, "DEGRADED")
        self.assertRegex(entry["error"], r"^condition `latency < 300ms` is false: 4\d\d(\.\d+)?ms$")
        healthd.wait_status("DEGRADED")

    def test_text_of_the_body_decides_by_a_pattern(self):
        healthd = self.watch("conditions: ['body =~ \"(?i)all systems \\w+\"']")
        self.wait_for(healthd, "DOWN")
        self.answer_with(b"All systems go")
        self.wait_for(healthd, "OK")

    def test_a_path_into_the_body_decides_and_what_is_missing_is_said(self):
        healthd = self.watch('conditions: ["body.queue[0].depth < 10"]')
        entry = self.wait_for(healthd, "DOWN",
                              "condition `body.queue[0].depth < 10` lacks a value: missing")
        self.assertEqual(entry["reason"], "missing_value")
        self.answer_with(b'{"queue": [{"depth": 9}]}')
        self.wait_for(healthd, "OK")
        self.answer_with(b'{"queue": [{"depth": 12}]}')
        entry = self.wait_for(healthd, "DOWN", "condition `body.queue[0].depth < 10` is false: 12")
        self.assertEqual(entry["details"], {"queue": [{"depth": 12}]})

    def test_a_header_decides(self):
        healthd = self.watch("conditions: ['header[\"Content-Type\"] =~ \"^application/json\"']")
        self.wait_for(healthd, "OK")
        self.platform.control("main_backend", "text")
        self.wait_for(healthd, "DOWN")

    def test_what_measured_the_connection_can_be_asked(self):
        healthd = self.watch("conditions: ['ip == \"127.0.0.1\"', 'http_version == 1.1',"
                             " 'phase.connect < 1s and phase.first_byte < 1s']")
        self.wait_for(healthd, "OK")

    def test_no_answer_has_its_own_reason_unless_conditions_answer_for_it(self):
        self.platform = self.start_platform()
        healthd = self.start_with(
            "services:\n"
            "  - {name: plain, url: http://127.0.0.1:1/, conditions: [status == 200]}\n"
            "  - {name: closed, url: http://127.0.0.1:1/, conditions: [not connected]}\n"
            "  - {name: word, url: http://127.0.0.1:1/, conditions: ['reason == refused']}\n")
        entry = self.wait_for(healthd, "DOWN", name="plain")
        self.assertEqual(entry["reason"], "refused")
        self.assertTrue(entry["error"].startswith("Connection failed: "), entry["error"])
        self.wait_for(healthd, "OK", name="closed")
        self.wait_for(healthd, "OK", name="word")

    def test_an_expected_failure_is_ok_and_success_is_not(self):
        healthd = self.watch("expect_failure: true")
        entry = self.wait_for(healthd, "DOWN",
                              "the check succeeded, but expect_failure is set")
        self.assertEqual(entry["reason"], "unexpected_success")
        self.platform.control("main_backend", "status", code=503)
        self.wait_for(healthd, "OK")

    def test_redis_takes_conditions_too(self):
        redis = self.start_redis()
        healthd = self.start_with(
            "infrastructure:\n"
            f"  - name: cache\n    url: redis://127.0.0.1:{redis.port}\n"
            "    conditions: ['output == \"PONG\"', 'latency < 2s']\n"
            "    degraded_conditions: [latency < 1ms and latency > 1s]\n")
        self.wait_for(healthd, "DEGRADED", name="cache")

    def test_conditions_of_layers_replace_or_append(self):
        self.platform = self.start_platform()
        url = f"http://127.0.0.1:{self.platform.port}/health"
        self.platform.control("main_backend", "status", code=404)
        healthd = self.start_with(
            "templates:\n"
            "  - {name: web, conditions: [status < 400]}\n"
            "services:\n"
            f"  - {{name: taken, url: '{url}', template: web}}\n"
            f"  - {{name: replaced, url: '{url}', template: web, conditions: [status < 500]}}\n"
            f"  - {{name: appended, url: '{url}', template: web, conditions+: [status < 500]}}\n"
            "targets:\n"
            f"  - {{name: 'each-{{{{code}}}}', url: '{url}', for_each: {{code: [403, 404]}},\n"
            "     conditions: ['status == {{code}}']}\n")
        self.wait_for(healthd, "DOWN", "condition `status < 400` is false: 404", name="taken")
        self.wait_for(healthd, "OK", name="replaced")
        self.wait_for(healthd, "DOWN", "condition `status < 400` is false: 404", name="appended")
        self.wait_for(healthd, "DOWN", "condition `status == 403` is false: 404", name="each-403")
        self.wait_for(healthd, "OK", name="each-404")


class Handler(BaseHTTPRequestHandler):
    """Keeps what it was asked, and answers 200."""

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append((self.command, self.path, dict(self.headers.items()),
                                 self.rfile.read(length)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"ok")

    do_GET = do_POST = do_HEAD = do_PUT = handle_any

    def log_message(self, *arguments):
        pass


class Requests(WithFile):
    def serve(self, context=None):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.seen = []
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def test_the_request_is_made_as_the_file_says(self):
        server = self.serve()
        token = self.write("s3cr3t-token\n", "token")
        self.start_with(
            "templates:\n"
            "  - {name: api, http: {headers: {X-Team: core, X-Site: oslo}, user_agent: probe/1}}\n"
            "targets:\n"
            "  - name: '{{site}}'\n"
            "    for_each: {site: [bergen]}\n"
            f"    url: http://127.0.0.1:{server.server_port}/in\n"
            "    template: api\n"
            "    http:\n"
            "      method: POST\n"
            "      headers: {x-site: '{{site}}', Content-Type: application/json}\n"
            "      body: '{\"site\": \"{{site}}\"}'\n"
            f"      bearer_token: ${{file:{token}}}\n")
        wait_until(lambda: server.seen, 10, "a request")
        method, path, headers, body = server.seen[0]
        headers = {name.lower(): value for name, value in headers.items()}
        self.assertEqual((method, path, body), ("POST", "/in", b'{"site": "bergen"}'))
        self.assertEqual(headers["x-team"], "core")
        self.assertEqual(headers["x-site"], "bergen")
        self.assertEqual(headers["content-type"], "application/json")
        self.assertEqual(headers["user-agent"], "probe/1")
        self.assertEqual(headers["authorization"], "Bearer s3cr3t-token")

    def make_certificate(self, days):
        key, certificate = (os.path.join(self.folder, name) for name in ("key.pem", "cert.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
             certificate, "-days", str(days), "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True, timeout=30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return certificate, context

    def test_a_certificate_that_ends_soon_is_an_alert_of_its_own(self):
        authority, context = self.make_certificate(10)
        server = self.serve(context)
        url = f"https://127.0.0.1:{server.server_port}/"
        healthd = self.start_with(
            "services:\n"
            f"  - {{name: soon, url: '{url}', tls: {{ca_file: '{authority}'}},\n"
            "     conditions: [cert_expiry > 9d and cert_expiry < 11d],\n"
            "     cert_alert: {warning: 21d, critical: 3d}}\n"
            f"  - {{name: later, url: '{url}', tls: {{ca_file: '{authority}'}},\n"
            "     cert_alert: {warning: 2d}}\n"
            f"  - {{name: untrusted, url: '{url}'}}\n")
        self.wait_for(healthd, "OK", name="soon")
        self.wait_for(healthd, "OK", name="later")
        self.assertEqual(self.wait_for(healthd, "DOWN", name="untrusted")["reason"],
                         "tls_untrusted")

        def alerts():
            found = request(healthd.port, "GET", "/alerts/active").json()["alerts"]
            return {alert["component"]: alert for alert in found}
        wait_until(lambda: "soon:certificate" in alerts(), 10, "the certificate's alert")
        alert = alerts()["soon:certificate"]
        self.assertEqual((alert["level"], alert["title"]),
                         ("WARNING", "Certificate expires soon: soon"))
        self.assertIn("expires_at", alert["details"])
        self.assertNotIn("later:certificate", alerts())
        self.assertNotIn("soon", alerts())


class Example(WithFile):
    def test_the_example_for_the_web_is_fine(self):
        path = os.path.join(ROOT, "deploy", "examples", "web.yaml")
        done = subprocess.run([binary("HEALTHD", "healthd"), "--check", path],
                              capture_output=True, text=True, timeout=10, check=False, env={})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r": \d+ targets, \d+ critical, 0 warnings\n$")


if __name__ == "__main__":
    unittest.main()
