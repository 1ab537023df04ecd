"""The wait for an answer, by the definitions of others beside ours.

Conventions
    A row stands for one turn of the caller, as in `voicelab.metrics.latency`. A number
    that its definition does not give is missing. Unless it says otherwise a definition
    is applied to the truth (reference end of the turn, audio at the ear), so that two
    columns of a row differ by definition alone and not by what was detected.

    =========================  ====================================================
    `response_latency_ms`      ours: the turn's end → the answer is heard
    `wire_latency_ms`          `speech_stopped` (or `committed`) arrives → the first
                               audio of the answer arrives: what a client sees that
                               knows nothing of its caller. Leaves out endpointing,
                               uplink and playout
    `tick_latency_ms`          in ticks of `TICK_MS`, each holding a party's speech if
                               any falls into it: first tick behind the turn → first
                               tick of the answer. Up to two ticks below ours, never
                               above it (tau2-bench, L_R)
    `next_onset_ms`            the turn's end → the next onset of the agent, counted
                               from the turn's onset on: below 0 it talks over the
                               caller (voicebench)
    `floor_aware_latency_ms`   the turn's end → the agent's next onset, for turns at
                               whose end the agent is silent, `FLOOR_SLACK_MS`
                               granted; turns that were talked over give no number
                               (callback-voice)
    `frontier_ms`              that onset less the last instant at which anybody spoke
                               before it; an agent whose speech lies within the
                               caller's gives no number (voxprobe)
    `audio_latency_ms`         from audio.wav alone: offset → onset, found by a
                               detector and sharpened by the level
    `vad_latency_ms`           the same, with the detector's own edges: what tools
                               that run a detector over a recording report. Short,
                               because a detector stays on behind the speech
    =========================  ====================================================

    An onset of the agent counts for a turn until the caller's next turn begins. The
    agent's speech is what is heard of its items, those that touch taken together.

Agreement
    `audio_error_ms` is `audio_latency_ms` less ours. `audio_agrees` tells whether it
    is at most `AGREEMENT_MS`, one frame of a detector; `voicelab.metrics.agreement`
    says which edge is to blame.

Sources
    The documentation and code of the named projects, described in our own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import msgspec

from voicelab.metrics.agreement import AGREEMENT_MS, TurnAgreement
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import TurnLatency, turn_latencies
from voicelab.metrics.overlap import heard_spans, speech_spans
from voicelab.metrics.spans import Span, joined
from voicelab.units import ms_to_ns, ns_to_ms

TICK_MS = 200
FLOOR_SLACK_MS = 20


class LatencyDefinitions(msgspec.Struct, frozen=True, kw_only=True):
    """One turn's wait by every definition; the module says what the columns mean.

    Attributes:
        turn: the turn's number.
        outcome: what came of it, as in the latency table.
        audio_agrees: whether the audio and the truth agree; None if there is nothing
            to compare.
    """

    turn: int
    outcome: str
    response_latency_ms: float | None
    wire_latency_ms: float | None
    tick_latency_ms: float | None
    next_onset_ms: float | None
    floor_aware_latency_ms: float | None
    frontier_ms: float | None
    audio_latency_ms: float | None
    vad_latency_ms: float | None

    @property
    def audio_error_ms(self) -> float | None:
        """What the audio says less what is true."""
        if self.audio_latency_ms is None or self.response_latency_ms is None:
            return None
        return self.audio_latency_ms - self.response_latency_ms

    @property
    def audio_agrees(self) -> bool | None:
        """Whether that is at most one frame."""
        error_ms = self.audio_error_ms
        return None if error_ms is None else abs(error_ms) <= AGREEMENT_MS


def latency_definitions(
    facts: Facts, agreement: Sequence[TurnAgreement]
) -> list[LatencyDefinitions]:
    """Return one row per caller turn.

    Args:
        facts: of the run.
        agreement: what its audio says, as `audio_agreement` returns it; may be empty.
    """
    turns = [turn for turn in facts.caller_turns if turn.is_turn]
    told = {row.turn: row for row in agreement}
    around = zip(turns, turn_latencies(facts), strict=True)
    speech = _Speech(facts)
    return [
        _row(latency, turn, after, speech, told.get(turn.index))
        for (turn, latency), after in zip_longest(around, turns[1:])
    ]


class _Speech:
    """Who speaks when, by the truth; without an ear nothing of the agent is known."""

    def __init__(self, facts: Facts) -> None:
        items = facts.agent_items.values() if facts.ear_observed else ()
        self.agent = heard_spans(items)
        self.caller = joined(
            span for turn in facts.caller_turns for span in speech_spans(turn)
        )

    def next_onset(self, from_ns: int, after: CallerTurn | None) -> Span | None:
        """Return the first stretch of the agent's speech that begins in time."""
        for span in self.agent:
            in_time = after is None or span[0] < after.start_ns
            if span[0] >= from_ns and in_time:
                return span
        return None

    def last_before(self, span: Span) -> int:
        """Return until when anybody spoke who began before a stretch of the agent's."""
        before = (*self.caller, *self.agent)
        return max((end for start, end in before if start < span[0]), default=span[0])


def _row(
    latency: TurnLatency,
    turn: CallerTurn,
    after: CallerTurn | None,
    speech: _Speech,
    audio: TurnAgreement | None,
) -> LatencyDefinitions:
    following = speech.next_onset(turn.start_ns, after)
    return LatencyDefinitions(
        turn=latency.turn,
        outcome=latency.outcome,
        response_latency_ms=latency.response_latency_ms,
        wire_latency_ms=latency.ttfb_observed_ms,
        tick_latency_ms=tick_latency_ms(turn.end_ns, latency.t_heard_ns),
        next_onset_ms=_next_onset_ms(turn, following),
        floor_aware_latency_ms=_floor_aware_ms(turn, after, speech),
        frontier_ms=_frontier_ms(following, speech),
        audio_latency_ms=None if audio is None else audio.audio_latency_ms,
        vad_latency_ms=None if audio is None else audio.vad_latency_ms,
    )


def tick_latency_ms(
    end_ns: int, heard_ns: int | None, *, tick_ms: int = TICK_MS
) -> float | None:
    """Return the wait in whole ticks; None if nothing was heard."""
    if heard_ns is None:
        return None
    tick_ns = ms_to_ns(tick_ms)
    return float((heard_ns // tick_ns + -end_ns // tick_ns) * tick_ms)


def _next_onset_ms(turn: CallerTurn, following: Span | None) -> float | None:
    return None if following is None else ns_to_ms(following[0] - turn.end_ns)


def _floor_aware_ms(
    turn: CallerTurn, after: CallerTurn | None, speech: _Speech
) -> float | None:
    slack_ns = ms_to_ns(FLOOR_SLACK_MS)
    end_ns = turn.end_ns
    if any(span[0] < end_ns and span[1] > end_ns + slack_ns for span in speech.agent):
        return None
    following = speech.next_onset(end_ns, after)
    return None if following is None else ns_to_ms(following[0] - end_ns)


def _frontier_ms(following: Span | None, speech: _Speech) -> float | None:
    if following is None:
        return None
    last_ns = speech.last_before(following)
    return None if following[1] <= last_ns else ns_to_ms(following[0] - last_ns)
