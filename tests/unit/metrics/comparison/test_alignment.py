from __future__ import annotations

import numpy as np
import pytest

from tests.support.comparing import compared
from tests.support.logs import PER_MS, LogBuilder, one_answer
from voicelab.metrics.comparison import Comparison
from voicelab.units import ms_to_ns

DELTA = "response.output_audio.delta"


def answer_in(chunks: list[tuple[float, int]]) -> LogBuilder:
    """Return an answer that arrives in chunks: (arrival ms, length ms)."""
    log = LogBuilder(server=False)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.response("resp-0", None, 1560, done_ms=9000)
    position = 0
    for t_ms, length_ms in chunks:
        size = length_ms * PER_MS
        held = {"bytes": 2 * size, "pos_samples": position}
        place = {"response_id": "resp-0", "output_index": 0}
        log.add(t_ms, "client", DELTA, "agent-0", **place, audio=held)
        position += size
    return log


def positions(comparison: Comparison) -> list[tuple[float, float, float]]:
    """Return position, arrival in a and arrival in b of each delta, in ms."""
    return [
        (pair.number / 1e6, pair.t_a_ns / 1e6, pair.t_b_ns / 1e6)
        for pair in comparison.pairs
        if pair.type == DELTA
    ]


def test_audio_cut_up_otherwise_is_compared_by_position() -> None:
    whole = answer_in([(2000, 200), (2100, 100)])
    fine = answer_in([(2001, 50), (2002, 100), (2003, 100), (2150, 50)])
    found = compared(whole, fine)
    assert positions(found) == [
        (50, 2000, 2001),
        (150, 2000, 2002),
        (200, 2000, 2003),
        (250, 2100, 2003),
        (300, 2100, 2150),
    ]
    assert found.same_order
    assert found.differing == []


def test_audio_beyond_the_shorter_item_is_a_difference_of_length() -> None:
    found = compared(answer_in([(2000, 200)]), answer_in([(2000, 200), (2100, 90)]))
    assert positions(found) == [(200, 2000, 2000)]
    (row,) = found.differing
    assert (row.type, row.field, row.difference) == (DELTA, "length_ms", 90)
    assert row.subject == "answer to turn 0 item 0"


def test_an_answer_without_audio_has_a_length_of_nothing() -> None:
    found = compared(answer_in([]), answer_in([(2000, 200)]))
    assert [(row.a, row.b) for row in found.differing] == [("0", "200")]


def test_transcripts_are_compared_by_character() -> None:
    logs = []
    for pieces in (["Good morning"], ["Goo", "", "d morning"]):
        log = answer_in([])
        for number, piece in enumerate(pieces):
            kind = "response.output_audio_transcript.delta"
            place = {"response_id": "resp-0", "output_index": 0}
            log.add(2000 + number, "client", kind, "agent-0", **place, delta=piece)
        logs.append(log)
    found = compared(*logs)
    told = [
        (pair.number, pair.difference_ms)
        for pair in found.pairs
        if pair.type.endswith("transcript.delta")
    ]
    assert told == [(3, 0), (12, 2)]


def test_microphone_frames_are_a_row_of_their_own() -> None:
    a, b = LogBuilder(), LogBuilder()
    for log in (a, b):
        log.add(-1, "server", "turn.onset", "user-0", onset_ms=0)
    a.frames(1000)
    b.frames(800, uplink_ms=47)
    found = compared(a, b)
    assert np.array_equal(found.frames_ns["client"], np.zeros(40))
    assert np.array_equal(found.frames_ns["server"], np.full(40, ms_to_ns(7)))
    rows = {row.lane: row for row in found.timings if row.type.endswith("append")}
    assert (rows["server"].n, rows["server"].median_ms) == (40, 7)
    assert found.overall is None  # frames do not count there


def test_frames_of_another_length_are_compared_by_position() -> None:
    a, b = LogBuilder(server=False), LogBuilder(server=False)
    a.frames(40)
    for number in range(4):
        audio = {"bytes": 20 * PER_MS, "pos_samples": number * 10 * PER_MS}
        b.add(10 * (number + 1), "client", "input_audio_buffer.append", audio=audio)
    (differences,) = compared(a, b).frames_ns.values()
    assert (differences / 1e6).tolist() == [-10, 0, -10, 0]


def test_what_a_late_turn_explains_is_taken_off() -> None:
    a, b = one_answer(), one_answer()
    for log, late_ms in ((a, 0), (b, 300)):
        log.caller(1, 6000 + late_ms, 7000 + late_ms)
        sent_ms = 7560 + late_ms + late_ms / 100
        log.heard_as("user-1", 6020 + late_ms, 7000 + late_ms, sent_ms=sent_ms)
    found = compared(a, b)
    stopped = [pair for pair in found.pairs if pair.type.endswith("speech_stopped")]
    late = [pair for pair in stopped if pair.subject == "turn 1"]
    assert {pair.difference_ms for pair in late} == {303}
    assert {pair.in_turn_ms for pair in late} == {3}
    assert all(pair.in_turn_ns == 0 for pair in stopped if pair.subject == "turn 0")


def test_the_ends_of_playback_are_counted_from_the_last() -> None:
    a, b = one_answer(), LogBuilder()
    b.caller(0, 200, 1000)
    b.heard_as("user-0", 224, 1024, sent_ms=1560)
    b.response("resp-0", "user-0", 1560, done_ms=1970)
    b.audio("agent-0", "resp-0", 1960, 3000)
    b.play("agent-0", 2060, 1000, reason="drained")  # the buffer ran dry here
    b.play("agent-0", 3160, 2000, from_ms=1000)
    found = compared(a, b)
    last = {
        pair.type: pair.difference_ms
        for pair in found.pairs
        if pair.type.endswith((".start", ".stop")) and pair.lane in ("player", "agent")
    }
    assert last["playback.start"] == last["heard.start"] == 0
    assert last["playback.stop"] == last["heard.stop"] == 100
    assert {(row.run, row.type, row.n) for row in found.missing} == {
        ("b", kind, 1)
        for kind in ("playback.start", "playback.stop", "heard.start", "heard.stop")
    }


@pytest.mark.parametrize("both", [True, False])
def test_the_servers_lane_joins_in_if_both_have_it(both: bool) -> None:
    found = compared(one_answer(), one_answer(server=both))
    lanes = {pair.lane for pair in found.pairs}
    assert ("server" in lanes) == both == found.has_server
    assert {"client", "user", "player", "agent"} <= lanes
    assert found.same_order
