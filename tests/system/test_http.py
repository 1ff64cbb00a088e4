"""The REST protocol: codes, headers, limits, the token, and clients that mean no good."""
import gzip
import http.client
import json
import socket
import time
import unittest
import urllib.parse

import contract
from harness import SystemTest, request, wait_until

INT_PARSING = {"type": "int_parsing", "loc": ["query", "limit"],
               "msg": "Input should be a valid integer, unable to parse string as an integer"}
GET_ROUTES = ("/health", "/health/system", "/health/metrics", "/alerts/active", "/alerts/history")
CLEAR_ROUTE = "/alerts/system_CRITICAL_2026-11-24T02:45:54.223844+00:00/clear"
HEAD_LIMIT_BYTES = 64 * 1024


class HttpTest(SystemTest):
    """Without Redis: it has no part in this."""

    def setUp(self):
        super().setUp()
        self.platform = self.start_platform()
        self.healthd = self.make_healthd(self.platform, **self.variables()).start()
        self.healthd.wait_status("OK")
        self.addCleanup(self.healthd.stop)

    def variables(self):
        return {}

    def refused(self, method, path, status, detail, **arguments):
        reply = self.healthd.request(method, path, **arguments)
        self.assertEqual((reply.status, reply.json()), (status, {"detail": detail}))
        self.assertEqual(reply.headers["Content-Type"], "application/json")
        return reply


class Protocol(HttpTest):
    def test_every_answer_is_json_with_its_length_and_the_connection_stays(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.healthd.port, timeout=5)
        connection.connect()
        first = connection.sock
        for path in (*GET_ROUTES, "/nowhere", "/alerts/history?limit=x"):
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            self.assertEqual(response.version, 11)
            self.assertEqual(response.headers["Content-Type"], "application/json")
            self.assertEqual(response.headers["Content-Length"], str(len(body)))
            json.loads(body)
            self.assertIs(connection.sock, first)
        connection.close()

    def test_head_answers_as_get_without_a_body(self):
        for path in (*GET_ROUTES, "/nowhere"):
            head, get = (self.healthd.request(method, path) for method in ("HEAD", "GET"))
            self.assertEqual(head.status, get.status)
            self.assertEqual(head.body, b"")
            self.assertEqual(head.headers["Content-Type"], get.headers["Content-Type"])
            if path == "/health":
                self.assertEqual(head.headers["Content-Length"], str(len(get.body)))

    def test_not_found(self):
        for path in ("/", "/nowhere", "/healthy", "/Health", "/health/system/x", "/alerts",
                     "/alerts/x", "/alerts/active/x", "/alerts/x/clear/y", "//health", "/health%00",
                     "/%2e%2e/etc/passwd", "/../etc/passwd", "/a" * 5000):
            with self.subTest(path=path[:40]):
                self.refused("GET", path, 404, "Not Found")
        self.refused("POST", "/nowhere", 404, "Not Found")

    def test_method_not_allowed(self):
        for path in GET_ROUTES:
            for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
                with self.subTest(path=path, method=method):
                    reply = self.refused(method, path, 405, "Method Not Allowed")
                    self.assertEqual(reply.headers["Allow"], "GET")
        for method in ("GET", "PUT", "DELETE"):
            reply = self.refused(method, CLEAR_ROUTE, 405, "Method Not Allowed")
            self.assertEqual(reply.headers["Allow"], "POST")

    def test_a_trailing_slash_is_redirected(self):
        for path in (*GET_ROUTES, "/alerts/history"):
            reply = self.healthd.request("GET", path + "/?limit=7")
            self.assertEqual(reply.status, 307)
            url = urllib.parse.urljoin(f"http://127.0.0.1:{self.healthd.port}{path}/",
                                       reply.headers["Location"])
            parts = urllib.parse.urlsplit(url)
            self.assertEqual((parts.hostname, parts.port, parts.path),
                             ("127.0.0.1", self.healthd.port, path))
            if path == "/alerts/history":
                self.assertEqual(parts.query, "limit=7")

    def test_a_redirect_names_no_other_host(self):
        for path in ("//example.org/", "//example.org/health/", "/\\example.org/"):
            location = self.healthd.request("GET", path).headers["Location"] or ""
            host = urllib.parse.urlsplit(urllib.parse.urljoin("http://here/", location)).hostname
            self.assertIn(host, ("here", "127.0.0.1"), location)

    def test_an_etag_saves_the_body_and_changes_with_it(self):
        reply = self.healthd.request("GET", "/alerts/history")
        etag = reply.headers["ETag"]
        self.assertRegex(etag, r'^(W/)?"[^"]+"$')
        for condition in (etag, f'"other", {etag}', "*"):
            again = self.healthd.request("GET", "/alerts/history", {"If-None-Match": condition})
            self.assertEqual((again.status, again.body), (304, b""), condition)
            self.assertEqual(again.headers["ETag"], etag)
        self.platform.control("risk_guard", "status", code=500)
        self.healthd.wait_status("CRITICAL")
        wait_until(self.healthd.active, 5, "an alert")
        after = self.healthd.request("GET", "/alerts/history", {"If-None-Match": etag})
        self.assertEqual(after.status, 200)
        self.assertNotEqual(after.headers["ETag"], etag)

    def test_gzip_on_request_only(self):
        self.platform.control("ai_system", "big", bytes=100000)
        body = self.healthd.wait_entry("ai_system",
                                       lambda entry: isinstance(entry["details"], str))
        plain = self.healthd.request("GET", "/health/system")
        self.assertNotIn("Content-Encoding", plain.headers)
        packed = self.healthd.request("GET", "/health/system", {"Accept-Encoding": "br, gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertIn("accept-encoding", packed.headers["Vary"].lower())
        self.assertLess(len(packed.body), len(plain.body) / 10)
        unpacked = json.loads(gzip.decompress(packed.body))
        self.assertEqual(unpacked["snapshot"]["services"]["ai_system"]["details"],
                         body["snapshot"]["services"]["ai_system"]["details"])
        self.assertNotEqual(packed.headers["ETag"], plain.headers["ETag"])
        for refusal in ("gzip;q=0", "identity", "br"):
            reply = self.healthd.request("GET", "/health/system", {"Accept-Encoding": refusal})
            self.assertNotIn("Content-Encoding", reply.headers, refusal)


class History(HttpTest):
    def test_limits(self):
        for text, limit in (("", 100), ("?limit=7", 7), ("?limit=1", 1), ("?limit=0", 1),
                            ("?limit=-5", 1), ("?limit=500", 500), ("?limit=501", 500),
                            ("?limit=" + "9" * 300, 500), ("?limit=-" + "9" * 300, 1),
                            ("?limit=%37", 7), ("?other=3", 100), ("?other=x&limit=9", 9)):
            with self.subTest(text=text[:20]):
                body = self.healthd.get("/alerts/history" + text)
                self.assertEqual(contract.check_keys("history", body, ["alerts", "count", "limit"]),
                                 [])
                self.assertEqual((body["alerts"], body["count"], body["limit"]), ([], 0, limit))

    def test_what_is_no_integer_is_refused(self):
        for text, value in (("abc", "abc"), ("", ""), ("1.5", "1.5"), ("1e2", "1e2"),
                            ("0x10", "0x10"), ("7%20x", "7 x"), ("%22%5C%00", '"\\\0'),
                            ("%C3%A9", "é"), ("--5", "--5")):
            with self.subTest(text=text):
                self.refused("GET", f"/alerts/history?limit={text}", 422,
                             [{**INT_PARSING, "input": value}])
        self.healthd.request("GET", "/alerts/history?limit=%ff%fe").json()  # JSON, whatever it says

    def test_the_newest_alerts_oldest_of_them_first(self):
        for name in ("risk_guard", "scheduler"):
            self.platform.control(name, "status", code=500)
            self.healthd.wait_entry(name, lambda entry: entry["status"] == "DOWN")
            self.platform.control("all", "ok")
            self.healthd.wait_status("OK")
        wait_until(lambda: not self.healthd.active(), 5, "no active alert")
        alerts = self.healthd.history()
        self.assertEqual([alert["component"] for alert in alerts],
                         ["system", "risk_guard", "system", "scheduler"])
        self.assertEqual([wrong for alert in alerts for wrong in contract.check_alert(alert)], [])
        self.assertEqual(sorted(alert["timestamp"] for alert in alerts),
                         [alert["timestamp"] for alert in alerts])
        for limit in (1, 2, 3):
            body = self.healthd.get(f"/alerts/history?limit={limit}")
            self.assertEqual((body["alerts"], body["count"], body["limit"]),
                             (alerts[-limit:], limit, limit))


class Clear(HttpTest):
    def test_an_id_is_percent_decoded_and_a_plus_is_a_plus(self):
        for text, alert_id in (("system", "system"), ("a+b", "a+b"), ("a%2Bb", "a+b"),
                               ("a%20b", "a b"), ("a:b", "a:b"), ("a%3ab", "a:b"),
                               ("a%2Fb", "a/b"), ("%22%5C%0a", '"\\\n'), ("%C3%A9", "é"),
                               ("x%00y", "x\0y"), ("%25", "%"), ("a" * 2000, "a" * 2000)):
            with self.subTest(text=text[:30]):
                self.refused("POST", f"/alerts/{text}/clear", 404, f"Alert not found: {alert_id}")
        for text in ("%", "%zz", "%ff", "%C3", "%ED%A0%80"):
            reply = self.healthd.request("POST", f"/alerts/{text}/clear")
            self.assertIn(reply.status, (400, 404), text)
            self.assertIsInstance(reply.json()["detail"], str)

    def test_raw_and_encoded_ids_clear_alike(self):
        self.platform.control("risk_guard", "status", code=500)
        self.healthd.wait_status("CRITICAL")
        alerts = wait_until(lambda: len(self.healthd.active()) == 2 and self.healthd.active(), 5,
                            "two alerts")
        for alert, path in zip(alerts, (alerts[0]["alert_id"],
                                        urllib.parse.quote(alerts[1]["alert_id"]))):
            reply = self.healthd.request("POST", f"/alerts/{path}/clear")
            self.assertEqual((reply.status, reply.json()), (200, {
                "status": "ok", "message": f"Alert {alert['alert_id']} cleared"}))
            # After a 200 the next GET shows it.
            self.assertNotIn(alert["alert_id"],
                             [one["alert_id"] for one in self.healthd.active()])
            self.refused("POST", f"/alerts/{path}/clear", 404,
                         f"Alert not found: {alert['alert_id']}")
        self.assertEqual(self.healthd.get("/health/metrics")["alerts"],
                         {"active_count": 0, "critical_count": 0, "warning_count": 0})
        self.assertEqual(self.healthd.system()["status"], "CRITICAL")

    def test_a_body_changes_nothing_and_a_huge_one_is_bounded(self):
        self.refused("POST", "/alerts/x/clear", 404, "Alert not found: x",
                     body=b'{"alert_id":"y"}', headers={"Content-Type": "application/json"})
        before = self.healthd.rss_kib()
        try:
            status = self.healthd.request("POST", "/alerts/x/clear",
                                          body=b"x" * (32 << 20)).status
        except (ConnectionError, http.client.HTTPException):
            status = 413  # closed in our face
        self.assertIn(status, (404, 413))
        self.assertLess(self.healthd.rss_kib() - before, 16 * 1024)


class Token(HttpTest):
    def variables(self):
        return {"HEALTHD_TOKEN": "s3cret-token"}

    def test_writes_need_the_token_and_reads_do_not(self):
        self.platform.control("risk_guard", "status", code=500)
        self.healthd.wait_status("CRITICAL")
        alert = wait_until(self.healthd.active, 5, "an alert")[0]
        path = f"/alerts/{alert['alert_id']}/clear"
        for value in (None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer s3cret-toke",
                      "Bearer s3cret-tokenx", "Basic s3cret-token", "s3cret-token",
                      "Bearer s3cret-token x", "Bearer " + "x" * 10000):
            headers = {} if value is None else {"Authorization": value}
            reply = self.healthd.request("POST", path, headers)
            self.assertEqual(reply.status, 401, value)
            self.assertIsInstance(reply.json()["detail"], str)
            self.assertTrue(reply.headers["WWW-Authenticate"].startswith("Bearer"))
            self.assertIn(alert, self.healthd.active())
        self.assertEqual(self.healthd.request(
            "POST", "/alerts/x/clear", {"Authorization": "Bearer no"}).status, 401)
        right = {"Authorization": "Bearer s3cret-token"}
        self.assertEqual(self.healthd.request("POST", path, right).status, 200)
        self.assertEqual(self.healthd.request("POST", path, right).status, 404)
        for route in GET_ROUTES:
            self.healthd.get(route)
        self.assertNotIn("s3cret", self.healthd.stderr())


class HostileClients(HttpTest):
    def good_client_is_served(self):
        """Seconds of the slowest of a few requests on new connections."""
        slowest = 0
        for path in GET_ROUTES:
            began = time.monotonic()
            self.assertEqual(request(self.healthd.port, "GET", path, timeout=5).status, 200)
            slowest = max(slowest, time.monotonic() - began)
        self.assertLess(slowest, 1)

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.healthd.port), timeout=15)
        self.addCleanup(client.close)
        return client

    def answer_to(self, data):
        """What comes back until the end of the connection, or as far as its first head goes."""
        client = self.connect()
        answer = b""
        try:
            client.sendall(data)
            while b"\r\n\r\n" not in answer:
                chunk = client.recv(65536)
                if not chunk:
                    break
                answer += chunk
        except ConnectionError:
            pass
        return answer

    def test_a_head_of_64_kib_is_the_most(self):
        fits = request(self.healthd.port, "GET", "/health", {"X-Long": "x" * (60 * 1024)})
        self.assertEqual(fits.status, 200)
        many = {f"X-{number}": "x" * 100 for number in range(100)}
        self.assertEqual(request(self.healthd.port, "GET", "/health", many).status, 200)
        for name, head in (("one field", b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " +
                            b"x" * (HEAD_LIMIT_BYTES + 6000) + b"\r\n\r\n"),
                           ("many fields", b"GET /health HTTP/1.1\r\nHost: x\r\n" +
                            b"X-Some: 0123456789\r\n" * (HEAD_LIMIT_BYTES // 18) + b"\r\n"),
                           ("the path", b"GET /" + b"x" * (HEAD_LIMIT_BYTES + 6000) +
                            b" HTTP/1.1\r\nHost: x\r\n\r\n")):
            with self.subTest(name):
                answer = self.answer_to(head)
                self.assertRegex(answer, rb"^HTTP/1\.1 431 ")
                self.good_client_is_served()

    def all_are_dropped(self, clients):
        deadline = time.monotonic() + 15
        for client in clients:
            client.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                while client.recv(65536):
                    pass
            except ConnectionError:
                pass

    def test_half_requests_and_garbage_harm_no_other_and_are_dropped(self):
        halves = (b"G", b"GET /health HTTP/1.1\r\nHost",
                  b"POST /alerts/x/clear HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        clients = [self.connect() for _ in range(200)]
        for number, client in enumerate(clients):
            client.sendall(halves[number % 3])
        self.good_client_is_served()
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
                     b"\x00" * 4096, b"\r\n" * 5000, b"GET\r\n\r\n", b"GET /health\r\n\r\n",
                     b"GET /health HTTP/9.9\r\n\r\n", b"get /health HTTP/1.1\r\n\r\n",
                     b"GET /health HTTP/1.1\r\n\r\n",  # no Host
                     b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST /alerts/x/clear HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                     b"\r\nffffffffffffffffffff\r\n",
                     b"GET /health HTTP/1.1\r\n: \r\n\r\n", b"\xff" * 70000):
            client = self.connect()
            clients.append(client)
            try:
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass  # refused before its end
            self.good_client_is_served()
        self.all_are_dropped(clients)
        self.good_client_is_served()

    def test_clients_that_go_in_the_middle_of_an_answer(self):
        self.platform.control("ai_system", "big", bytes=200000)
        self.healthd.wait_entry("ai_system", lambda entry: isinstance(entry["details"], str))
        for _ in range(50):
            client = self.connect()
            client.sendall(b"GET /health/system HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            client.close()
        self.good_client_is_served()


if __name__ == "__main__":
    unittest.main()
