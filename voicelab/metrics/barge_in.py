"""Barge-ins: did the agent stop when it should, and only then?

Conventions
    A row stands for a sound in the microphone that met the agent's speech: a turn or
    a backchannel of the caller that begins while a response is heard, and whatever
    else broke agent audio off (`voicelab.metrics.stops`). The agent's speech is what
    is heard of one response, from first to last, stalls included.

    ===========  =======================================================
    `outcome`    what became of it
    ===========  =======================================================
    `stopped`    a barge-in, and the agent stopped for it: the ear was
                 silent before the turn was over, or within
                 `MAX_STOP_MS` of its onset if the turn was shorter
    `missed`     a barge-in, and the agent did not: it went on to its
                 end, or was stopped later than that
    `ended`      a barge-in into the last `MAX_STOP_MS` of the agent's
                 speech, which came to its own end: nothing to stop
    `yielded`    no barge-in: the agent began while the caller was
                 speaking, whose going on then stopped it
    `false`      a false barge-in: what stopped the agent was no turn
    `ignored`    a backchannel that did not stop it: rightly so
    ===========  =======================================================

    `cause` is `turn` or `backchannel` (truth), and of other false barge-ins the
    loudest component of the microphone from the onset of what the server took for
    speech to all that it had when it decided: `noise` or `echo`. It is `unknown` if
    that was neither, or nobody measured: then it was nothing the labels know of.

Measures
    * `stop_latency_ms`: from `t_ns`, the first instant at which caller and agent
      speak at once, to silence at the ear, if the caller's sound was what stopped it.
    * `time_to_stop_ms`: from `t_ns` to the end of the agent's speech, whatever ended
      it; what can be told from audio alone.
    * `overlap_ms`: how long the caller's sound met agent audio in all.

Missing values
    Where the log does not tell when the caller spoke, or what was heard, a stop is a
    row without outcome and cause, and barge-ins that were missed are not to be seen.

Sources
    voicebench: barge-in stop, from the caller's onset to the end of the agent segment
    that it interrupted, at most `max_stop_ms` (1000). callback-voice: what goes on
    after the caller has finished did not yield. Its limits differ: 0.6 s at the 95th
    percentile; those of tau2-bench are 2 s. `t_ns` and `stop_latency_ms` are here, so
    any limit can be applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import structs

from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.causes import NoCallerCause, cause_of
from voicelab.metrics.facts import Facts
from voicelab.metrics.overlap import heard_spans, speech_spans
from voicelab.metrics.spans import common, total_ns
from voicelab.metrics.stops import MAX_STOP_MS, Stop, answers_until_ns
from voicelab.metrics.user_items import UserItem
from voicelab.units import ms_to_ns, ns_to_ms

Outcome = Literal["stopped", "missed", "ended", "yielded", "false", "ignored"]
Cause = Literal["turn", "backchannel"] | NoCallerCause

BARGE_IN_OUTCOMES: tuple[Outcome, ...] = ("stopped", "missed", "ended")
"""The outcomes of a barge-in."""

FALSE_CAUSES: tuple[Cause, ...] = ("backchannel", "noise", "echo", "unknown")
"""The causes of a false one."""


class BargeIn(msgspec.Struct, frozen=True, kw_only=True):
    """A sound that met the agent's speech; the module says what the columns mean.

    Attributes:
        t_ns: when it met it; of what is no speech of the caller's, when the server
            took it to begin, or if it did not tell, when the client stopped.
        turn: the caller's turn or backchannel.
        user_item_id: what the server took it for, if that stopped the agent.
        item_id: the first item of agent audio that it met or stopped.
        response_id: the response of that item.
    """

    t_ns: int
    outcome: str | None
    cause: str | None
    turn: int | None = None
    user_item_id: str | None = None
    item_id: str | None = None
    response_id: str | None = None
    stop_latency_ms: float | None = None
    time_to_stop_ms: float | None = None
    overlap_ms: float | None = None


@dataclass(frozen=True, slots=True)
class _Speech:
    """What was heard of one response."""

    response_id: str
    items: list[AgentItem]

    @property
    def start_ns(self) -> int:
        return self.items[0].heard[0].start_ns

    @property
    def end_ns(self) -> int:
        return max(item.heard[-1].end_ns for item in self.items)

    def item_at(self, t_ns: int) -> AgentItem:
        """Return the item heard at an instant, or if none is, the one before."""
        begun = [item for item in self.items if item.heard[0].start_ns <= t_ns]
        return begun[-1] if begun else self.items[0]


def barge_ins(facts: Facts) -> list[BargeIn]:
    """Return what met the agent's speech, in order of time."""
    return sorted(_BargeIns(facts).rows(), key=lambda row: row.t_ns)


class _BargeIns:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._agent = heard_spans(facts.agent_items.values())
        self._speeches = _speeches(facts)
        self._stops: dict[int | None, list[Stop]] = {}  # by the caller's turn
        for stop in facts.stops:
            if not stop.broken_ids:
                continue  # the agent had come to its own end
            index = None if stop.caller is None else stop.caller.index
            self._stops.setdefault(index, []).append(stop)

    def rows(self) -> Iterator[BargeIn]:
        if not (self._facts.caller_observed and self._facts.ear_observed):
            yield from (self._stop(stop, None, None) for stop in self._facts.stops)
            return
        for turn in self._facts.caller_turns:
            yield from self._turn(turn) if turn.is_turn else self._token(turn)
        for stop in self._stops.get(None, []):
            yield self._stop(stop, "false", cause_of(self._facts, self._taken(stop)))

    def _turn(self, turn: CallerTurn) -> Iterator[BargeIn]:
        met = self._met_by(turn)
        own: Stop | None = None
        for stop in self._stops.get(turn.index, []):
            stopped = self._stopped_by(stop)
            if met is not None and stopped is met:
                own = stop
            elif stopped is not None and stopped.end_ns > turn.start_ns:
                yield self._meeting(turn, stopped, stop, "yielded")
        if met is not None:
            yield self._meeting(turn, met, own, _outcome(turn, met, own))

    def _token(self, token: CallerTurn) -> Iterator[BargeIn]:
        met = self._met_by(token)
        stops = self._stops.get(token.index, [])
        for stop in stops:
            stopped = self._stopped_by(stop)
            if stopped is not None:
                yield self._meeting(token, stopped, stop, "false")
            else:
                row = self._stop(stop, "false", "backchannel")
                yield structs.replace(row, t_ns=token.start_ns, turn=token.index)
        if met is not None and not stops:
            yield self._meeting(token, met, None, "ignored")

    def _met_by(self, turn: CallerTurn) -> _Speech | None:
        """Return the agent's speech that a turn began in.

        A client that breaks off by itself may silence the ear at that very instant.
        """
        stops = self._stops.get(turn.index, [])
        stopped = {each.response_id for each in map(self._stopped_by, stops) if each}
        for speech in self._speeches:
            until_ns = speech.end_ns + (speech.response_id in stopped)
            if speech.start_ns <= turn.start_ns < until_ns:
                return speech
        return None

    def _stopped_by(self, stop: Stop) -> _Speech | None:
        """Return the agent's speech that a stop ended, None if none was heard."""
        responses = {item.response_id for item in stop.items}
        found = (each for each in self._speeches if each.response_id in responses)
        return next(found, None)

    def _taken(self, stop: Stop) -> UserItem | None:
        """Return what the server took for a turn and stopped the agent for."""
        items = (
            each for each in self._facts.user_items if each.item_id == stop.trigger
        )
        return next(items, None)

    def _stop(
        self, stop: Stop, outcome: Outcome | None, cause: Cause | None
    ) -> BargeIn:
        """Return the row of a stop that no sound of the caller is known behind."""
        taken = self._taken(stop)
        first = next(iter(stop.heard() or stop.items), None)
        return BargeIn(
            t_ns=stop.t_ns if taken is None else taken.onset_ns,
            outcome=outcome,
            cause=cause,
            user_item_id=stop.trigger,
            item_id=stop.item_ids[0] if first is None else first.item_id,
            response_id=None if first is None else first.response_id,
        )

    def _meeting(
        self,
        turn: CallerTurn,
        speech: _Speech,
        stop: Stop | None,
        outcome: Outcome,
    ) -> BargeIn:
        """Return the row of a sound of the caller that met the agent's speech."""
        t_ns = turn.speech_from(speech.start_ns)
        to_stop_ns = speech.end_ns - t_ns
        to_stop_ms = ns_to_ms(to_stop_ns) if to_stop_ns >= 0 else None
        both = common(speech_spans(turn), self._agent)
        return BargeIn(
            t_ns=t_ns,
            outcome=outcome,
            cause="turn" if turn.is_turn else "backchannel",
            turn=turn.index,
            user_item_id=None if stop is None else stop.trigger,
            item_id=speech.item_at(t_ns).item_id,
            response_id=speech.response_id,
            stop_latency_ms=None if stop is None else to_stop_ms,
            time_to_stop_ms=to_stop_ms,
            overlap_ms=ns_to_ms(total_ns(both)),
        )


def _outcome(turn: CallerTurn, speech: _Speech, stop: Stop | None) -> Outcome:
    if stop is not None:
        return "stopped" if speech.end_ns <= answers_until_ns(turn) else "missed"
    too_late_ns = turn.start_ns + ms_to_ns(MAX_STOP_MS)
    return "ended" if speech.end_ns <= too_late_ns else "missed"


def _speeches(facts: Facts) -> list[_Speech]:
    items: dict[str, list[AgentItem]] = {}
    for item in facts.agent_items.values():
        if item.heard:
            items.setdefault(item.response_id, []).append(item)
    for heard in items.values():
        heard.sort(key=lambda item: item.heard[0].start_ns)
    return [_Speech(response_id, heard) for response_id, heard in items.items()]
