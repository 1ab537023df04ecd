"""Whether two runs tell of the same events in the same order.

Definition
    Much of a conversation happens side by side: audio is played while more of it
    arrives and while the caller goes on. What is independent may fall either way
    without any meaning, so order is equal if

    1. each event that one run has, the other has, too; save the pieces of streams,
       which are compared by position, and events that a server may or may not send
       (`is_optional`);
    2. within each *chain*, which is what one cause leads to step by step, the
       sequence is the same. Chains are: the caller's turns; what the player does;
       what is heard; what the client sends; the session's events; the items of the
       conversation as they join it; all that belongs to one item of the caller; all
       that belongs to one response; the claim about one interrupted item; the
       transcription of one item;
    3. on each lane, no two events of different chains are `NEAR_MS` or more apart
       in both runs and in opposite order. Events nearer than that are taken to
       be simultaneous: their swap is a difference of timing, and counted there.

    Exempt from the third rule is what the protocol lets fall anywhere (transcripts
    of the caller), and the handshake before the caller's first sample.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from voicelab.metrics.comparison.alignment import Alignment
from voicelab.metrics.comparison.moments import Moment
from voicelab.protocol.items import tags
from voicelab.protocol.server_events import ServerEvent
from voicelab.units import NS_PER_MS, ns_to_ms

NEAR_MS = 20
"""One microphone frame: a caller's smallest step."""

_KNOWN = frozenset(tags(ServerEvent))
_TRANSCRIPTION = "conversation.item.input_audio_transcription."
_CLAIM = frozenset(
    {"interruption", "conversation.item.truncate", "conversation.item.truncated"}
)
_SENT = frozenset(
    {
        "session.update",
        "input_audio_buffer.commit",
        "input_audio_buffer.clear",
        "conversation.item.create",
        "conversation.item.retrieve",
        "conversation.item.delete",
        "response.create",
        "response.cancel",
    }
)
_NOTES = frozenset(
    {
        "turn.onset",
        "turn.endpoint",
        "response.trigger",
        "response.skipped",
        "reply.audio",
    }
)
Rule = Literal["chain", "lane"]
_MAY_BE_MISSING = frozenset(
    {"rate_limits.updated", "conversation.created", "conversation.item.created"}
)
"""A server may send these or not; the two of conversations are of the old dialect."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A moment of both runs, and where it stands in each: a line, or an instant."""

    at_a: int
    at_b: int
    a: Moment
    b: Moment


class OrderDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Two events that stand in opposite order.

    Attributes:
        rule: `chain` or `lane`: which of the rules it breaks.
        where: the chain, or the lane.
        first: what comes first in a and last in b.
        second: the other.
        apart_a_ms: how far apart they are in a.
        apart_b_ms: how far apart they are in b.
    """

    rule: str
    where: str
    first: str
    second: str
    apart_a_ms: float
    apart_b_ms: float


class Unmatched(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one type that only one run has.

    Attributes:
        run: `a` or `b`.
        lane: where they were observed.
        type: what happened.
        n: how many.
        subject: what the first of them is about.
        t_ns: when the first of them fell.
        optional: whether a server may leave them out.
    """

    run: str
    lane: str
    type: str
    n: int
    subject: str
    t_ns: int
    optional: bool


def is_optional(moment: Moment) -> bool:
    """Whether a server may send such an event or not."""
    kind = moment.event.type
    if moment.event.lane not in ("client", "server") or kind in _SENT | _CLAIM | _NOTES:
        return False
    return kind in _MAY_BE_MISSING or kind not in _KNOWN


def unmatched(alignment: Alignment) -> list[Unmatched]:
    """Return what only one run has, in order of time."""
    rows = [
        *_grouped("a", alignment.only_a),
        *_grouped("b", alignment.only_b),
    ]
    return sorted(rows, key=lambda row: row.t_ns)


def order_differences(alignment: Alignment) -> list[OrderDifference]:
    """Return the breaches of the second and the third rule, one for each event.

    An event out of order is told once for each chain and lane that it breaks, with
    the event that it most clearly stands on the wrong side of.
    """
    return [*_broken_chains(alignment), *_broken_lanes(alignment)]


def _broken_chains(alignment: Alignment) -> Iterator[OrderDifference]:
    chains: dict[str, list[Placed]] = defaultdict(list)
    for a, b in alignment.matched.values():
        for chain in _chains(a):
            chains[chain].append(Placed(a.place, b.place, a, b))
    for chain, placed in chains.items():
        for first, second in inversions(placed, apart=1):
            yield _difference("chain", chain, first, second)


def _broken_lanes(alignment: Alignment) -> Iterator[OrderDifference]:
    lanes: dict[str, list[Placed]] = defaultdict(list)
    for a, b in alignment.matched.values():
        if not _is_free(a, b):
            placed = Placed(a.event.t_ns, b.event.t_ns, a, b)
            lanes[a.event.lane].append(placed)
    for lane, all_placed in lanes.items():
        for first, second in inversions(all_placed, apart=NEAR_MS * NS_PER_MS):
            if not set(_chains(first.a)) & set(_chains(second.a)):  # else told there
                yield _difference("lane", lane, first, second)


def _grouped(run: str, moments: list[Moment]) -> Iterator[Unmatched]:
    groups: dict[tuple[str, str], list[Moment]] = defaultdict(list)
    for moment in moments:
        groups[moment.event.lane, moment.event.type].append(moment)
    for (lane, kind), found in groups.items():
        yield Unmatched(
            run=run,
            lane=lane,
            type=kind,
            n=len(found),
            subject=found[0].subject,
            t_ns=found[0].event.t_ns,
            optional=is_optional(found[0]),
        )


def _chains(moment: Moment) -> tuple[str, ...]:
    """Return the chains that a moment is part of."""
    lane, kind = moment.event.lane, moment.event.type
    if lane not in ("client", "server"):
        return (lane,)
    if is_optional(moment):
        return ()
    if kind.startswith(_TRANSCRIPTION):
        return (f"{lane}: transcript of {moment.subject}",)
    if kind in _CLAIM:
        return (f"{lane}: claim about {moment.subject}",)
    if kind in _SENT:
        return (f"{lane}: what the client sends",)
    own = f"{lane}: {moment.home}"
    if kind == "conversation.item.added":
        return (own, f"{lane}: conversation")
    return (own,)


def _is_free(a: Moment, b: Moment) -> bool:
    """Whether the protocol lets an event fall anywhere on its lane."""
    handshake = a.event.t_ns <= 0 and b.event.t_ns <= 0
    kind = a.event.type
    return handshake or is_optional(a) or kind.startswith(_TRANSCRIPTION)


def inversions(placed: list[Placed], *, apart: int) -> Iterator[tuple[Placed, Placed]]:
    """Yield pairs that are at least `apart` in both, in opposite order.

    Each moment is held against the one farthest behind in b among those well
    before it in a, so one look at each is enough.
    """
    by_a = sorted(placed, key=lambda each: (each.at_a, each.at_b))
    behind: Placed | None = None
    before = 0
    for each in by_a:
        while by_a[before].at_a <= each.at_a - apart:
            if behind is None or by_a[before].at_b > behind.at_b:
                behind = by_a[before]
            before += 1
        if behind is not None and behind.at_b >= each.at_b + apart:
            yield behind, each


def _difference(
    rule: Rule, where: str, first: Placed, second: Placed
) -> OrderDifference:
    return OrderDifference(
        rule=rule,
        where=where,
        first=_told(first.a),
        second=_told(second.a),
        apart_a_ms=ns_to_ms(second.a.event.t_ns - first.a.event.t_ns),
        apart_b_ms=ns_to_ms(first.b.event.t_ns - second.b.event.t_ns),
    )


def _told(moment: Moment) -> str:
    return f"{moment.event.type} of {moment.subject}"
