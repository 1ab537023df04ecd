"""What a client sees of a server's speed: waits, speeds, chunks, from one run.

Definitions
    The *wait* of a response is what a profile calls the time to first audio: from the
    event that starts it to its first audio, both as received, so that a constant delay
    of the network cancels out. What starts a response is `speech_stopped` if it answers
    a turn that the server ended, and `response.created` if the client asked for it;
    our own server sends both at the same instant.

    The *speed* is that of the audio's arrival: the slope of a straight line through
    (audio that came before it, arrival) of the deltas of one item, told from
    `MIN_SPEED_MS` of audio in `MIN_SPEED_DELTAS` deltas on; times the output speed at
    which the session speaks, because audio is made shorter after it was generated.

    *Chunks* are the lengths of the deltas of one item but its last, which holds what
    was left over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from voicelab.metrics.session import SessionFacts, session_facts
from voicelab.record.log_reader import Event, Log
from voicelab.units import NS_PER_S, ns_to_ms, samples_to_ms

DELTA = "response.output_audio.delta"
MIN_SPEED_MS = 500
MIN_SPEED_DELTAS = 3
MAX_SPEED = 1000.0
"""All at once: no network tells it from anything faster."""

_STOPPED = "input_audio_buffer.speech_stopped"
_COMMITTED = "input_audio_buffer.committed"


@dataclass
class Observed:
    """What was seen of the responses of one run, or of many.

    Attributes:
        waits_ms: from the start of each audible response to its first audio.
        cut_short_ms: how long those waited that ended before any audio.
        speeds: audio per time of arrival, one for each item long enough.
        chunks_ms: the lengths of the deltas of each item but its last.
        outcomes: how many responses were `audible`, `cut_short`, `failed`, or ended
            `without_audio` (text, function calls, nothing at all).
    """

    waits_ms: list[float] = field(default_factory=list)
    cut_short_ms: list[float] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)
    chunks_ms: list[list[float]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def responses(self) -> int:
        """How many responses there were."""
        return self.outcomes.total()

    def add(self, other: Observed) -> None:
        """Add what was seen in another run."""
        self.waits_ms += other.waits_ms
        self.cut_short_ms += other.cut_short_ms
        self.speeds += other.speeds
        self.chunks_ms += other.chunks_ms
        self.outcomes.update(other.outcomes)


def observe(log: Log) -> Observed:
    """Return what a client saw of the responses of a run."""
    seen = Observed()
    session = session_facts(log)
    deltas = _by_response(log.of("client", DELTA))
    ends = {
        event.data["response"]["id"]: event
        for event in log.of("client", "response.done")
    }
    for start_ns, response_id in _started(log):
        audio = deltas.get(response_id, [])
        if audio:
            seen.outcomes["audible"] += 1
            seen.waits_ms.append(ns_to_ms(audio[0].t_ns - start_ns))
            _add_items(seen, audio, session)
            continue
        outcome, until_ns = _silent_end(log, ends.get(response_id))
        seen.outcomes[outcome] += 1
        if outcome == "cut_short":
            seen.cut_short_ms.append(ns_to_ms(until_ns - start_ns))
    return seen


def _started(log: Log) -> Iterator[tuple[int, str]]:
    """Yield each response and the instant that its wait is counted from."""
    turn_ended_ns: int | None = None
    stops = {event.item_id: event.t_ns for event in log.of("client", _STOPPED)}
    for event in log.events:
        if event.lane != "client":
            continue
        if event.type == _COMMITTED:
            turn_ended_ns = stops.get(event.item_id)
        elif event.type == "response.create":
            turn_ended_ns = None
        elif event.type == "response.created":
            start_ns = event.t_ns if turn_ended_ns is None else turn_ended_ns
            yield start_ns, event.data["response"]["id"]
            turn_ended_ns = None


def _by_response(deltas: Sequence[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in deltas:
        found.setdefault(event.data["response_id"], []).append(event)
    return found


def _silent_end(log: Log, done: Event | None) -> tuple[str, int]:
    """Return what became of a response without audio, and when.

    One that was under way when the log ends, or that was cancelled, would have spoken
    later.
    """
    if done is None:
        return "cut_short", log.events[-1].t_ns
    status = done.data["response"].get("status")
    outcome = {"cancelled": "cut_short", "completed": "without_audio"}
    return outcome.get(str(status), "failed"), done.t_ns


def _add_items(seen: Observed, deltas: Sequence[Event], session: SessionFacts) -> None:
    audio_format = session.output_format
    items: dict[str | None, list[Event]] = {}
    for event in deltas:
        items.setdefault(event.item_id, []).append(event)
    for pieces in items.values():
        held = [event.data["audio"] for event in pieces]
        rate_hz = audio_format.rate_hz
        lengths_ms = [
            samples_to_ms(audio_format.sample_count(each["bytes"]), rate_hz)
            for each in held
        ]
        if len(lengths_ms) > 1:
            seen.chunks_ms.append(lengths_ms[:-1])
        before_s = [each["pos_samples"] / rate_hz for each in held]
        speed = _speed(before_s, [event.t_ns for event in pieces])
        if speed is not None:
            seen.speeds.append(min(speed * session.output_speed, MAX_SPEED))


def _speed(before_s: Sequence[float], t_ns: Sequence[int]) -> float | None:
    """Return seconds of audio per second of arrival; None if too little tells."""
    if len(t_ns) < MIN_SPEED_DELTAS or before_s[-1] * 1000 < MIN_SPEED_MS:
        return None
    audio = np.asarray(before_s) - np.mean(before_s)
    arrival = (np.asarray(t_ns, dtype=np.float64) - t_ns[0]) / NS_PER_S
    slope = float(audio @ arrival / (audio @ audio))
    return min(1 / slope, MAX_SPEED) if slope > 0 else MAX_SPEED
