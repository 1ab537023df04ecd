from __future__ import annotations

from typing import Any

import pytest

from tests.support.logs import LogBuilder
from tests.support.results import make_run
from voicelab.lab.prices import PriceTable, load_prices
from voicelab.metrics import UsageRow, usage_rows

COMPLETED = "conversation.item.input_audio_transcription.completed"
FAILED = "conversation.item.input_audio_transcription.failed"
USAGE = {
    "total_tokens": 170,
    "input_tokens": 140,
    "output_tokens": 30,
    "input_token_details": {
        "text_tokens": 40,
        "audio_tokens": 100,
        "image_tokens": 0,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 14, "audio_tokens": 50},
    },
    "output_token_details": {"text_tokens": 6, "audio_tokens": 24},
}
SESSION = {
    "model": "gpt-realtime",
    "audio": {"input": {"transcription": {"model": "whisper-1"}}},
}


def log(*, server: bool = True) -> LogBuilder:
    builder = LogBuilder(server=server)
    builder.add(-40, "client", "session.updated", session=SESSION)
    return builder


def ended(
    builder: LogBuilder, t_ms: float, response_id: str, status: str, usage: Any = USAGE
) -> None:
    begun = {"id": response_id, "status": "in_progress"}
    builder.wire(t_ms, "response.created", response=begun)
    response = {"id": response_id, "status": status, "usage": usage}
    builder.wire(t_ms + 100, "response.done", response=response)


def rows(builder: LogBuilder, prices: PriceTable | None = None) -> list[UsageRow]:
    return usage_rows(builder.facts(), prices or load_prices())


def test_a_response_worked_out_by_hand() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed")
    # 26 * 4 + 14 * 0.4 + 50 * 32 + 50 * 0.4 + 6 * 16 + 24 * 64 millionths of a dollar
    assert rows(builder) == [
        UsageRow(
            t_ns=650_000_000,
            kind="response",
            response_id="resp-0",
            item_id=None,
            status="completed",
            model="gpt-realtime",
            input_tokens=140,
            text_input_tokens=26,
            text_cached_input_tokens=14,
            audio_input_tokens=50,
            audio_cached_input_tokens=50,
            image_input_tokens=0,
            image_cached_input_tokens=0,
            undetailed_input_tokens=0,
            output_tokens=30,
            text_output_tokens=6,
            audio_output_tokens=24,
            undetailed_output_tokens=0,
            cost_usd=0.0033616,
            cost_is_upper_bound=False,
        )
    ]


def test_transcriptions_stand_among_the_responses() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed")
    by_time = {"type": "duration", "seconds": 3.0}
    told = {"content_index": 0, "transcript": "Hello."}
    builder.wire(520, COMPLETED, "user-0", **told, usage=by_time)
    builder.wire(540, FAILED, "user-1", content_index=0, error={"message": "no"})
    heard, silent, response = rows(builder)
    assert (heard.kind, heard.status, heard.item_id) == (
        "transcription",
        "completed",
        "user-0",
    )
    assert (heard.model, heard.audio_s, heard.cost_usd) == ("whisper-1", 3.0, 0.0003)
    assert heard.input_tokens is None
    assert (silent.status, silent.item_id) == ("failed", "user-1")
    assert (silent.cost_usd, silent.audio_s) == (None, None)
    assert (response.kind, response.audio_s) == ("response", None)


@pytest.mark.parametrize("status", ["cancelled", "failed", "incomplete"])
def test_responses_that_end_otherwise_are_rows_too(status: str) -> None:
    builder = log()
    ended(builder, 500, "resp-0", status, None)
    (row,) = rows(builder)
    assert (row.status, row.model) == (status, "gpt-realtime")
    for column in row.__struct_fields__[6:]:
        assert getattr(row, column) is None


def test_a_response_that_never_ended() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed")
    begun = {"id": "resp-1", "status": "in_progress"}
    builder.wire(560, "response.created", response=begun)
    unfinished, done = sorted(rows(builder), key=lambda row: row.t_ns)
    assert (unfinished.response_id, unfinished.status) == ("resp-1", "unfinished")
    assert unfinished.t_ns == 610_000_000
    assert unfinished.input_tokens is None
    assert done.status == "completed"


def test_what_the_client_missed_is_taken_from_the_server() -> None:
    builder = log()
    response = {"id": "resp-0", "status": "cancelled", "usage": USAGE}
    builder.add(500, "server", "response.done", response=response)
    (row,) = rows(builder)
    assert (row.t_ns, row.status, row.input_tokens) == (500_000_000, "cancelled", 140)


def test_an_event_that_came_twice_is_one_row() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed")
    response = {"id": "resp-0", "status": "completed", "usage": USAGE}
    builder.wire(900, "response.done", response=response)
    (row,) = rows(builder)
    assert row.t_ns == 650_000_000


def test_a_foreign_server_that_tells_little() -> None:
    builder = LogBuilder(server=False)  # its session names no model
    ended(builder, 500, "resp-0", "completed", {"input_tokens": 9, "output_tokens": 2})
    builder.wire(700, "response.done", response={"status": "completed", "usage": {}})
    builder.wire(800, "response.done", response="none")
    builder.wire(900, COMPLETED, "user-0", transcript="Hello.")
    first, second, third, fourth = rows(builder)
    assert (first.undetailed_input_tokens, first.undetailed_output_tokens) == (9, 2)
    assert (first.input_tokens, first.output_tokens) == (9, 2)
    assert (first.model, first.cost_usd, first.cost_is_upper_bound) == (None,) * 3
    assert (second.response_id, second.status) == (None, "completed")
    assert (third.response_id, third.status) == (None, None)
    assert {second.input_tokens, third.input_tokens, fourth.input_tokens} == {None}
    assert (fourth.kind, fourth.status) == ("transcription", "completed")


def test_a_cost_that_is_a_bound_says_so() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed", {"input_tokens": 9, "output_tokens": 2})
    (row,) = rows(builder)
    assert (row.cost_usd, row.cost_is_upper_bound) == ((9 * 32 + 2 * 64) / 1e6, True)


def test_without_prices_there_are_tokens_and_no_costs() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed")
    (row,) = rows(builder, PriceTable({}))
    assert (row.input_tokens, row.cost_usd) == (140, None)


def test_nothing_was_said() -> None:
    assert rows(LogBuilder()) == []


def test_a_run_has_the_table() -> None:
    builder = log()
    ended(builder, 500, "resp-0", "completed")
    ended(builder, 900, "resp-1", "failed", None)
    run = make_run(builder)
    assert run.usage["input_tokens"].sum() == 140
    assert run.usage["input_tokens"].isna().tolist() == [False, True]
    assert run.usage["cost_usd"].notna().tolist() == [True, False]
    assert run.usage_at(PriceTable({}))["cost_usd"].isna().all()
