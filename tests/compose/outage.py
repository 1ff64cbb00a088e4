"""The composed system from outside: healthy, its published ports, Redis killed and back with
nothing lost, the container of healthd made anew with its state. Run by script/test-compose."""
import json
import os
import subprocess
import sys
import time
import urllib.request

import msgpack
import zmq

REST = "http://127.0.0.1:" + os.environ.get("HEALTHD_PORT", "8080")
SAMPLE = "http://127.0.0.1:" + os.environ.get("SAMPLE_PORT", "18000")
PUBLISH = "tcp://127.0.0.1:" + os.environ.get("HEALTHD_PUBLISH_PORT", "5556")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compose(*words):
    return run("docker-compose", *words)


def get(path):
    with urllib.request.urlopen(REST + path, timeout=5) as answer:
        return json.load(answer)


def control(what):
    urllib.request.urlopen(urllib.request.Request(SAMPLE + "/control/" + what, b""), timeout=5)


def within(seconds, what, holds):
    """Asks until it holds; an error of the question is a no."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                print("ok:", what, flush=True)
                return
            last = "it does not hold"
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            last = repr(error)
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what}: {last}")
        time.sleep(0.1)  # between two questions


def is_healthy():
    container = compose("ps", "-q", "healthd").strip()
    return run("docker", "inspect", "-f", "{{.State.Health.Status}}", container).strip() == "healthy"


def active():
    return {alert["component"]: alert["alert_id"] for alert in get("/alerts/active")["alerts"]}


def stream(event):
    """Alert ids of a stream, oldest first."""
    out = compose("exec", "-T", "redis", "redis-cli", "--json", "XRANGE",
                  "quantum:stream:health." + event, "-", "+")
    fields = [dict(zip(entry[1][::2], entry[1][1::2])) for entry in json.loads(out)]
    return [json.loads(entry["payload"])["alert_id"] for entry in fields]


def first_snapshot():
    subscriber = zmq.Context.instance().socket(zmq.SUB)
    subscriber.setsockopt(zmq.SUBSCRIBE, b"health.snapshot_updated")
    subscriber.setsockopt(zmq.RCVTIMEO, 10000)
    subscriber.setsockopt(zmq.LINGER, 0)
    subscriber.connect(PUBLISH)
    return msgpack.unpackb(subscriber.recv_multipart()[1])


within(60, "healthd is healthy", is_healthy)
within(30, "every target is OK", lambda: get("/health/system")["status"] == "OK")
assert compose("exec", "-T", "healthd", "id", "-u").strip() == "10001", "healthd has the wrong user"
services = first_snapshot()["snapshot"]["services"]
assert len(services) == 5, services
print("ok: a subscriber on this machine has a snapshot")

compose("kill", "redis")
within(20, "redis is DOWN", lambda: "redis" in get("/health/system")["infrastructure"]["down"])
control("risk_guard?mode=status&code=503")
within(10, "an alert is raised while Redis is away", lambda: "risk_guard" in active())
away = active()
assert {"system", "redis", "risk_guard"} <= set(away), away
compose("start", "redis")
within(30, "what was raised meanwhile is in the stream",
       lambda: set(away.values()) <= set(stream("alert_raised")))
control("all?mode=ok")
within(20, "every target is OK again", lambda: get("/health/system")["status"] == "OK")
within(20, "and so are the ends of these alerts",
       lambda: set(away.values()) <= set(stream("alert_resolved")))

control("scheduler?mode=hang")
within(20, "scheduler is DOWN", lambda: "scheduler" in active())
before = active()
compose("up", "-d", "--force-recreate", "--no-deps", "healthd")
within(60, "healthd, made anew, is healthy", is_healthy)
within(20, "its alerts outlived the container", lambda: active() == before)
raised = stream("alert_raised")
assert len(raised) == len(set(raised)), f"raised twice: {raised}"
print("ok: nothing was raised twice")
