"""Records what healthd tells the world, over Redis Streams and ZeroMQ PUB, and judges it."""
import json
import threading
from collections import namedtuple

import msgpack
import redis
import zmq

import contract
from harness import wait_until

STREAMS = tuple(f"quantum:stream:{event_type}" for event_type in contract.EVENT_TYPES)


class Event(namedtuple("Event", "stream entry_id fields")):
    """An entry of an event stream. FIELDS: list of (name, text), as they lay there."""

    @property
    def type(self):
        return self.stream.removeprefix("quantum:stream:")

    @property
    def correlation_id(self):
        return dict(self.fields)["correlation_id"]

    @property
    def timestamp(self):
        return dict(self.fields)["timestamp"]

    @property
    def payload(self):
        return json.loads(dict(self.fields)["payload"])

    @property
    def written_ms(self):
        """Redis' time; the sequence behind it is of the one stream, so it orders nothing else."""
        return int(self.entry_id.partition("-")[0])


class Recorder(threading.Thread):
    """Keeps what comes; ends with close()."""

    def __init__(self):
        super().__init__(daemon=True)
        self.records = []
        self.is_closing = threading.Event()
        self.failure = None
        self.start()

    def run(self):
        try:
            self.record()
        except Exception as failure:  # whatever it was, the test's thread raises it
            self.failure = failure

    def close(self):
        self.is_closing.set()
        self.join(10)
        if self.failure:
            raise self.failure

    def seen(self):
        if self.failure:
            raise self.failure
        return list(self.records)

    def of(self, event_type):
        return [event for event in self.seen() if event.type == event_type]

    def wait_for(self, event_type, predicate, seconds=10, what=""):
        """The first event of that type whose payload is so."""
        def ask():
            return next((event for event in self.of(event_type) if predicate(event.payload)), None)
        return wait_until(ask, seconds, f"{event_type} {what}")

    def wait_alert(self, event_type, component, seconds=10, **values):
        """The first alert event of COMPONENT whose payload has VALUES."""
        return self.wait_for(
            event_type,
            lambda alert: {"component": component, **values}.items() <= alert.items(), seconds,
            f"of {component} {values}")


class StreamRecorder(Recorder):
    """Reads the event streams from their beginning; goes on when Redis comes back."""

    def __init__(self, port):
        self.port = port
        super().__init__()

    def connect(self):
        client = redis.Redis(port=self.port, decode_responses=True, socket_timeout=2,
                             socket_connect_timeout=2)
        client.set_response_callback("XREAD", lambda reply: reply or [])  # pairs, in their order
        return client

    def record(self):
        last = dict.fromkeys(STREAMS, "0")
        client = self.connect()
        while not self.is_closing.is_set():
            try:
                reply = client.execute_command("XREAD", "COUNT", 500, "BLOCK", 100, "STREAMS",
                                               *last, *last.values())
            except (redis.ConnectionError, redis.TimeoutError):
                self.is_closing.wait(0.05)
                continue
            for stream, entries in reply:
                for entry_id, flat in entries:
                    last[stream] = entry_id
                    self.records.append(Event(stream, entry_id, list(zip(flat[::2], flat[1::2]))))


class Publication(namedtuple("Publication", "topic frames")):
    @property
    def type(self):
        return self.topic

    @property
    def payload(self):
        return msgpack.unpackb(self.frames[1], strict_map_key=True)


class SubscriberRecorder(Recorder):
    """A SUB client as section 7 knows it; reconnects by itself."""

    def __init__(self, endpoint, prefix=b"health."):
        self.endpoint, self.prefix = endpoint, prefix
        super().__init__()

    def record(self):
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.linger = 0
            subscriber.reconnect_ivl = 20
            subscriber.subscribe(self.prefix)
            subscriber.connect(self.endpoint)
            while not self.is_closing.is_set():
                if subscriber.poll(50):
                    frames = subscriber.recv_multipart()
                    self.records.append(Publication(frames[0].decode(), frames))


# --- judging ---

def without_repeats(events):
    """Events with repeats of a correlation_id left out, and complaints about repeats that differ."""
    first, wrong = {}, []
    for event in events:
        known = first.setdefault(event.correlation_id, event)
        if known is not event and (known.stream, known.fields) != (event.stream, event.fields):
            wrong.append(f"{event.correlation_id} came twice, not the same: "
                         f"{known.stream} {known.entry_id}, {event.stream} {event.entry_id}")
    return list(first.values()), wrong


def judge_order(events):
    """Within a stream the entries stand in the order of their events' times."""
    wrong = []
    for stream in STREAMS:
        times = [event.timestamp for event in events if event.stream == stream]
        wrong += [f"{stream}: {after} stands after {before}"
                  for before, after in zip(times, times[1:]) if after < before]
    return wrong


def judge_lives(events):
    """Each alert is raised once and resolved at most once, in this order, and no component and
    level has two alerts at once. EVENTS without repeats."""
    wrong, raised, resolved = [], {}, {}
    for event in events:
        if event.type == contract.SNAPSHOT:
            continue
        book = raised if event.type == contract.RAISED else resolved
        alert_id = event.payload["alert_id"]
        if alert_id in book:
            wrong.append(f"{event.type} twice with two correlation_ids: {alert_id}")
        book[alert_id] = event
    wrong += [f"resolved, never raised: {alert_id}" for alert_id in resolved.keys() - raised.keys()]
    lives = {}
    for alert_id, event in raised.items():
        end = resolved.get(alert_id)
        if end and end.written_ms < event.written_ms:
            wrong.append(f"resolved before it was raised: {alert_id}")
        alert = event.payload
        lives.setdefault((alert["component"], alert["level"]), []).append(
            (alert["timestamp"], end.payload["resolved_at"] if end else None))
    for which, spans in lives.items():
        spans.sort()
        wrong += [f"{which}: {after[0]} was raised while {before[0]} was active"
                  for before, after in zip(spans, spans[1:])
                  if before[1] is None or after[0] < before[1]]
    return wrong


def judge_gaps(events, longest_s):
    """No two snapshots that follow each other lie further apart than LONGEST_S."""
    times = sorted(contract.instant(event.timestamp) for event in events
                   if event.type == contract.SNAPSHOT)
    return [f"no snapshot for {after - before:.2f} s after {before:.3f}"
            for before, after in zip(times, times[1:]) if after - before > longest_s]


def judge_events(events, longest_gap_s=None):
    """All complaints about a record of the event streams."""
    wrong = [text for event in events
             for text in contract.check_stream_fields(event.stream, event.fields)]
    if wrong:
        return wrong
    once, wrong = without_repeats(events)
    wrong += judge_order(once) + judge_lives(once)
    return wrong + (judge_gaps(once, longest_gap_s) if longest_gap_s else [])


def count_repeats(events):
    return len(events) - len({event.correlation_id for event in events})
