"""How each recorded caller turn stands to the agent.

A reactive run keeps these relations instead of absolute times: an agent that
answers later is interrupted, or replied to, later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicelab.scenario.label_model import Labels, LabelTurn

EARLY_REPLY_MS = 1500.0
"""A caller who starts while the agent speaks is replying early, not barging in,
if no more than this of the agent's turn was left and the agent finished it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The caller speaks first, `at_ms` into the recording."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class ReplyGap:
    """The caller speaks `gap_ms` after the agent ends; before it, if negative."""

    gap_ms: float


@dataclass(frozen=True, slots=True)
class BargeIn:
    """The caller speaks `offset_ms` into the agent's audio, over it."""

    offset_ms: float


@dataclass(frozen=True, slots=True)
class Continuation:
    """The caller goes on `gap_ms` after their own turn; no agent came between."""

    gap_ms: float


Relation = Opening | ReplyGap | BargeIn | Continuation


def relations(labels: Labels) -> list[Relation]:
    """Return the relation of each caller turn, in order."""
    agent = floor_turns(labels)
    related: list[Relation] = []
    before: LabelTurn | None = None
    for turn in labels.caller_turns():
        related.append(_relation(turn, before, agent))
        before = turn
    return related


def agent_opens(labels: Labels) -> bool:
    """Whether the agent speaks before the caller."""
    agent, caller = floor_turns(labels), labels.caller_turns()
    return bool(agent) and bool(caller) and agent[0].start_ms < caller[0].start_ms


def floor_turns(labels: Labels) -> tuple[LabelTurn, ...]:
    """Return the agent's turns without its backchannels: nobody replies to those."""
    return tuple(turn for turn in labels.agent_turns() if turn.kind == "turn")


def _relation(
    turn: LabelTurn, before: LabelTurn | None, agent: Sequence[LabelTurn]
) -> Relation:
    begun = [other for other in agent if other.start_ms <= turn.start_ms]
    spoken = begun[-1] if begun else None
    if spoken is not None and spoken.end_ms > turn.start_ms:
        return _over(turn, spoken)
    if spoken is not None and (before is None or _came_after(spoken, before)):
        return ReplyGap(turn.start_ms - spoken.end_ms)
    if before is None:
        return Opening(turn.start_ms)
    return Continuation(turn.start_ms - before.end_ms)


def _came_after(spoken: LabelTurn, before: LabelTurn) -> bool:
    """Whether the agent held the floor after the caller's turn `before`.

    An agent whom that turn interrupted, or who gave up during it, did not; one
    who was only acknowledged did.
    """
    if before.kind == "backchannel":
        return spoken.end_ms > before.start_ms
    return spoken.end_ms > before.end_ms


def _over(turn: LabelTurn, spoken: LabelTurn) -> Relation:
    """The caller starts while the agent speaks."""
    left_ms = spoken.end_ms - turn.start_ms
    cut_short = spoken.reply is not None or "barge_in" in turn.tags
    if turn.kind == "backchannel" or cut_short or left_ms > EARLY_REPLY_MS:
        return BargeIn(turn.start_ms - spoken.start_ms)
    return ReplyGap(-left_ms)
