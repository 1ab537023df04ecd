from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, one_answer
from voicelab.metrics import (
    Facts,
    LatencyDefinitions,
    TurnAgreement,
    latency_definitions,
    tick_latency_ms,
)

MS = 1_000_000


def rows(log: LogBuilder) -> list[LatencyDefinitions]:
    return latency_definitions(log.facts(), [])


def test_nothing_happened() -> None:
    assert rows(LogBuilder()) == []


def test_a_plain_answer_by_every_definition() -> None:
    # turn 200-1000, `speech_stopped` arrives 1610, first audio arrives 2010, heard 2090
    (row,) = rows(one_answer())
    assert row.response_latency_ms == 1090
    assert row.wire_latency_ms == 400
    assert row.tick_latency_ms == 2000 - 1000
    assert row.next_onset_ms == row.floor_aware_latency_ms == row.frontier_ms == 1090
    assert (row.audio_latency_ms, row.audio_error_ms, row.audio_agrees) == (None,) * 3


@pytest.mark.parametrize(
    ("end_ms", "heard_ms", "ticks_ms"),
    [
        (1000, 2000, 1000),  # both on an edge of a tick: nothing is lost
        (1001, 2000, 800),  # the last tick with speech ends at 1200
        (1000, 2199, 1000),  # the first tick with the answer begins at 2000
        (1001, 2199, 800),  # both: 398 ms of 1198 are lost
        (1100, 1150, -200),  # in one tick: it begins before it ends
    ],
)
def test_ticks(end_ms: int, heard_ms: int, ticks_ms: int) -> None:
    assert tick_latency_ms(end_ms * MS, heard_ms * MS) == ticks_ms


def test_what_was_not_heard_has_no_ticks() -> None:
    assert tick_latency_ms(1000 * MS, None) is None


def test_an_agent_that_talks_over_the_caller() -> None:
    # turn 0: 200-5000; an endpoint at 1524 is answered: the answer is heard from 2090
    # to 6090, over the end of the turn
    log = LogBuilder()
    log.frames(6000)
    log.caller(0, 200, 5000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 4000)
    (row,) = rows(log)
    assert row.outcome == "cut_in"
    assert row.response_latency_ms == row.next_onset_ms == 2090 - 5000
    assert row.floor_aware_latency_ms is None
    assert row.frontier_ms == 2090 - 5000
    assert row.tick_latency_ms == 2000 - 5000


def test_an_agent_within_the_callers_turn_takes_no_floor() -> None:
    # as above, but heard 2090-3090 only, and nothing behind the turn
    log = LogBuilder()
    log.frames(6000)
    log.caller(0, 200, 5000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 1000)
    (row,) = rows(log)
    assert row.next_onset_ms == 2090 - 5000
    assert (row.frontier_ms, row.floor_aware_latency_ms) == (None, None)


@pytest.mark.parametrize(("heard_ms", "floor_aware"), [(2930, 590), (2931, None)])
def test_the_floor_is_free_if_the_agent_ends_within_20_ms(
    heard_ms: int, floor_aware: float | None
) -> None:
    # the answer to turn 0 is heard from 2090; turn 1 ends at 5000, and the agent is
    # still heard up to 5020 or 5021; the next answer is heard from 5590
    log = LogBuilder()
    log.frames(7000)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, heard_ms)
    log.caller(1, 4000, 5000)
    log.heard_as("user-1", 4000, 4500, sent_ms=5060)
    log.answer("resp-1", "agent-1", "user-1", 5060, 1000)
    assert rows(log)[1].floor_aware_latency_ms == floor_aware


def test_an_answer_behind_the_next_turn_is_not_of_this_one() -> None:
    # turn 0 gets nothing; the agent is heard at 4590, behind the onset of turn 1
    log = LogBuilder()
    log.frames(5000)
    log.caller(0, 200, 1000)
    log.caller(1, 3000, 3500)
    log.heard_as("user-1", 3000, 3500, sent_ms=4060)
    log.answer("resp-1", "agent-1", "user-1", 4060, 1000)
    first, second = rows(log)
    assert (first.next_onset_ms, first.floor_aware_latency_ms) == (None, None)
    assert second.next_onset_ms == 4590 - 3500


def test_a_backchannel_moves_the_frontier() -> None:
    # turn 200-1000; the caller's own "mm" lasts until 1800; heard at 2090
    log = one_answer()
    log.caller(1, 1600, 1800, kind="backchannel")
    (row,) = rows(log)
    assert (row.response_latency_ms, row.frontier_ms) == (1090, 290)


@pytest.mark.parametrize(
    ("audio_ms", "agrees"), [(1122.0, True), (1122.5, False), (1058.0, True)]
)
def test_one_frame_is_agreement(audio_ms: float, *, agrees: bool) -> None:
    audio = TurnAgreement(
        turn=0,
        outcome="answered",
        response_latency_ms=1090.0,
        t_audio_end_ns=None,
        t_audio_onset_ns=None,
        end_error_ms=None,
        onset_error_ms=None,
        audio_latency_ms=audio_ms,
        vad_latency_ms=1000.0,
    )
    (row,) = latency_definitions(one_answer().facts(), [audio])
    assert row.audio_agrees == audio.agrees == agrees
    assert row.audio_error_ms == audio.error_ms == audio_ms - 1090
    assert row.vad_latency_ms == 1000.0


def test_without_an_ear_only_the_wire_is_known() -> None:
    log = one_answer().log()
    (row,) = latency_definitions(Facts(log, {"player", "ear"}), [])
    assert row.wire_latency_ms == 400
    assert (row.next_onset_ms, row.tick_latency_ms) == (None, None)
