from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder, one_answer, staged_answer
from tests.support.results import barge_in, make_run
from voicelab.comparing import Architecture, ArchitectureRow, architecture_row
from voicelab.metrics import STAGE_PARTS

MODEL = Architecture("one", "speech_to_speech", True, "a test", "instant")
PIPELINE = Architecture("three", "cascade", False, "a test", "cascade-instant")


def test_means_of_the_parts_add_up_to_the_mean() -> None:
    row = architecture_row(
        PIPELINE, [make_run(staged_answer()), make_run(staged_answer(50))]
    )
    assert row.response_latency_mean_ms == 1090
    assert (row.stt_mean_ms, row.chat_mean_ms, row.tts_mean_ms) == (125, 150, 125)
    assert row.server_rest_mean_ms == 0
    assert _parts_ms(row) == 1090


def test_a_model_has_no_stages() -> None:
    row = architecture_row(MODEL, [make_run(one_answer())])
    assert row.server_rest_mean_ms == 400
    assert (row.stt_mean_ms, row.chat_mean_ms, row.tts_mean_ms) == (None,) * 3
    assert _parts_ms(row) == row.response_latency_mean_ms == 1090
    assert (row.architecture, row.kind) == ("one", "speech_to_speech")
    assert (row.modelled, row.source) == (True, "a test")


def test_turns_without_an_answer_are_counted_and_have_no_wait() -> None:
    row = architecture_row(MODEL, [make_run(barge_in()), make_run(one_answer())])
    assert (row.conversations, row.turns, row.n) == (2, 4, 3)
    assert row.response_latency_p50_ms == 1090
    assert row.response_latency_p95_ms is None  # of three values


def test_what_interruptions_came_to() -> None:
    run = make_run(barge_in())
    (item,) = run.truncations.itertuples()
    row = architecture_row(MODEL, [run])
    assert (row.interrupted_items, row.stops) == (1, 1)
    assert row.stop_latency_p50_ms == item.stop_latency_ms
    assert row.phantom_words == item.phantom_words
    assert row.cut_ins == run.latency.cut_in.sum()
    (agent,) = run.speech_rate[run.speech_rate.party == "agent"].itertuples()
    assert row.agent_wpm == pytest.approx(agent.wpm)


def test_a_conversation_without_an_answer_has_no_numbers() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000)
    row = architecture_row(MODEL, [make_run(log)])
    assert (row.turns, row.n, row.interrupted_items) == (1, 0, 0)
    assert row.response_latency_p50_ms is None
    assert row.response_latency_mean_ms is None
    assert row.stop_latency_p50_ms is None
    assert row.agent_wpm is None
    assert row.phantom_words == 0


def _parts_ms(row: ArchitectureRow) -> float:
    return sum(getattr(row, f"{part}_mean_ms") or 0.0 for part in STAGE_PARTS)
