"""HTTP checks of a configuration file against nginx with TLS, a proxy, and a server of tokens."""
import base64
import json
import os
import shutil
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from checks import ChecksTest
from harness import Program, free_port, wait_until

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_protocols TLSv1.2 TLSv1.3; gzip on; gzip_min_length 1; gzip_types *;
  ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
  {servers}
}}
"""
SERVER = """server {{ listen 127.0.0.1:{port} {flags}; {extra}
  location / {{ default_type text/plain; return 200 "{{\\"zip\\":\\"$http_accept_encoding\\",\\"sni\\":\\"$ssl_server_name\\"}}"; }}
  location /private {{ auth_basic x; auth_basic_user_file {folder}/users; default_type text/plain; alias {folder}/page; }}
  location /login {{ add_header Set-Cookie "s=1; Path=/"; return 302 /home; }}
  location /home {{ if ($cookie_s != "1") {{ return 403; }} return 200 "in"; }}
}}
"""


class Tokens(BaseHTTPRequestHandler):
    """Gives tokens t1, t2, ... at /token; only the newest opens /api."""
    protocol_version = "HTTP/1.1"
    given = 0
    refused = 0
    questions = []

    def reply(self, code, value):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Tokens.questions.append((self.path, self.headers["Authorization"], body))
        if self.path != "/token":
            return self.reply(401, {"error": "invalid_client"})
        Tokens.given += 1
        return self.reply(200, {"access_token": f"t{Tokens.given}", "token_type": "Bearer",
                                "expires_in": 3600})

    def do_GET(self):
        if self.headers["Authorization"] == f"Bearer t{Tokens.given}":
            return self.reply(200, {"who": self.headers["Authorization"]})
        Tokens.refused += 1
        return self.reply(401, {})

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


class HttpChecks(ChecksTest):
    def start_nginx(self):
        """Servers by name -> port."""
        for authority in ("ca", "other"):
            self.authority(authority)
        self.certificate("good", "DNS:localhost,DNS:inside.example,IP:127.0.0.1")
        self.certificate("expired", "DNS:localhost", days="-1")
        self.certificate("wrong", "DNS:elsewhere.example")
        self.certificate("stranger", "DNS:localhost", issuer="other")
        self.certificate("client", "DNS:healthd")
        kinds = {
            "plain": ("", ""), "good": ("ssl http2", ""), "http1": ("ssl", ""),
            "expired": ("ssl", self.shown("expired")), "wrong": ("ssl", self.shown("wrong")),
            "stranger": ("ssl", self.shown("stranger")),
            "mutual": ("ssl", f"ssl_client_certificate {self.folder}/ca.pem; ssl_verify_client on;"),
            "old": ("ssl", "ssl_protocols TLSv1.2;"),
        }
        ports = {name: free_port() for name in kinds}
        for name, text in (("users", "u:{PLAIN}p w\n"), ("page", "secret page")):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        os.chmod(self.folder, 0o755)  # nginx reads users and page as another user
        servers = "".join(SERVER.format(port=ports[name], flags=flags, extra=extra,
                                        folder=self.folder)
                          for name, (flags, extra) in kinds.items())
        conf = os.path.join(self.folder, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=self.folder, servers=servers))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.keep(Program([nginx, "-c", conf, "-p", self.folder], self.folder).start())
        return ports

    def shown(self, name):
        return f"ssl_certificate {self.folder}/{name}.pem; ssl_certificate_key {self.folder}/{name}.key;"

    def start_proxy(self):
        port = free_port()
        conf = os.path.join(self.folder, "tinyproxy.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"Port {port}\nListen 127.0.0.1\nTimeout 10\nAllow 127.0.0.1\n"
                       f"LogFile \"{self.folder}/proxy.log\"\nLogLevel Connect\n"
                       "BasicAuth pu pp\n")
        program = Program(["tinyproxy", "-d", "-c", conf], self.folder).start()
        self.keep(program)
        return port

    def proxy_log(self):
        with open(os.path.join(self.folder, "proxy.log"), encoding="utf-8") as file:
            return file.read()

    def test_tls_and_proxies_against_real_servers(self):
        ports = self.start_nginx()
        proxy = self.start_proxy()
        wait_until(lambda: self.is_listening(proxy), 10, "tinyproxy listens")
        wait_until(lambda: self.is_listening(ports["plain"]), 10, "nginx listens")
        ca = f"ca_file: {self.folder}/ca.pem"
        client = f"cert_file: {self.folder}/client.pem, key_file: {self.folder}/client.key"
        through = f"http://pu:pp@localhost:{proxy}"
        rows = [
            # name, server, path, settings, status, reason
            ("good", "good", "", f"tls: {{{ca}}}, conditions: [tls_version == 1.3,"
             " http_version == 2, cert_expiry > 9d, cert_expiry < 11d, phase.tls > 0s]", "OK", ""),
            ("http1", "http1", "", f"tls: {{{ca}}}, http: {{version: '2'}}", "DOWN", "protocol"),
            ("untrusted", "good", "", "tls: {}", "DOWN", "tls_untrusted"),
            ("stranger", "stranger", "", f"tls: {{{ca}}}", "DOWN", "tls_untrusted"),
            ("unverified", "stranger", "", "tls: {skip_verify: true}", "OK", ""),
            ("expired", "expired", "", f"tls: {{{ca}}}", "DOWN", "tls_expired"),
            ("wrong", "wrong", "", f"tls: {{{ca}}}", "DOWN", "tls_name_mismatch"),
            ("renamed", "wrong", "", f"tls: {{{ca}, server_name: elsewhere.example}},"
             " conditions: ['body.sni == \"elsewhere.example\"']", "OK", ""),
            ("anonymous", "mutual", "", f"tls: {{{ca}}}", "DOWN", "status"),
            ("mutual", "mutual", "", f"tls: {{{ca}, {client}}}", "OK", ""),
            ("old", "old", "", f"tls: {{{ca}, min_version: '1.3'}}", "DOWN", "tls_failure"),
            ("modern", "old", "", f"tls: {{{ca}}}, conditions: [tls_version == 1.2]", "OK", ""),
            ("zipped", "plain", "", "http: {decompress: true},"
             " conditions: ['body.zip == \"gzip, deflate\"']", "OK", ""),
            ("closed", "plain", "/private", "", "DOWN", "status"),
            ("basic", "plain", "/private",
             "http: {basic: {username: u, password: p w}}", "OK", ""),
            ("login", "plain", "/login", "http: {cookies: true}", "OK", ""),
            ("logout", "plain", "/login", "http: {cookies: false}", "DOWN", "status"),
            ("proxied", "plain", "", f"http: {{proxy: '{through}'}}", "OK", ""),
            ("tunnel", "good", "", f"tls: {{{ca}}}, http: {{proxy: '{through}'}}", "OK", ""),
            ("kept_out", "good", "", f"tls: {{{ca}}},"
             f" http: {{proxy: 'http://localhost:{proxy}'}}", "DOWN", "authentication"),
        ]
        lines = []
        for name, server, path, settings, _, _ in rows:
            scheme = "http" if server == "plain" else "https"
            lines.append(f"{{name: {name}, url: '{scheme}://localhost:{ports[server]}{path}'"
                         f"{', ' if settings else ''}{settings}}}")
        healthd = self.watch(lines)
        entries = self.results(healthd, len(rows))
        for name, _, _, _, status, reason in rows:
            with self.subTest(name):
                entry = entries[name]
                self.assertEqual(entry["status"], status, entry)
                self.assertEqual(entry.get("reason", ""), reason, entry)
        self.assertIn(f"CONNECT localhost:{ports['good']}", self.proxy_log())

    def test_token_is_fetched_kept_and_replaced(self):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        base = f"http://127.0.0.1:{server.server_address[1]}"
        oauth2 = "http: {{oauth2: {{token_url: '{0}', client_id: 'a b', client_secret: 's:t',"\
                 " scope: 'x y'}}}}"
        healthd = self.watch([
            f"{{name: api, url: '{base}/api', {oauth2.format(base + '/token')}}}",
            f"{{name: twin, url: '{base}/api/twin', {oauth2.format(base + '/token')}}}",
            f"{{name: refused, url: '{base}/api', {oauth2.format(base + '/no')}}}"])
        entries = self.results(healthd, 3)
        self.assertEqual(entries["api"]["status"], "OK", entries["api"])
        self.assertEqual(entries["twin"]["status"], "OK", entries["twin"])
        self.assertEqual(entries["refused"]["status"], "DOWN")
        self.assertIn("Token refused: status 401: invalid_client", entries["refused"]["error"])
        self.assertEqual(Tokens.given, 1)
        basic = base64.b64encode(b"a+b:s%3At").decode()
        self.assertEqual(Tokens.questions[0][1], f"Basic {basic}")
        self.assertIn("grant_type=client_credentials&scope=x+y",
                      [body for path, _, body in Tokens.questions if path == "/token"])
        Tokens.given += 1  # the server forgets its token: the check gets another one
        wait_until(lambda: Tokens.given >= 3, 10, "another token")
        wait_until(lambda: healthd.system()["snapshot"]["services"]["api"]
                   ["details"] == {"who": f"Bearer t{Tokens.given}"}, 10, "the new token is used")
        self.assertLessEqual(Tokens.refused, 4)
        self.assertEqual(Tokens.given, 3)


if __name__ == "__main__":
    unittest.main()
