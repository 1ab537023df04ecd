"""Which event of one run is which of the other, and how far apart they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from voicelab.metrics.comparison.moments import Key, Moment, Parts, Stream
from voicelab.record.log_reader import Int64Array
from voicelab.units import ns_to_ms

TURN_START = "turn.start"


class EventPair(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it fell in both runs.

    Attributes:
        lane: where it was observed.
        type: what happened.
        subject: what it is about, by the names of `comparison.naming`.
        number: how many of the same came before it (from the last if negative);
            of a stream, the position: nanoseconds of audio, characters, scores.
        t_a_ns: when, in the first run; 0 is the caller's first sample.
        t_b_ns: when, in the second.
        in_turn_ns: the difference that is left when that of the last turn of the
            caller that had begun is taken off: what this exchange added.
    """

    lane: str
    type: str
    subject: str
    number: int
    t_a_ns: int
    t_b_ns: int
    in_turn_ns: int = 0

    @property
    def difference_ns(self) -> int:
        """How much later it fell in the second run."""
        return self.t_b_ns - self.t_a_ns

    @property
    def difference_ms(self) -> float:
        """`difference_ns` in milliseconds."""
        return ns_to_ms(self.difference_ns)

    @property
    def in_turn_ms(self) -> float:
        """`in_turn_ns` in milliseconds."""
        return ns_to_ms(self.in_turn_ns)

    @property
    def before_start(self) -> bool:
        """Whether it belongs to the handshake, before the caller's first sample."""
        return self.t_a_ns <= 0 and self.t_b_ns <= 0


@dataclass(frozen=True)
class Alignment:
    """Two runs, matched.

    Attributes:
        matched: the moments that both have, in the order of the first.
        only_a: the moments that the first alone has.
        only_b: the moments that the second alone has.
        pairs: all that both have: moments, then positions of streams.
        frames_ns: by lane, how much later each microphone frame passed in b.
    """

    matched: dict[Key, tuple[Moment, Moment]]
    only_a: list[Moment]
    only_b: list[Moment]
    pairs: list[EventPair]
    frames_ns: dict[str, Int64Array]


def align(a: Parts, b: Parts) -> Alignment:
    """Match the parts of two runs."""
    matched = {
        key: (moment, b.moments[key])
        for key, moment in a.moments.items()
        if key in b.moments
    }
    pairs = [_pair(key, a.event.t_ns, b.event.t_ns) for key, (a, b) in matched.items()]
    for stream_key in (key for key in a.streams if key in b.streams):
        passed = _passed(a.streams[stream_key], b.streams[stream_key])
        pairs += [_pair((*stream_key, at), *both) for at, *both in passed]
    return Alignment(
        matched=matched,
        only_a=_missing(a.moments, b.moments),
        only_b=_missing(b.moments, a.moments),
        pairs=_with_turns(pairs),
        frames_ns={
            lane: _differences(a.frames[lane], b.frames[lane]) for lane in a.frames
        },
    )


def _pair(key: Key, t_a_ns: int, t_b_ns: int) -> EventPair:
    lane, kind, subject, number = key
    return EventPair(
        lane=lane,
        type=kind,
        subject=subject,
        number=number,
        t_a_ns=t_a_ns,
        t_b_ns=t_b_ns,
    )


def _missing(here: Mapping[Key, Moment], there: Mapping[Key, Moment]) -> list[Moment]:
    return [moment for key, moment in here.items() if key not in there]


def _passed(a: Stream, b: Stream) -> Iterator[tuple[int, int, int]]:
    """Yield the positions that both reach, and when each had passed."""
    ends = _common_ends(a, b)
    instants = (stream.passed_ns(ends).tolist() for stream in (a, b))
    yield from zip(ends.tolist(), *instants, strict=True)


def _differences(a: Stream, b: Stream) -> Int64Array:
    """Return how much later each position of a long stream passed in b."""
    ends = _common_ends(a, b)
    differences: Int64Array = b.passed_ns(ends) - a.passed_ns(ends)
    return differences


def _common_ends(a: Stream, b: Stream) -> Int64Array:
    """Return the positions at which a piece ends in either, as far as both go."""
    ends = np.union1d(a.ends, b.ends)
    return ends[ends <= min(a.length, b.length)]


def _with_turns(pairs: Iterable[EventPair]) -> list[EventPair]:
    """Return the pairs by time in a, each with what its exchange added."""
    ordered = sorted(pairs, key=lambda pair: (pair.t_a_ns, pair.t_b_ns))
    told = []
    turn_ns = 0
    for pair in ordered:
        if pair.type == TURN_START:
            turn_ns = pair.difference_ns
        in_turn_ns = pair.difference_ns - turn_ns
        told.append(msgspec.structs.replace(pair, in_turn_ns=in_turn_ns))
    return told
