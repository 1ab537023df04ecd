"""The events of a run, taken apart into moments and streams, ready to be matched.

A *moment* is one event that another run of the scenario should have, too. It is
known by lane, type, subject and how many of the same came before it; the ends of
playback, of which there is one more whenever a buffer ran dry, are counted from
the last.

A *stream* is what servers cut up as they please: audio, text, scores. It has no
moments but positions, and for each position the instant by which it had passed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.metrics.comparison.naming import Names
from voicelab.metrics.session import session_facts
from voicelab.record.log_reader import APPEND, Event, Int64Array, Log
from voicelab.units import samples_to_ns

LANES = ("user", "client", "player", "agent")
"""What is compared: all that a client can see. The server's lane only joins in if
both runs have it; what is told of the link, no client sees."""

AUDIO_DELTA = "response.output_audio.delta"
SCORES = "vad.scores"
_COUNTED_FROM_THE_LAST = ("playback.stop", "heard.stop")

Key = tuple[str, str, str, int]
"""Lane, type, subject, and how many of the same came before."""

StreamKey = tuple[str, str, str]
"""Lane, type, subject."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event and what it is known by.

    Attributes:
        place: its place among the events of the log.
        event: the event.
        subject: what it is about, by the names of its run.
        home: the response that it belongs to, or else its subject.
    """

    place: int
    event: Event
    subject: str
    home: str


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Positions of a stream and when each had passed.

    Attributes:
        ends: the position after each piece, increasing; int64 [n]. Nanoseconds of
            audio, characters, or scores.
        t_ns: when the piece passed; int64 [n].
    """

    ends: Int64Array
    t_ns: Int64Array

    @property
    def length(self) -> int:
        """The position after the last piece."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def passed_ns(self, positions: Int64Array) -> Int64Array:
        """Return when each position, none beyond the length, had passed."""
        instants: Int64Array = self.t_ns[np.searchsorted(self.ends, positions)]
        return instants


@dataclass(frozen=True)
class Parts:
    """A run, taken apart.

    Attributes:
        moments: its moments by what they are known by, in the log's order.
        streams: its streams.
        frames: its microphone frames, by lane.
        names: the names of its run.
    """

    moments: dict[Key, Moment]
    streams: dict[StreamKey, Stream]
    frames: dict[str, Stream]
    names: Names = field(repr=False)


def take_apart(log: Log, *, server: bool) -> Parts:
    """Return the parts of a log that are compared.

    Args:
        log: the log.
        server: whether the server's own lane is to be compared.
    """
    names = Names(log)
    facts = session_facts(log)
    lanes = (*LANES, "server") if server else LANES
    moments: list[Moment] = []
    pieces: dict[StreamKey, list[tuple[int, int]]] = defaultdict(list)
    for place, event in enumerate(log.events):
        if event.lane not in lanes:
            continue
        size = _piece_size(event, facts.output_format)
        subject = names.subject(event)
        if size is None:
            moments.append(Moment(place, event, subject, names.home(event)))
        elif size > 0:
            pieces[event.lane, event.type, subject].append((size, event.t_ns))
    return Parts(
        moments=dict(_keyed(moments)),
        streams={key: _stream(found) for key, found in pieces.items()},
        frames={
            lane: _frames(log, lane, facts.input_format)
            for lane in ("client", "server")
            if lane in lanes
        },
        names=names,
    )


def is_stream(kind: str) -> bool:
    """Whether events of a type are pieces of something servers cut up at will."""
    return kind in (APPEND, SCORES) or kind.endswith(".delta")


def _piece_size(event: Event, audio_format: AudioFormat) -> int | None:
    """Return how long a piece of a stream is; None for what is no such piece."""
    if not is_stream(event.type):
        return None
    if event.type == SCORES:
        return len(event.data["scores"])
    if event.type == AUDIO_DELTA:
        samples = audio_format.sample_count(event.data["audio"]["bytes"])
        return samples_to_ns(samples, audio_format.rate_hz)
    text = event.data.get("delta")
    return len(text) if isinstance(text, str) else None


def _stream(pieces: list[tuple[int, int]]) -> Stream:
    sizes, instants = np.array(pieces, dtype=np.int64).T
    return Stream(np.cumsum(sizes), instants)


def _frames(log: Log, lane: str, audio_format: AudioFormat) -> Stream:
    appends = log.appends(lane)
    samples = appends.pos_samples + appends.bytes // audio_format.bytes_per_sample
    return Stream(samples, appends.t_ns)


def _keyed(moments: list[Moment]) -> Iterator[tuple[Key, Moment]]:
    """Yield each moment with what it is known by."""
    same = [(each.event.lane, each.event.type, each.subject) for each in moments]
    in_all = Counter(same)
    before: Counter[StreamKey] = Counter()
    for name, moment in zip(same, moments, strict=True):
        number = before[name]
        before[name] += 1
        if moment.event.type in _COUNTED_FROM_THE_LAST:
            number -= in_all[name]
        yield (*name, number), moment
