"""How much both parties speak at once.

Conventions
    The caller's speech is that of their turns: inter-pausal units (words joined where
    the silence between them is shorter than 200 ms) where the times of words are
    known, else the turn from onset to offset. Backchannels bid for no floor and are
    counted apart. The agent speaks while its audio is heard.

Measures
    `overlap_ms`: both speak (double talk in ITU-T P.59).
    `talk_over_rate` = overlap ÷ the caller's speech. callback-voice's talk-over ratio
    is the same with a grace at the start of each barge-in, which is not granted here:
    `stop_latency_ms` tells how much of the overlap that would excuse.
    Unknown where the log does not tell when the caller spoke, or what was heard.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.metrics.spans import Span, common, joined, total_ns
from voicelab.metrics.speech_rate import IPU_SILENCE_MS
from voicelab.units import ms_to_ns, ns_to_ms


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Who spoke how long, and how long at once.

    Attributes:
        caller_speech_ms: the caller, backchannels not counted.
        agent_speech_ms: the agent, as heard.
        overlap_ms: both.
        backchannel_overlap_ms: backchannels while the agent speaks.
    """

    caller_speech_ms: float
    agent_speech_ms: float
    overlap_ms: float
    backchannel_overlap_ms: float

    @property
    def talk_over_rate(self) -> float | None:
        """The share of the caller's speech that the agent talked over."""
        return (
            self.overlap_ms / self.caller_speech_ms if self.caller_speech_ms else None
        )


def overlap(facts: Facts) -> Overlap | None:
    """Return how much both parties spoke at once; None if that is unknown."""
    if not (facts.caller_observed and facts.ear_observed):
        return None
    agent = heard_spans(facts.agent_items.values())
    turns = [turn for turn in facts.caller_turns if turn.is_turn]
    tokens = [turn for turn in facts.caller_turns if not turn.is_turn]
    caller = _speech(turns)
    return Overlap(
        caller_speech_ms=ns_to_ms(total_ns(caller)),
        agent_speech_ms=ns_to_ms(total_ns(agent)),
        overlap_ms=ns_to_ms(total_ns(common(caller, agent))),
        backchannel_overlap_ms=ns_to_ms(total_ns(common(_speech(tokens), agent))),
    )


def heard_spans(items: Iterable[AgentItem]) -> list[Span]:
    """Return when agent audio was heard, in order."""
    return joined((part.start_ns, part.end_ns) for item in items for part in item.heard)


def speech_spans(turn: CallerTurn) -> list[Span]:
    """Return when the caller speaks in a turn or backchannel, in order."""
    if not turn.words:
        return joined([(turn.start_ns, turn.end_ns)])
    words = ((word.start_ns, word.end_ns) for word in turn.words)
    return joined(words, gap_ns=ms_to_ns(IPU_SILENCE_MS))


def _speech(turns: Iterable[CallerTurn]) -> list[Span]:
    return joined(span for turn in turns for span in speech_spans(turn))
