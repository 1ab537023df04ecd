"""What a server counts and measures, in the format that Prometheus reads.

Every label takes a bounded set of values, whatever clients send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import Metric

from voicelab.protocol.wire_errors import CODES
from voicelab.units import ns_to_s

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The format that `exposition` returns."""

OTHER = "other"
_LATENESS_BUCKETS_S = (
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28,
)  # fmt: skip
_SESSION_BUCKETS_S = (1, 5, 15, 60, 300, 900, 1800, 3600)
_KNOWN_CLOSES = frozenset(
    {1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013}
)
Child = TypeVar("Child", bound="Counter | Histogram")


class _Registry(CollectorRegistry):
    """A registry without the instants at which each measure began.

    They double what is exposed. The library's own switch is for the whole process,
    which may belong to somebody else.
    """

    def collect(self) -> Iterator[Metric]:
        for metric in super().collect():
            metric.samples = [
                sample
                for sample in metric.samples
                if not sample.name.endswith("_created")
            ]
            yield metric


class Telemetry:
    """The measures of one server."""

    def __init__(self) -> None:
        self._registry = _Registry()
        self._sessions = self._counter("sessions", "Sessions that were opened.")
        self._refused = self._counter(
            "refused_connections", "Connections that got no session.", "code"
        )
        self._closes = self._counter("closes", "Sessions that ended.", "code")
        self._events = self._counter("events", "Events.", "direction", "type")
        self._errors = self._counter("errors", "Error events sent.", "code")
        self._bytes = self._counter("message_bytes", "Bytes of messages.", "direction")
        self._audio = self._counter("audio_seconds", "Audio.", "direction")
        self._responses = self._counter("responses", "Responses.", "status")
        self._faults = self._counter("faults", "Faults on purpose.", "kind")
        self._session_s = self._histogram(
            "session_seconds", "How long sessions lasted.", _SESSION_BUCKETS_S
        )
        self._lateness = self._histogram(
            "event_lateness_seconds",
            "How late what was due was done.",
            _LATENESS_BUCKETS_S,
        )
        self._loop_lag = self._histogram(
            "loop_lag_seconds",
            "How late the event loop got round to a timer.",
            _LATENESS_BUCKETS_S,
        )
        self.count_in = _by_type(self._events, "in")
        self.count_out = _by_type(self._events, "out")
        self._bytes_in = self._bytes.labels("in")
        self._bytes_out = self._bytes.labels("out")
        self._audio_in = self._audio.labels("in")
        self._audio_out = self._audio.labels("out")

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"voicelab_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, buckets: Iterable[float]) -> Histogram:
        return Histogram(
            f"voicelab_{name}", about, buckets=tuple(buckets), registry=self._registry
        )

    def watch(
        self, open_sessions: Callable[[], int], pending_bytes: Callable[[], int]
    ) -> None:
        """Say where the present numbers come from; called once."""
        sessions = Gauge(
            "voicelab_sessions_open", "Sessions that run.", registry=self._registry
        )
        sessions.set_function(open_sessions)
        pending = Gauge(
            "voicelab_pending_bytes",
            "Bytes that wait for clients to read.",
            registry=self._registry,
        )
        pending.set_function(pending_bytes)

    def exposition(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)

    # -- connections --------------------------------------------------------

    def refused(self, code: str) -> None:
        """A connection got no session."""
        self._refused.labels(code).inc()

    def opened(self) -> None:
        """A session was opened."""
        self._sessions.inc()

    def closed(self, code: int, lasted_s: float) -> None:
        """A session ended."""
        self._closes.labels(str(code) if code in _KNOWN_CLOSES else OTHER).inc()
        self._session_s.observe(lasted_s)

    # -- messages -----------------------------------------------------------

    def received(self, size_bytes: int) -> None:
        """A message arrived."""
        self._bytes_in.inc(size_bytes)

    def sent(self, size_bytes: int) -> None:
        """A message left."""
        self._bytes_out.inc(size_bytes)

    def heard(self, seconds: float) -> None:
        """Audio of a caller arrived."""
        self._audio_in.inc(seconds)

    def spoke(self, seconds: float) -> None:
        """Audio of an agent left."""
        self._audio_out.inc(seconds)

    def error(self, code: str | None) -> None:
        """An `error` event left."""
        self._errors.labels(code if code in CODES else OTHER).inc()

    def response(self, status: str) -> None:
        """A response ended."""
        self._responses.labels(status).inc()

    def fault(self, kind: str) -> None:
        """A fault struck."""
        self._faults.labels(kind).inc()

    # -- punctuality --------------------------------------------------------

    def late(self, late_ns: int) -> None:
        """Something that was due was done so much later."""
        self._lateness.observe(ns_to_s(late_ns))

    def lagged(self, late_ns: int) -> None:
        """The loop got round to a timer so much late."""
        self._loop_lag.observe(ns_to_s(late_ns))


def _by_type(counter: Counter, direction: str) -> Callable[[str], None]:
    """Return what counts one event of a type; looking a label up is slow."""
    children: dict[str, Counter] = {}

    def count(event_type: str) -> None:
        child = children.get(event_type)
        if child is None:
            child = children[event_type] = counter.labels(direction, event_type)
        child.inc()

    return count
