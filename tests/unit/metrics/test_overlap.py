from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics import Overlap, overlap
from voicelab.metrics.overlap import speech_spans


def of(log: LogBuilder) -> Overlap:
    found = overlap(log.facts())
    assert found is not None
    return found


def test_worked_out_by_hand() -> None:
    log = one_answer()  # the caller 0.2 to 1.0 s, the agent 2.09 to 5.09 s
    log.caller(1, 3000, 3300, kind="backchannel")
    log.caller(2, 5000, 6000)
    both = of(log)
    assert both.caller_speech_ms == 800 + 1000
    assert both.agent_speech_ms == 3000
    assert both.overlap_ms == 90
    assert both.backchannel_overlap_ms == 300
    assert both.talk_over_rate == 90 / 1800


def test_pauses_of_the_caller_are_no_speech() -> None:
    log = one_answer()
    words = [("a", 0, 100), ("b", 299, 400), ("c", 600, 700)]
    log.caller(1, 3000, 3700, words=words)
    (turn,) = [turn for turn in log.facts().caller_turns if turn.index == 1]
    ms = [(start / 1e6, end / 1e6) for start, end in speech_spans(turn)]
    assert ms == [(3000, 3400), (3600, 3700)]  # a silence of 199 ms, one of 200 ms
    assert of(log).overlap_ms == 500


def test_a_stall_of_the_agent_is_no_overlap() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp-0", 0, 2000)
    log.play("agent-0", 100, 500)
    log.play("agent-0", 900, 1500, from_ms=500)
    log.caller(0, 0, 2000)
    assert of(log).overlap_ms == 500 + (2000 - 930)


def test_a_caller_who_never_spoke_is_not_talked_over() -> None:
    log = LogBuilder()
    log.add(0, "user", "microphone.levels", first_frame=0, frame_ms=20)
    both = of(log)
    assert (both.caller_speech_ms, both.overlap_ms) == (0, 0)
    assert both.talk_over_rate is None


@pytest.mark.parametrize("server", [True, False])
def test_it_is_unknown_where_nobody_told_when_the_caller_spoke(server: bool) -> None:
    log = LogBuilder(server=server)
    log.answer("resp-0", "agent-0", None, 0, 1000)
    assert overlap(log.facts()) is None
