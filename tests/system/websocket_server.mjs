// A WebSocket server in Node: `node websocket_server.mjs PORT [CERTIFICATE KEY]`. What it does with a
// message depends on the path. See test_stream_checks.py.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { WebSocketServer } from "ws";

const [port, certificate, key] = process.argv.slice(2);
const server = certificate
  ? https.createServer({ cert: readFileSync(certificate), key: readFileSync(key) })
  : http.createServer();
const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (asked) => (asked.has("health.v1") ? "health.v1" : false),
});

const behaviours = {
  "/echo": (socket, text) => socket.send(text),
  "/parts": (socket, text) => {
    for (let i = 0; i < text.length; i++) socket.send(text[i], { fin: i === text.length - 1 });
  },
  "/large": (socket) => socket.send("x".repeat(100_000)),
  "/close": (socket) => socket.close(4000, "no"),
  "/ping": (socket, text) => {
    socket.once("pong", (data) => socket.send(`${text} ${data}`));
    socket.ping("are you there");
  },
  "/late": (socket, text) => {
    socket.send("first");
    socket.send(text);
  },
  "/who": (socket, text, request) =>
    socket.send(`${request.headers.origin} ${request.headers["x-probe"]} ${socket.protocol}`),
  "/silent": () => {},
};

server.on("upgrade", (request, socket, head) => {
  const behaviour = behaviours[request.url.split("?")[0]];
  if (!behaviour) {
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) =>
    client.on("message", (data) => behaviour(client, data.toString(), request)));
});
server.listen(Number(port), "127.0.0.1");
