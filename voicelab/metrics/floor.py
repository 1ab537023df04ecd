"""How the floor passed: gaps, pauses and overlaps between two parties.

Conventions
    Each party's speech is a set of spans, in order and apart. At any instant one of
    four states holds: `caller_only`, `agent_only`, `both` (double talk) or `neither`
    (mutual silence). What lies between two stretches of one party speaking alone is
    classified by who they are:

    =========  ======================  ==========================
    state      same party (`hold`)     other party (`shift`)
    =========  ======================  ==========================
    neither    `pause`                 `gap`
    both       `overlap_within`        `overlap_between`
    =========  ======================  ==========================

    A shift without silence or overlap is a `gap` of 0 ms. Between two stretches there
    may be silence and overlap both (the second party says a word while nobody speaks,
    and the first joins in): each is a row. Mutual silence and overlap at the two ends
    of a conversation lie between nothing and have no row.

    Of a run the caller's speech is that of their turns: inter-pausal units where the
    times of words are known, so that a pause is no shorter than 200 ms; backchannels
    bid for no floor and are left out. The agent speaks while its audio is heard: its
    own pauses are part of that audio.

Measures
    `duration_ms` of each row, and `fto_ms`, the floor transfer offset of a shift: its
    gap, or its overlap with a minus sign. `floor_times` adds up the four states.
    The offset of `voicelab.metrics.turns` spans whole turns; this one, speech itself.

Sources
    Heldner and Edlund 2010, "Pauses, gaps and overlaps in conversations" (Journal of
    Phonetics 38): the four classes. ITU-T P.59: the four states.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from voicelab.metrics.facts import Facts
from voicelab.metrics.overlap import heard_spans, speech_spans
from voicelab.metrics.spans import Span, check_spans, common, joined, total_ns
from voicelab.units import ns_to_ms

FloorKind = Literal["gap", "pause", "overlap_between", "overlap_within"]
_State = Literal["caller", "agent", "both", "neither"]


class FloorChange(msgspec.Struct, frozen=True, kw_only=True):
    """What lies between two stretches of one party speaking alone.

    Attributes:
        kind: `gap`, `pause`, `overlap_between` or `overlap_within`.
        transfer: `shift` if the other party goes on, `hold` if the same does.
        party: who spoke alone before.
        next_party: who speaks alone afterwards.
        t_start_ns: where it begins.
        t_end_ns: where it ends.
    """

    kind: str
    transfer: str
    party: str
    next_party: str
    t_start_ns: int
    t_end_ns: int

    @property
    def duration_ms(self) -> float:
        """How long it lasts."""
        return ns_to_ms(self.t_end_ns - self.t_start_ns)

    @property
    def fto_ms(self) -> float | None:
        """The floor transfer offset; None at a hold."""
        if self.transfer == "hold":
            return None
        return self.duration_ms if self.kind == "gap" else -self.duration_ms


class FloorTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long each of the four states held, from the first speech to the last."""

    caller_only_ms: float
    agent_only_ms: float
    both_ms: float
    neither_ms: float


def floor_changes(caller: Sequence[Span], agent: Sequence[Span]) -> list[FloorChange]:
    """Return the gaps, pauses and overlaps between two parties, in order.

    Args:
        caller: when the caller speaks, `(start_ns, end_ns)`, in order and apart.
        agent: when the agent does.

    Raises:
        LabelError: spans of one party overlap, or one is empty.
    """
    states = _states(caller, agent)
    alone = [i for i, (state, _) in enumerate(states) if state in ("caller", "agent")]
    rows: list[FloorChange] = []
    for before, after in pairwise(alone):
        rows += _between(states[before : after + 1])
    return rows


def floor_times(caller: Sequence[Span], agent: Sequence[Span]) -> FloorTimes:
    """Return how long each state held, from the first speech to the last.

    Raises:
        LabelError: spans of one party overlap, or one is empty.
    """
    check_spans(caller, "the caller")
    check_spans(agent, "the agent")
    both_ns = total_ns(common(joined(caller), joined(agent)))
    spoken = joined([*caller, *agent])
    whole_ns = spoken[-1][1] - spoken[0][0] if spoken else 0
    return FloorTimes(
        caller_only_ms=ns_to_ms(total_ns(caller) - both_ns),
        agent_only_ms=ns_to_ms(total_ns(agent) - both_ns),
        both_ms=ns_to_ms(both_ns),
        neither_ms=ns_to_ms(whole_ns - total_ns(spoken)),
    )


def run_floor_changes(facts: Facts) -> list[FloorChange]:
    """Return those of a run; none if the log does not tell who spoke when."""
    if not (facts.caller_observed and facts.ear_observed):
        return []
    turns = (turn for turn in facts.caller_turns if turn.is_turn)
    caller = joined(span for turn in turns for span in speech_spans(turn))
    return floor_changes(caller, heard_spans(facts.agent_items.values()))


def _states(caller: Sequence[Span], agent: Sequence[Span]) -> list[tuple[_State, Span]]:
    """Return the states with the stretches in which they hold, in order."""
    check_spans(caller, "the caller")
    check_spans(agent, "the agent")
    parties = joined(caller), joined(agent)  # those that touch are one
    edges = sorted({edge for spans in parties for span in spans for edge in span})
    held = [0, 0]
    states: list[tuple[_State, Span]] = []
    for start_ns, end_ns in pairwise(edges):
        for party, spans in enumerate(parties):
            while held[party] < len(spans) and spans[held[party]][1] <= start_ns:
                held[party] += 1
        speaks = [
            held[party] < len(spans) and spans[held[party]][0] <= start_ns
            for party, spans in enumerate(parties)
        ]
        states.append((_name(speaks[0], speaks[1]), (start_ns, end_ns)))
    return states


def _name(caller: bool, agent: bool) -> _State:
    if caller and agent:
        return "both"
    if caller:
        return "caller"
    return "agent" if agent else "neither"


def _between(states: Sequence[tuple[_State, Span]]) -> list[FloorChange]:
    """Return what lies between the first and the last of some states."""
    (party, before), *inner, (next_party, _) = states
    shift = party != next_party
    if not inner:  # one ends as the other begins
        inner = [("neither", (before[1], before[1]))]
    return [
        FloorChange(
            kind=_kind(state, shift=shift),
            transfer="shift" if shift else "hold",
            party=party,
            next_party=next_party,
            t_start_ns=span[0],
            t_end_ns=span[1],
        )
        for state, span in inner
    ]


def _kind(state: _State, *, shift: bool) -> FloorKind:
    if state == "neither":
        return "gap" if shift else "pause"
    return "overlap_between" if shift else "overlap_within"
