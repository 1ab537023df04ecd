"""Decides when the caller speaks.

Two directors share what ends a conversation; they differ in what starts a turn:
`FixedDirector` keeps the recording's absolute times, `ReactiveDirector` keeps each
turn's relation to the agent, as the caller hears it. Neither reads a clock: instants
come in, the turns that are due and the next deadline come out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from voicelab.lab.hearing import Hearer, Silence
from voicelab.lab.relations import BargeIn, Continuation, Opening, ReplyGap
from voicelab.lab.turns import CallerTurn
from voicelab.units import NS_PER_MS, ms_to_ns, ns_to_samples, samples_to_ns

FALLBACK_GAP_MS = 200.0
"""A caller who meant to barge in, and found the agent done, replies after the gap
that is typical between people (Stivers et al. 2009, PNAS 106:10587)."""

MAX_LATE_MS = 20
"""A caller who learns too late when to speak, and begins this much later than in the
recording, has not kept the relation."""

MAX_BROKEN_OFF = 3
"""A caller who has said nothing, and hears the agent break off and begin anew this
many times in a row, waits no longer: an agent that hears itself, or a noise, may never
end."""

MAX_ANSWERS = 5
"""So it is with a caller who has said nothing, and hears the agent come to an end this
many times: an agent that answers its own echo may never let them in."""

MAX_LISTENING_MS = 120_000
"""And so with one who hears the agent talk this long without an end."""

TAIL_MS = 1000
"""How long the line stays open after the last thing that was to happen."""


@dataclass(frozen=True, slots=True)
class Utter:
    """The caller speaks: the clip begins now.

    Attributes:
        turn: what is said.
        skip_samples: how much of the clip's start is left out: a caller who is
            late does not first draw breath.
        relation_kept: whether the recorded relation to the agent held, to within
            `MAX_LATE_MS`.
        patience: whether the caller gave up waiting for the agent.
    """

    turn: CallerTurn
    skip_samples: int = 0
    relation_kept: bool = True
    patience: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Speech of a turn begins, or ends, at this instant."""

    t_ns: int
    kind: Literal["start", "end"]
    utter: Utter


class Director(Hearer, Protocol):
    """Decides when the caller speaks; see the module's description."""

    @property
    def done(self) -> bool:
        """Whether the conversation is over."""
        ...

    def begin(self, now_ns: int) -> None:
        """The line is open and the recording's first sample is due."""
        ...

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed."""
        ...

    def advance(self, now_ns: int) -> list[Utter | Mark]:
        """Return what the caller does by `now_ns`, in order."""
        ...


class _Listening:
    """What the caller hears, and how long silence has lasted."""

    def __init__(self, turns: Sequence[CallerTurn], patience_ms: float) -> None:
        self._left = deque(turns)
        self._patience_ns = ms_to_ns(patience_ms)
        self._marks: deque[Mark] = deque()
        self._origin_ns = 0
        self._last: CallerTurn | None = None  # the turn spoken last
        self._last_onset_ns = 0
        self._last_end_ns = 0
        self._heard_from_ns: int | None = None  # while the agent is heard
        self._stalled_from_ns: int | None = None  # while it is to be heard again
        self._quiet_from_ns = 0
        self._finished_ns: int | None = None
        self._broken_off = 0  # times, since the caller's last word
        self._answers = 0  # heard to their end, since then
        self._over = False

    @property
    def done(self) -> bool:
        """Whether the conversation is over."""
        return self._over

    def begin(self, now_ns: int) -> None:
        """The line is open."""
        self._origin_ns = self._last_end_ns = self._quiet_from_ns = now_ns

    def agent_heard(self, now_ns: int) -> None:
        """The caller begins to hear the agent, or hears it go on."""
        stalled_ns = self._stalled_from_ns
        self._heard_from_ns = now_ns if stalled_ns is None else stalled_ns
        self._stalled_from_ns = None
        self._finished_ns = None

    def agent_silent(self, now_ns: int, why: Silence) -> None:
        """The caller hears the agent no more."""
        self._stalled_from_ns = self._heard_from_ns if why == "stalled" else None
        self._heard_from_ns = None
        self._quiet_from_ns = now_ns
        if why == "finished":
            self._finished_ns = now_ns
            self._broken_off = 0
            self._answers += now_ns > self._last_end_ns
        elif why == "interrupted" and now_ns > self._last_end_ns:
            self._broken_off += 1

    def agent_will_end(self, t_ns: int) -> None:
        """Callers that react to nothing need no forecast."""

    def _marks_due(self, now_ns: int) -> list[Utter | Mark]:
        due: list[Utter | Mark] = []
        while self._marks and self._marks[0].t_ns <= now_ns:
            due.append(self._marks.popleft())
        return due

    def _spoken(self, utter: Utter, onset_ns: int) -> None:
        """Take note of a turn that begins at `onset_ns`."""
        turn = utter.turn
        self._last = turn
        self._last_onset_ns = onset_ns
        self._broken_off = self._answers = 0
        self._last_end_ns = onset_ns + samples_to_ns(turn.speech_samples, turn.rate_hz)
        self._marks.append(Mark(onset_ns, "start", utter))
        self._marks.append(Mark(self._last_end_ns, "end", utter))

    def _patience_ends_ns(self) -> int | None:
        """Return when a silence since the last word becomes too long, or a speech.

        Where the agent began too often there is nothing to wait for any more.
        """
        if self._broken_off >= MAX_BROKEN_OFF or self._answers >= MAX_ANSWERS:
            return max(self._last_end_ns, self._quiet_from_ns)
        if self._heard_from_ns is not None:
            listening_from_ns = max(self._last_end_ns, self._heard_from_ns)
            return listening_from_ns + MAX_LISTENING_MS * NS_PER_MS
        return max(self._last_end_ns, self._quiet_from_ns) + self._patience_ns

    def _closing_ns(self) -> int | None:
        """Return when the line is hung up, once every turn has been spoken."""
        answered = self._finished_ns
        if answered is not None and answered > self._last_end_ns:
            return answered + TAIL_MS * NS_PER_MS
        return self._patience_ends_ns()


class FixedDirector(_Listening):
    """Speaks at the recording's own times, whatever the agent does."""

    def __init__(
        self, turns: Sequence[CallerTurn], recording_ns: int, patience_ms: float
    ) -> None:
        super().__init__(turns, patience_ms)
        self._recording_ns = recording_ns

    def next_deadline(self) -> int | None:
        """Return when the next turn begins or ends, or the line is hung up."""
        deadlines = [self._marks[0].t_ns] if self._marks else []
        if self._left:
            deadlines.append(self._onset_ns(self._left[0]))
        elif not self._marks:
            closing_ns = self._closing_ns()
            deadlines += [] if closing_ns is None else [closing_ns]
        return min(deadlines, default=None)

    def advance(self, now_ns: int) -> list[Utter | Mark]:
        """Return the starts and ends of turns that are due."""
        while self._left and self._onset_ns(self._left[0]) <= now_ns:
            turn = self._left.popleft()
            self._spoken(Utter(turn), self._onset_ns(turn))
        due = self._marks_due(now_ns)
        closing_ns = self._closing_ns()
        if not self._left and not self._marks and closing_ns is not None:
            self._over = closing_ns <= now_ns
        return due

    def _closing_ns(self) -> int | None:
        closing_ns = super()._closing_ns()
        if closing_ns is None:
            return None
        return max(closing_ns, self._origin_ns + self._recording_ns)

    def _onset_ns(self, turn: CallerTurn) -> int:
        return self._origin_ns + ms_to_ns(turn.recorded_ms)


@dataclass(frozen=True, slots=True)
class _Plan:
    """When the next turn's first word is due, and why."""

    onset_ns: int
    relation_kept: bool = True
    patience: bool = False


class ReactiveDirector(_Listening):
    """Keeps each turn's recorded relation to the agent.

    Args:
        turns: what the caller says.
        patience_ms: how long they bear silence.
        step_ns: what they say begins at a multiple of this, counted from `begin`, at
            the first one not too early. A step of a microphone frame is far below
            what people can time, and it keeps a caller in step who hears the agent a
            fraction of a millisecond later, as on another clock.
    """

    def __init__(
        self, turns: Sequence[CallerTurn], patience_ms: float, step_ns: int = 1
    ) -> None:
        super().__init__(turns, patience_ms)
        self._step_ns = step_ns
        self._forecast_ns: int | None = None

    def agent_silent(self, now_ns: int, why: Silence) -> None:
        """The caller hears the agent no more."""
        super().agent_silent(now_ns, why)
        self._forecast_ns = None

    def agent_will_end(self, t_ns: int) -> None:
        """The caller can tell by now when the agent will be done."""
        self._forecast_ns = t_ns

    def next_deadline(self) -> int | None:
        """Return when the next turn begins or ends, or the line is hung up."""
        if self._marks:
            return self._marks[0].t_ns
        if not self._left:
            return self._closing_ns()
        plan = self._plan(self._left[0])
        return None if plan is None else self._clip_starts_ns(self._left[0], plan)

    def advance(self, now_ns: int) -> list[Utter | Mark]:
        """Return what the caller does by `now_ns`."""
        done = self._marks_due(now_ns)
        if self._marks:
            return done
        if not self._left:
            closing_ns = self._closing_ns()
            self._over = closing_ns is not None and closing_ns <= now_ns
            return done
        turn = self._left[0]
        plan = self._plan(turn)
        if plan is not None and self._clip_starts_ns(turn, plan) <= now_ns:
            self._left.popleft()
            done.append(self._utter(turn, plan, now_ns))
        return done

    def _utter(self, turn: CallerTurn, plan: _Plan, now_ns: int) -> Utter:
        lead_ns = samples_to_ns(turn.onset_samples, turn.rate_hz)
        available_ns = min(max(plan.onset_ns - now_ns, 0), lead_ns)
        skip = ns_to_samples(lead_ns - available_ns, turn.rate_hz)
        in_time = now_ns - plan.onset_ns <= MAX_LATE_MS * NS_PER_MS
        utter = Utter(turn, skip, plan.relation_kept and in_time, plan.patience)
        self._spoken(
            utter, now_ns + samples_to_ns(turn.onset_samples - skip, turn.rate_hz)
        )
        return utter

    @staticmethod
    def _clip_starts_ns(turn: CallerTurn, plan: _Plan) -> int:
        return plan.onset_ns - samples_to_ns(turn.onset_samples, turn.rate_hz)

    # -- the relations ------------------------------------------------------

    def _plan(self, turn: CallerTurn) -> _Plan | None:
        """Return when the turn is due, None while that depends on the agent."""
        relation = turn.relation
        if isinstance(relation, Opening):
            plan: _Plan | None = _Plan(self._origin_ns + ms_to_ns(relation.at_ms))
        elif isinstance(relation, Continuation):
            plan = _Plan(self._last_end_ns + ms_to_ns(relation.gap_ms))
        elif isinstance(relation, BargeIn):
            plan = self._barge_in(relation)
        else:
            plan = self._reply(relation)
        patience_ns = self._patience_ends_ns()
        if plan is None and patience_ns is not None:
            plan = _Plan(patience_ns, relation_kept=False, patience=True)
        return None if plan is None else self._in_step(turn, plan)

    def _in_step(self, turn: CallerTurn, plan: _Plan) -> _Plan:
        start_ns = self._clip_starts_ns(turn, plan) - self._origin_ns
        wait_ns = -start_ns % self._step_ns
        return replace(plan, onset_ns=plan.onset_ns + wait_ns) if wait_ns else plan

    def _reply(self, relation: ReplyGap) -> _Plan | None:
        gap_ns = ms_to_ns(relation.gap_ms)
        ended_ns = self._agent_ended_ns()
        if ended_ns is None and relation.gap_ms < 0:
            ended_ns = self._forecast_ns
        return None if ended_ns is None else _Plan(ended_ns + gap_ns)

    def _barge_in(self, relation: BargeIn) -> _Plan | None:
        heard_ns = self._heard_from_ns
        if heard_ns is not None and self._belongs_to_next(heard_ns):
            return _Plan(heard_ns + ms_to_ns(relation.offset_ms))
        ended_ns = self._agent_ended_ns()
        if ended_ns is None:
            return None
        return _Plan(ended_ns + ms_to_ns(FALLBACK_GAP_MS), relation_kept=False)

    def _agent_ended_ns(self) -> int | None:
        """Return when the agent finished answering the last turn, if it has.

        A backchannel asks for no answer: what it was said to may end during it.
        """
        last, ended_ns = self._last, self._finished_ns
        if ended_ns is None or last is None:
            return ended_ns
        aside = last.kind == "backchannel"
        since_ns = self._last_onset_ns if aside else self._last_end_ns
        return ended_ns if ended_ns > since_ns else None

    def _belongs_to_next(self, heard_ns: int) -> bool:
        """Whether what is being heard is not just the rest of what came before."""
        last = self._last
        return (
            last is None
            or last.kind == "backchannel"
            or (heard_ns >= self._last_onset_ns)
        )
