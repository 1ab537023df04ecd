"""When the caller speaks, for each relation and for what can become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from voicelab.lab.director import Director, FixedDirector, Mark, ReactiveDirector, Utter
from voicelab.lab.relations import BargeIn, Continuation, Opening, Relation, ReplyGap
from voicelab.lab.turns import CallerTurn
from voicelab.units import NS_PER_MS

MS = 8
RATE_HZ = 8_000
ORIGIN_NS = 123_456_789
PATIENCE_MS = 5000


def turn(
    relation: Relation,
    speech_ms: int = 1000,
    *,
    kind: str = "turn",
    pre_roll_ms: int = 80,
    recorded_ms: float = 0,
    index: int = 0,
) -> CallerTurn:
    return CallerTurn(
        index=index,
        kind=kind,
        text="",
        words=(),
        clip=np.zeros((pre_roll_ms + speech_ms + 160) * MS, np.int16),
        rate_hz=RATE_HZ,
        onset_samples=pre_roll_ms * MS,
        speech_samples=speech_ms * MS,
        recorded_ms=recorded_ms,
        relation=relation,
    )


Act = Callable[[Director, int], None]
"""Something the agent does, at an instant in ns."""


@dataclass
class Scene:
    """Plays a director against an agent whose doings are given beforehand."""

    director: Director
    agent: Mapping[int, Act] = field(default_factory=dict)
    clips: list[tuple[float, Utter]] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)
    over_ms: float | None = None

    def play(self, until_ms: float = 200_000) -> Scene:
        director = self.director
        director.begin(ORIGIN_NS)
        events = sorted((_ns(ms), act) for ms, act in self.agent.items())
        now_ns = ORIGIN_NS
        while now_ns <= _ns(until_ms):
            self._advance(now_ns)
            if director.done:
                self.over_ms = _ms(now_ns)
                return self
            due_ns = director.next_deadline()
            if events and (due_ns is None or events[0][0] <= due_ns):
                now_ns, act = events.pop(0)
                act(director, now_ns)
            elif due_ns is None:
                return self  # waits for the agent, who does nothing more
            else:
                now_ns = max(due_ns, now_ns)
        return self

    def _advance(self, now_ns: int) -> None:
        for act in self.director.advance(now_ns):
            if isinstance(act, Utter):
                self.clips.append((_ms(now_ns), act))
            else:
                assert isinstance(act, Mark)
                assert act.t_ns == now_ns
                self.marks.append((_ms(act.t_ns), act.kind))

    @property
    def onsets_ms(self) -> list[float]:
        return [ms for ms, kind in self.marks if kind == "start"]

    @property
    def last(self) -> Utter:
        return self.clips[-1][1]


def _ns(ms: float) -> int:
    return ORIGIN_NS + round(ms * NS_PER_MS)


def _ms(t_ns: int) -> float:
    return (t_ns - ORIGIN_NS) / NS_PER_MS


def heard(director: Director, now_ns: int) -> None:
    director.agent_heard(now_ns)


def finished(director: Director, now_ns: int) -> None:
    director.agent_silent(now_ns, "finished")


def stopped(director: Director, now_ns: int) -> None:
    director.agent_silent(now_ns, "interrupted")


def stalled(director: Director, now_ns: int) -> None:
    director.agent_silent(now_ns, "stalled")


def will_end(ms: float) -> Act:
    return lambda director, _: director.agent_will_end(_ns(ms))


def reactive(*turns: CallerTurn, patience_ms: float = PATIENCE_MS) -> ReactiveDirector:
    return ReactiveDirector(turns, patience_ms)


FIRST = turn(Opening(700))
"""Spoken from 700 to 1700 ms."""


# -- each relation --------------------------------------------------------------


def test_an_opening_keeps_its_time() -> None:
    scene = Scene(reactive(FIRST)).play()
    assert scene.marks == [(700, "start"), (1700, "end")]
    at_ms, utter = scene.clips[0]
    assert at_ms == 620  # the breath before the word is in the clip
    assert (utter.skip_samples, utter.relation_kept, utter.patience) == (0, True, False)


def test_an_opening_at_once_leaves_out_the_breath() -> None:
    scene = Scene(reactive(turn(Opening(30)))).play()
    at_ms, utter = scene.clips[0]
    assert (at_ms, utter.skip_samples) == (0, 50 * MS)
    assert scene.onsets_ms == [30]


def test_a_reply_keeps_its_gap_to_the_agent_s_end() -> None:
    agent = {2500: heard, 4000: finished}
    scene = Scene(reactive(FIRST, turn(ReplyGap(400))), agent).play()
    assert scene.onsets_ms == [700, 4400]
    assert scene.last.relation_kept


def test_a_reply_quicker_than_a_breath_keeps_its_gap() -> None:
    agent = {2500: heard, 4000: finished}
    scene = Scene(reactive(FIRST, turn(ReplyGap(10))), agent).play()
    assert scene.onsets_ms == [700, 4010]
    assert scene.last.skip_samples == 70 * MS


def test_an_early_reply_goes_by_the_forecast() -> None:
    agent = {2500: heard, 3000: will_end(4000), 4000: finished}
    scene = Scene(reactive(FIRST, turn(ReplyGap(-300))), agent).play()
    assert scene.onsets_ms == [700, 3700]
    assert scene.last.relation_kept


def test_an_early_reply_without_a_forecast_comes_late_and_says_so() -> None:
    agent = {2500: heard, 4000: finished}
    scene = Scene(reactive(FIRST, turn(ReplyGap(-300))), agent).play()
    assert scene.onsets_ms == [700, 4000]
    assert not scene.last.relation_kept
    assert not scene.last.patience


def test_a_barge_in_keeps_its_offset_into_what_is_heard() -> None:
    agent = {2500: heard, 5100: stopped}
    scene = Scene(reactive(FIRST, turn(BargeIn(2000))), agent).play()
    assert scene.onsets_ms == [700, 4500]
    assert scene.last.relation_kept


def test_a_barge_in_counts_a_stalled_agent_s_time_from_its_first_word() -> None:
    agent = {2500: heard, 2800: stalled, 3300: heard, 5100: stopped}
    scene = Scene(reactive(FIRST, turn(BargeIn(2000))), agent).play()
    assert scene.onsets_ms == [700, 4500]


def test_after_an_interruption_the_next_answer_counts_anew() -> None:
    agent = {2500: heard, 2800: stopped, 3300: heard, 6000: stopped}
    scene = Scene(reactive(FIRST, turn(BargeIn(2000))), agent).play()
    assert scene.onsets_ms == [700, 5300]


def test_a_barge_in_that_finds_the_agent_done_becomes_a_reply() -> None:
    agent = {2500: heard, 3000: finished}
    scene = Scene(reactive(FIRST, turn(BargeIn(2000))), agent).play()
    assert scene.onsets_ms == [700, 3200]
    assert not scene.last.relation_kept


def test_a_barge_in_does_not_go_by_the_rest_of_what_was_interrupted() -> None:
    """The first turn barges in; what is still heard of that answer is not the next."""
    turns = turn(Opening(700)), turn(BargeIn(500)), turn(BargeIn(100))
    agent = {2500: heard, 3200: stopped, 5000: heard, 6000: stopped}
    scene = Scene(reactive(*turns), agent).play()
    assert scene.onsets_ms == [700, 3000, 5100]


def test_a_backchannel_does_not_use_up_the_answer_it_is_said_over() -> None:
    aside = turn(BargeIn(500), 200, kind="backchannel")
    agent = {2500: heard, 6000: stopped}
    scene = Scene(reactive(FIRST, aside, turn(BargeIn(3000))), agent).play()
    assert scene.onsets_ms == [700, 3000, 5500]


def test_a_reply_follows_an_answer_that_ended_during_a_backchannel() -> None:
    aside = turn(BargeIn(500), 600, kind="backchannel")
    agent = {2500: heard, 3200: finished}
    scene = Scene(reactive(FIRST, aside, turn(ReplyGap(900))), agent).play()
    assert scene.onsets_ms == [700, 3000, 4100]
    assert scene.last.relation_kept


def test_a_continuation_keeps_its_gap_whatever_the_agent_does() -> None:
    agent = {1800: heard, 2300: stopped}
    scene = Scene(reactive(FIRST, turn(Continuation(600))), agent).play()
    assert scene.onsets_ms == [700, 2300]


# -- patience -------------------------------------------------------------------


def test_a_silent_agent_is_waited_for_so_long() -> None:
    scene = Scene(reactive(FIRST, turn(ReplyGap(400)), turn(BargeIn(400)))).play()
    assert scene.onsets_ms == [700, 1700 + PATIENCE_MS, 2700 + 2 * PATIENCE_MS]
    assert all(
        utter.patience and not utter.relation_kept for _, utter in scene.clips[1:]
    )
    assert not scene.clips[0][1].patience


def test_patience_does_not_run_while_the_agent_is_heard() -> None:
    agent = {6000: heard, 20_000: finished}
    scene = Scene(reactive(FIRST, turn(ReplyGap(400))), agent).play()
    assert scene.onsets_ms == [700, 20_400]
    assert not scene.last.patience


@pytest.mark.parametrize("end", [stopped, stalled])
def test_after_an_answer_without_an_end_patience_counts_from_the_silence(
    end: Act,
) -> None:
    scene = Scene(reactive(FIRST, turn(ReplyGap(400))), {2500: heard, 4000: end}).play()
    assert scene.onsets_ms == [700, 4000 + PATIENCE_MS]
    assert scene.last.patience


def test_an_interrupted_answer_is_no_forecast() -> None:
    """What was about to end was stopped: an early reply does not go by it."""
    agent = {2500: heard, 3000: will_end(8000), 4000: stopped}
    scene = Scene(reactive(FIRST, turn(ReplyGap(-300))), agent).play()
    assert scene.onsets_ms == [700, 4000 + PATIENCE_MS]


def test_without_patience_a_caller_speaks_at_once() -> None:
    scene = Scene(reactive(FIRST, turn(ReplyGap(400)), patience_ms=0)).play()
    assert scene.onsets_ms == [700, 1700]


# -- the end ----------------------------------------------------------------------


def test_the_line_is_hung_up_a_moment_after_the_last_answer() -> None:
    scene = Scene(reactive(FIRST), {2500: heard, 4000: finished}).play()
    assert scene.over_ms == 5000


def test_without_an_answer_it_is_hung_up_when_patience_ends() -> None:
    assert Scene(reactive(FIRST)).play().over_ms == 1700 + PATIENCE_MS


def test_it_is_not_hung_up_while_the_agent_speaks() -> None:
    scene = Scene(reactive(FIRST), {2500: heard, 120_000: finished}).play()
    assert scene.over_ms == 121_000


def test_nobody_listens_to_one_speech_for_ever() -> None:
    turns = (FIRST, turn(ReplyGap(300)))
    scene = Scene(reactive(*turns), {2500: heard}).play()
    assert scene.onsets_ms == [700, 122_500]
    assert scene.last.patience


def test_an_answer_that_goes_on_after_its_end_keeps_the_line_open() -> None:
    agent = {2500: heard, 4000: finished, 4500: heard, 6000: finished}
    assert Scene(reactive(FIRST), agent).play().over_ms == 7000


def test_without_turns_the_line_is_open_for_one_patience() -> None:
    assert Scene(reactive()).play().over_ms == PATIENCE_MS


def begins_anew(times: int, every_ms: int = 1000) -> dict[int, Act]:
    """An agent that breaks off, for no reason of the caller's, again and again."""
    agent: dict[int, Act] = {}
    for index in range(times):
        agent[2500 + index * every_ms] = heard
        agent[2500 + index * every_ms + every_ms // 2] = stopped
    return agent


def test_a_caller_goes_on_when_the_agent_breaks_off_again_and_again() -> None:
    agent = begins_anew(20)
    scene = Scene(reactive(FIRST, turn(ReplyGap(300))), agent).play()
    assert scene.onsets_ms[0] == 700
    assert scene.onsets_ms[1] == 5000  # the third time, without another breath
    assert scene.last.patience
    assert not scene.last.relation_kept


def test_a_caller_who_has_said_all_hangs_up_on_such_an_agent() -> None:
    assert Scene(reactive(FIRST), begins_anew(20)).play().over_ms == 5000


def test_an_agent_that_says_all_at_the_third_attempt_is_listened_to() -> None:
    agent = {**begins_anew(2), 4500: heard, 9000: finished}
    scene = Scene(reactive(FIRST, turn(ReplyGap(300))), agent).play()
    assert scene.onsets_ms == [700, 9300]


def test_an_agent_that_the_caller_stops_has_not_broken_off() -> None:
    """What is stopped while the caller speaks says nothing about the agent."""
    agent = {
        900: heard,
        1000: stopped,
        1200: heard,
        1300: stopped,
        1500: heard,
        1600: stopped,
        2500: heard,
        7000: finished,
    }
    scene = Scene(reactive(FIRST, turn(ReplyGap(300))), agent).play()
    assert scene.onsets_ms == [700, 7300]


def answers_itself(times: int) -> dict[int, Act]:
    """An agent that answers its own echo sooner than the caller would."""
    agent: dict[int, Act] = {}
    for start_ms in range(2500, 2500 + times * 1000, 1000):
        agent |= {start_ms: heard, start_ms + 800: finished}
    return agent


def test_a_caller_goes_on_when_the_agent_answers_itself() -> None:
    scene = Scene(reactive(FIRST, turn(ReplyGap(300))), answers_itself(20)).play()
    assert scene.onsets_ms == [700, 7500]  # as it begins for the sixth time
    assert scene.last.patience


def test_an_agent_that_answers_itself_is_hung_up_on() -> None:
    assert Scene(reactive(FIRST), answers_itself(20)).play().over_ms == 7500


# -- the fixed drive --------------------------------------------------------------


def fixed(*starts_ms: float, recording_ms: int = 10_000) -> FixedDirector:
    turns = [turn(ReplyGap(1), recorded_ms=start) for start in starts_ms]
    return FixedDirector(turns, recording_ms * NS_PER_MS, PATIENCE_MS)


def test_a_fixed_drive_speaks_at_the_recorded_times() -> None:
    agent = {800: heard, 2000: stopped, 2600: heard}
    scene = Scene(fixed(700, 1700.5, 5000), agent).play()
    assert scene.marks == [
        (700, "start"),
        (1700, "end"),
        (1700.5, "start"),
        (2700.5, "end"),
        (5000, "start"),
        (6000, "end"),
    ]
    assert all(utter.relation_kept for _, utter in scene.clips)


def test_a_fixed_drive_plays_the_recording_to_its_end() -> None:
    agent = {2500: heard, 3000: finished}
    assert Scene(fixed(700, recording_ms=9000), agent).play().over_ms == 9000


def test_a_fixed_drive_waits_for_an_answer_after_the_recording() -> None:
    assert Scene(fixed(700, recording_ms=1700)).play().over_ms == 1700 + PATIENCE_MS
    answered = {2500: heard, 9000: finished}
    scene = Scene(fixed(700, recording_ms=1700), answered).play()
    assert scene.over_ms == 10_000


def test_marks_come_in_the_order_of_time() -> None:
    scene = Scene(fixed(0, 1000, 2000, 3000)).play()
    assert scene.marks == sorted(scene.marks, key=lambda mark: mark[0])
    assert [kind for _, kind in scene.marks] == ["start", "end"] * 4
