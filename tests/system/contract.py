"""What a body, an alert and an event must be: the wire contract, written a second time.

Each check gives a list of complaints, empty where all is well, so that a test can show that the
checks themselves fail (test_recorders.py).
"""
import json
import re
from datetime import datetime

SERVICES = {"main_backend": True, "scheduler": True, "risk_guard": True, "ai_system": True,
            "system_health_monitor": False}
INFRA = ("redis", "postgres", "binance_api")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
CODES = {"OK": 0, "DEGRADED": 1, "CRITICAL": 2, "UNKNOWN": 3}
STREAM_FIELDS = ["event_type", "payload", "trace_id", "correlation_id", "timestamp", "source"]
SOURCE = "monitoring_health_service"
ALERT_KEYS = ["alert_id", "level", "title", "message", "component", "timestamp", "details"]
RESOLUTIONS = ("recovered", "cleared", "replaced", "reset", "target_removed")
SNAPSHOT, RAISED, RESOLVED = (f"health.{name}" for name in (
    "snapshot_updated", "alert_raised", "alert_resolved"))
EVENT_TYPES = (SNAPSHOT, RAISED, RESOLVED)


def instant(text):
    """Seconds since 1970 of an ISO or NAIVE text."""
    return datetime.fromisoformat(text if text.endswith("+00:00") else text + "+00:00").timestamp()


def check_keys(where, value, expected):
    """VALUE is an object with at least EXPECTED's keys, those in that order."""
    if not isinstance(value, dict):
        return [f"{where}: {type(value).__name__} is no object"]
    shown = [key for key in value if key in expected]
    return [] if shown == list(expected) else [f"{where}: keys {list(value)}, want {expected}"]


def check_latency(where, value):
    if value is None:
        return []
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        return [f"{where}: latency {value!r}"]
    return [] if round(value, 2) == value else [f"{where}: {value!r} has over 2 decimals"]


def check_entry(where, entry, is_critical):
    """An entry of a service (IS_CRITICAL True or False) or of infrastructure (None)."""
    is_service = is_critical is not None
    keys = ["status", "latency_ms"]
    wrong = []
    if not isinstance(entry, dict):
        return [f"{where}: no object"]
    status = entry.get("status")
    if status not in ("OK", "DEGRADED", "DOWN", "UNKNOWN"):
        wrong.append(f"{where}: status {status!r}")
    if is_service and status != "UNKNOWN":
        if ("details" in entry) == ("error" in entry):
            wrong.append(f"{where}: wants either details or error: {entry}")
        keys.append("error" if "error" in entry else "details")
    elif status in ("OK", "UNKNOWN"):
        if "error" in entry or "details" in entry:
            wrong.append(f"{where}: {status} with {entry}")
    else:
        keys.append("error")
        if "details" in entry:
            wrong.append(f"{where}: infrastructure with details")
    if "error" in entry and not isinstance(entry["error"], str):
        wrong.append(f"{where}: error {entry['error']!r}")
    if is_service:
        keys.append("critical")
        if entry.get("critical") is not is_critical:
            wrong.append(f"{where}: critical {entry.get('critical')!r}")
    elif "critical" in entry:
        wrong.append(f"{where}: infrastructure with the key critical")
    if status == "UNKNOWN" and entry.get("latency_ms") is not None:
        wrong.append(f"{where}: UNKNOWN with a latency")
    return wrong + check_keys(where, entry, keys) + check_latency(where, entry.get("latency_ms"))


def lists_of(entries):
    """The three lists of names that a map of entries leads to."""
    return {key: [name for name, entry in entries.items() if entry["status"] == status]
            for key, status in (("ok", "OK"), ("degraded", "DEGRADED"), ("down", "DOWN"))}


def judge(services, infra, trip_reason=None):
    """Status and critical_failures by section 4's table."""
    latency = {name: entry["latency_ms"] for name, entry in services.items()
               if entry["latency_ms"] is not None}
    down = [name for name in services if services[name]["status"] == "DOWN"]
    critical = [f"Service: {name}" for name in down if services[name]["critical"]]
    critical += [f"Infrastructure: {name}" for name in infra if infra[name]["status"] == "DOWN"]
    critical += [f"Latency: {name}" for name, ms in latency.items()
                 if ms > 5000 and f"Service: {name}" not in critical]
    if trip_reason is not None:
        critical.append(f"Emergency Stop System: {trip_reason}")
    if critical:
        return "CRITICAL", critical
    statuses = [entry["status"] for entry in (*services.values(), *infra.values())]
    if "DEGRADED" in statuses or "DOWN" in statuses or max(latency.values(), default=0) > 1000:
        return "DEGRADED", []
    return ("UNKNOWN" if "UNKNOWN" in statuses else "OK"), []


def check_performance(performance, services):
    latency = [entry["latency_ms"] for entry in services.values()
               if entry["latency_ms"] is not None]
    average, highest = (performance.get(f"{what}_service_latency_ms") for what in ("avg", "max"))
    wrong = check_keys("performance", performance,
                       ["avg_service_latency_ms", "max_service_latency_ms"])
    if not latency:
        return wrong + [f"performance: {performance}, want nulls"] * bool(
            average is not None or highest is not None)
    if highest != max(latency):
        wrong.append(f"performance: max {highest}, want {max(latency)}")
    if average is None or abs(average - sum(latency) / len(latency)) > 0.0101:
        wrong.append(f"performance: avg {average}, want {sum(latency) / len(latency)}")
    return wrong + check_latency("avg", average)


def check_system(body, trip_reason=None, infra_names=INFRA):
    """The body of GET /health/system, which is the payload of a snapshot too. TRIP_REASON is
    that of the emergency stop, None where it is not tripped, ... where this is not known."""
    wrong = check_keys("system", body, ["status", "timestamp", "services", "infrastructure",
                                        "critical_failures", "performance", "snapshot"])
    if wrong:
        return wrong
    snapshot = body["snapshot"]
    wrong = check_keys("snapshot", snapshot, ["timestamp", "services", "infra"])
    if wrong:
        return wrong
    if snapshot["timestamp"] != body["timestamp"] or not ISO.fullmatch(body["timestamp"]):
        wrong.append(f"timestamps {body['timestamp']!r} and {snapshot['timestamp']!r}")
    services, infra = snapshot["services"], snapshot["infra"]
    if list(services) != list(SERVICES) or list(infra) != list(infra_names):
        wrong.append(f"targets {list(services)} {list(infra)}")
        return wrong
    for name, entry in services.items():
        wrong += check_entry(name, entry, SERVICES[name])
    for name, entry in infra.items():
        wrong += check_entry(name, entry, None)
    if wrong:
        return wrong
    for key, entries in (("services", services), ("infrastructure", infra)):
        wrong += check_keys(key, body[key], ["ok", "degraded", "down"])
        if body[key] != lists_of(entries):
            wrong.append(f"{key}: {body[key]}, want {lists_of(entries)}")
    failures = body["critical_failures"]
    if trip_reason is ...:
        stops = [text for text in failures if text.startswith("Emergency Stop System: ")]
        trip_reason = stops[0].partition(": ")[2] if stops else None
    status, critical = judge(services, infra, trip_reason)
    if body["status"] != status or failures != critical:
        wrong.append(f"status {body['status']} {failures}, want {status} {critical}")
    return wrong + check_performance(body["performance"], services)


def check_metrics(metrics, system, alerts):
    """GET /health/metrics, given the body of /health/system and the active alerts then."""
    wrong = check_keys("metrics", metrics, ["timestamp", "counters", "gauges", "alerts"])
    wrong += check_keys("counters", metrics.get("counters"), [
        "total_services", "services_ok", "services_degraded", "services_down", "infra_ok",
        "infra_degraded", "infra_down"])
    wrong += check_keys("gauges", metrics.get("gauges"), [
        "system_status_code", "avg_service_latency_ms", "max_service_latency_ms"])
    wrong += check_keys("alerts", metrics.get("alerts"), [
        "active_count", "critical_count", "warning_count"])
    if wrong:
        return wrong
    expected = {"total_services": len(system["snapshot"]["services"])}
    for prefix, key in (("services", "services"), ("infra", "infrastructure")):
        expected.update({f"{prefix}_{word}": len(names) for word, names in system[key].items()})
    gauges = {"system_status_code": CODES[system["status"]], **system["performance"]}
    counts = {"active_count": len(alerts)}
    for level in ("CRITICAL", "WARNING"):
        counts[f"{level.lower()}_count"] = sum(alert["level"] == level for alert in alerts)
    for key, want in (("timestamp", system["timestamp"]), ("counters", expected),
                      ("gauges", gauges), ("alerts", counts)):
        got = metrics[key]
        if got != want and not (isinstance(want, dict) and want.items() <= got.items()):
            wrong.append(f"metrics {key}: {got}, want {want}")
    return wrong


def expected_alert(component, body):
    """Level, title, message and details of COMPONENT's alert while BODY is the snapshot; None
    where there is none. Not for the emergency stop."""
    services, infra = body["services"], body["infrastructure"]
    if component == "system":
        if body["status"] == "CRITICAL":
            return ("CRITICAL", "System Health CRITICAL",
                    "Critical failures detected: " + ", ".join(body["critical_failures"]),
                    {"critical_failures": body["critical_failures"],
                     "services_down": services["down"], "infra_down": infra["down"]})
        if body["status"] == "DEGRADED":
            return ("WARNING", "System Health DEGRADED",
                    f"System degraded: {len(services['degraded'])} services degraded, "
                    f"{len(services['down'])} down",
                    {"services_degraded": services["degraded"], "services_down": services["down"],
                     "infra_degraded": infra["degraded"]})
    if component in services["down"]:
        return ("CRITICAL" if SERVICES[component] else "WARNING", f"Service DOWN: {component}",
                f"Service {component} is not responding", {})
    if component in infra["down"]:
        return ("CRITICAL", f"Infrastructure DOWN: {component}",
                f"Infrastructure component {component} is unavailable", {})
    return None


def expected_alerts(body):
    """Every alert that BODY's state leads to, as component -> (level, title, message, details),
    in the order in which they are raised when it comes about at once."""
    all_of_them = {name: expected_alert(name, body)
                   for name in ("system", *SERVICES, *body["snapshot"]["infra"])}
    return {name: alert for name, alert in all_of_them.items() if alert}


def check_alert(alert):
    wrong = check_keys("alert", alert, ALERT_KEYS)
    if wrong:
        return wrong
    for key in ALERT_KEYS[:-1]:
        if not isinstance(alert[key], str):
            wrong.append(f"alert {key}: {alert[key]!r}")
    if alert["level"] not in ("INFO", "WARNING", "CRITICAL") or not isinstance(
            alert["details"], dict):
        wrong.append(f"alert: {alert}")
    if not ISO.fullmatch(alert["timestamp"]):
        wrong.append(f"alert timestamp {alert['timestamp']!r}")
    want = f"{alert['component']}_{alert['level']}_{alert['timestamp']}"
    if alert["alert_id"] != want:
        wrong.append(f"alert_id {alert['alert_id']!r}, want {want!r}")
    return wrong


def check_payload(event_type, payload):
    if event_type == SNAPSHOT:
        return check_system(payload, ..., list(payload.get("snapshot", {}).get("infra", [])))
    wrong = check_alert(payload)
    if event_type == RESOLVED:
        wrong += check_keys("resolved", payload, [*ALERT_KEYS, "resolved_at", "resolution"])
        if payload.get("resolution") not in RESOLUTIONS:
            wrong.append(f"resolution {payload.get('resolution')!r}")
        if not ISO.fullmatch(payload.get("resolved_at", "")):
            wrong.append(f"resolved_at {payload.get('resolved_at')!r}")
    elif "resolution" in payload:
        wrong.append(f"raised with a resolution: {payload}")
    return wrong


def check_stream_fields(stream, fields):
    """One entry of an event stream; FIELDS is its list of (name, text)."""
    where = f"{stream}: "
    if [name for name, _ in fields] != STREAM_FIELDS:
        return [f"{where}fields {[name for name, _ in fields]}"]
    event = dict(fields)
    wrong = []
    if stream != f"quantum:stream:{event['event_type']}":
        wrong.append(f"{where}event_type {event['event_type']!r}")
    if event["trace_id"] != "" or event["source"] != SOURCE:
        wrong.append(f"{where}trace_id {event['trace_id']!r}, source {event['source']!r}")
    if not UUID4.fullmatch(event["correlation_id"]):
        wrong.append(f"{where}correlation_id {event['correlation_id']!r}")
    if not NAIVE.fullmatch(event["timestamp"]):
        wrong.append(f"{where}timestamp {event['timestamp']!r}")
    try:
        payload = json.loads(event["payload"])
    except ValueError as error:
        return wrong + [f"{where}payload is no JSON: {error}"]
    return wrong + [where + text for text in check_payload(event["event_type"], payload)]
