from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, note_stage, one_answer
from voicelab.metrics import (
    STAGE_PARTS,
    STAGES,
    ResponseStage,
    StageLatency,
    response_stages,
    stage_latencies,
    turn_latencies,
)
from voicelab.record.tables import columns

MS = 1_000_000


def two_clauses() -> LogBuilder:
    """Return an answer of two clauses: created at 1.56 s, first heard of at 1.96 s."""
    log = one_answer()
    note_stage(log, "stt", 0, 100)
    note_stage(log, "chat", 100, 250, 0)
    note_stage(log, "tts", 250, 400, 0)
    note_stage(log, "chat", 250, 350, 1)  # written while the first is spoken
    note_stage(log, "tts", 900, 1000, 1)
    return log


def only(log: LogBuilder) -> StageLatency:
    (row,) = stage_latencies(log.facts())
    return row


def parts_ms(row: StageLatency) -> list[float | None]:
    return [getattr(row, f"{part}_ms") for part in STAGE_PARTS]


def total_ns(row: StageLatency) -> int:
    return sum(getattr(row, f"{part}_ns") or 0 for part in STAGE_PARTS)


def test_each_stage_is_a_row_in_the_time_of_the_run() -> None:
    rows = response_stages(two_clauses().facts())
    told = [(row.stage, row.clause, row.began_ms, row.ended_ms) for row in rows]
    assert told == [
        ("stt", None, 1560, 1660),
        ("chat", 0, 1660, 1810),
        ("chat", 1, 1810, 1910),
        ("tts", 0, 1810, 1960),
        ("tts", 1, 2460, 2560),
    ]
    assert {(row.response_id, row.turn) for row in rows} == {("resp-0", 0)}
    assert [row.duration_ms for row in rows] == [100, 150, 100, 150, 100]


def test_a_stage_tells_what_went_wrong_in_it() -> None:
    log = one_answer()
    note_stage(log, "stt", 0, 100, problem="nobody listened")
    note_stage(log, "chat", 100, 250, 0)
    told = [row.problem for row in response_stages(log.facts())]
    assert told == ["nobody listened", None]


def test_the_wait_is_taken_apart_by_stage() -> None:
    row = only(two_clauses())
    # uplink, endpointing, rest, words, first clause, its audio, downlink, playout
    assert parts_ms(row) == [40, 520, 0, 100, 150, 150, 50, 80]
    assert total_ns(row) == row.response_latency_ns == 1090 * MS
    assert (row.turn, row.response_id, row.clause) == (0, "resp-0", 0)
    (whole,) = turn_latencies(two_clauses().facts())
    assert whole.server_ttfb_ns == 400 * MS


def test_an_agent_without_stages_has_it_all_in_one_piece() -> None:
    row = only(one_answer())
    assert parts_ms(row) == [40, 520, 400, None, None, None, 50, 80]
    assert row.clause is None
    assert response_stages(one_answer().facts()) == []


def test_time_in_which_two_were_at_work_counts_once() -> None:
    """The first clause is begun before the words are there, as after a failure."""
    log = one_answer()
    note_stage(log, "stt", 0, 200)
    note_stage(log, "chat", 0, 300, 0)
    note_stage(log, "tts", 250, 400, 0)
    row = only(log)
    assert [getattr(row, f"{stage}_ms") for stage in STAGES] == [200, 100, 100]
    assert row.server_rest_ns == 0


def test_what_is_in_no_stage_is_the_rest() -> None:
    """The answer is begun 100 ms late, and sent 60 ms after its first audio."""
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1460)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000)
    note_stage(log, "stt", 0, 100)
    note_stage(log, "chat", 100, 200, 0)
    note_stage(log, "tts", 200, 340, 0)
    row = only(log)
    assert parts_ms(row) == [40, 420, 160, 100, 100, 140, 50, 80]
    assert total_ns(row) == row.response_latency_ns


def test_a_clause_without_audio_is_not_the_one_that_was_heard() -> None:
    log = one_answer()
    note_stage(log, "stt", 0, 100)
    note_stage(log, "chat", 100, 150, 0)
    note_stage(log, "tts", 150, 200, 0)
    note_stage(log, "chat", 150, 300, 1)
    note_stage(log, "tts", 300, 400, 1)
    row = only(log)
    assert row.clause == 1
    assert [getattr(row, f"{stage}_ms") for stage in STAGES] == [100, 200, 100]


def test_a_stage_that_is_not_there_took_nothing() -> None:
    log = one_answer()
    note_stage(log, "chat", 0, 300, 0)
    note_stage(log, "tts", 300, 400, 0)
    row = only(log)
    assert [getattr(row, f"{stage}_ms") for stage in STAGES] == [0, 300, 100]


def test_an_answer_that_was_never_heard_has_stages_and_no_parts() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.response("resp-0", "user-0", 1560, done_ms=1700, status="cancelled")
    note_stage(log, "stt", 0, 100)
    row = only(log)
    assert row.outcome == "interrupted"
    assert parts_ms(row) == [None] * len(STAGE_PARTS)
    (stage,) = response_stages(log.facts())
    assert (stage.turn, stage.ended_ns) == (0, 1660 * MS)


def test_a_response_to_nobody_has_no_turn() -> None:
    log = LogBuilder()
    log.frames(200)
    log.response("resp-9", None, 20, done_ms=500)
    note_stage(log, "chat", 0, 100, 0, response_id="resp-9", created_ms=20)
    (stage,) = response_stages(log.facts())
    assert (stage.turn, stage.began_ms) == (None, 20)


def test_the_stages_of_a_response_that_the_log_does_not_hold_are_left_out() -> None:
    log = one_answer()
    note_stage(log, "chat", 0, 100, 0, response_id="resp-7")
    assert response_stages(log.facts()) == []


def test_a_client_that_sees_no_server_sees_no_stage() -> None:
    log = one_answer(server=False)
    note_stage(log, "stt", 0, 100)
    assert response_stages(log.facts()) == []
    row = only(log)
    assert row.response_latency_ms == 1090
    assert row.server_rest_ms is None
    assert row.playout_delay_ms == 80


@pytest.mark.parametrize("part", STAGE_PARTS)
def test_milliseconds_are_the_same_spans(part: str) -> None:
    row = only(two_clauses())
    assert getattr(row, f"{part}_ms") * MS == getattr(row, f"{part}_ns")


def test_an_empty_table_has_the_columns_all_the_same() -> None:
    assert columns(ResponseStage)["clause"] == "Int64"
    assert columns(StageLatency)["stt_ms"] == "float64"
