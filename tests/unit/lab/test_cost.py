from __future__ import annotations

from typing import Any

import msgspec
import pytest

from voicelab.errors import InputError
from voicelab.lab.cost import CostMeter
from voicelab.lab.prices import load_prices
from voicelab.protocol.codec import decode_server
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent

TRANSCRIPTION = "conversation.item.input_audio_transcription.completed"
AUDIO_OUT = {"input_tokens": 0, "output_tokens": 1000, "total_tokens": 1000} | {
    "output_token_details": {"audio_tokens": 1000}
}
"""1000 tokens of audio: 0.064 USD of gpt-realtime, 0.02 of gpt-realtime-mini."""

Event = ServerEvent | UnknownServerEvent


def wire(kind: str, **fields: Any) -> Event:
    return decode_server(msgspec.json.encode({"type": kind, "event_id": "e", **fields}))


def done(number: int, usage: Any = AUDIO_OUT, **fields: Any) -> Event:
    response = {"id": f"resp_{number}", "status": "completed", "usage": usage}
    return wire("response.done", response=response | fields)


def transcribed(number: int, **usage: Any) -> Event:
    told = {"usage": usage} if usage else {}
    ids = {"item_id": f"item_{number}", "content_index": 0}
    return wire(TRANSCRIPTION, transcript="Hello.", **ids, **told)


def session(kind: str = "session.updated", **fields: Any) -> Event:
    return wire(kind, session={"type": "realtime", **fields})


def transcribing(model: str) -> dict[str, Any]:
    return {"audio": {"input": {"transcription": {"model": model}}}}


def meter(model: str = "gpt-realtime", max_cost_usd: float | None = None) -> CostMeter:
    return CostMeter(load_prices(), model, max_cost_usd)


def test_responses_and_transcriptions_add_up() -> None:
    account = meter()
    account.add(session(**transcribing("whisper-1")))
    assert account.cost_usd == 0
    for number in range(3):
        account.add(transcribed(number, type="duration", seconds=60))
        account.add(done(number))
    assert account.cost_usd == 0.21


def test_a_limit_is_reached_exactly() -> None:
    """Ten times 0.1 USD are 1; added as floats they are less."""
    output = {"output_token_details": {"text_tokens": 6250}}
    usage = {"total_tokens": 6250, "input_tokens": 0, "output_tokens": 6250} | output
    account = meter(max_cost_usd=1.0)
    spent = 0.0
    for number in range(10):
        assert not account.exceeded
        account.add(done(number, usage))
        spent += 0.1
    assert account.exceeded
    assert spent < 1


def test_without_a_limit_nothing_is_too_much() -> None:
    account = meter()
    for number in range(100):
        account.add(done(number))
    assert not account.exceeded


def test_an_event_that_comes_twice_is_billed_once() -> None:
    account = meter()
    account.add(session(**transcribing("whisper-1")))
    for _ in range(2):
        account.add(done(0))
        account.add(transcribed(0, type="duration", seconds=60))
    assert account.cost_usd == 0.07


def test_events_without_ids_are_all_billed() -> None:
    account = meter()
    account.add(done(0, id=""))
    account.add(done(1, id=None))
    assert account.cost_usd == 0.128


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": "many"}])
def test_a_response_without_usage_is_counted(usage: Any) -> None:
    account = meter(max_cost_usd=1)
    account.add(done(0, usage))
    responses = account.described()["responses"]
    assert (responses["count"], responses["without_usage"]) == (1, 1)
    assert account.cost_usd == 0


def test_a_response_that_cannot_be_read_is_counted() -> None:
    account = meter()
    unreadable = wire("response.done", response="none")
    assert isinstance(unreadable, UnknownServerEvent)
    account.add(unreadable)
    assert account.described()["responses"]["without_usage"] == 1


def test_usage_beside_the_response_is_found() -> None:
    """Some compatible servers put it there."""
    account = meter()
    response = {"id": "resp_0", "status": "completed", "usage": {}}
    account.add(wire("response.done", response=response, usage=AUDIO_OUT))
    assert account.cost_usd == 0.064


def test_the_model_that_the_server_tells_is_billed() -> None:
    account = meter("gpt-realtime")
    account.add(session("session.created", model="gpt-realtime-mini-2025-10-06"))
    account.add(done(0))
    assert account.cost_usd == 0.02


def test_a_name_without_a_price_leaves_the_one_that_was_asked_for() -> None:
    account = meter("gpt-realtime")
    account.add(session("session.created", model="realtime-internal-7"))
    account.add(done(0))
    assert account.cost_usd == 0.064


def test_an_update_that_names_no_model_changes_none() -> None:
    account = meter("my-deployment")
    account.add(session("session.created", model="gpt-realtime"))
    account.add(session(instructions="Be brief."))
    account.add(done(0))
    assert account.cost_usd == 0.064


def test_what_has_no_price_is_counted_and_not_guessed() -> None:
    account = meter("my-model")
    assert account.cost_usd == 0
    account.add(done(0))
    assert account.cost_usd is None
    assert account.described()["responses"]["without_price"] == 1


def test_a_part_that_is_known_is_told() -> None:
    account = meter()
    account.add(session(**transcribing("my-transcriber")))
    account.add(done(0))
    account.add(transcribed(0, type="duration", seconds=60))
    assert account.cost_usd == 0.064
    assert account.described()["transcriptions"]["without_price"] == 1


def test_without_prices_the_tokens_are_counted() -> None:
    account = CostMeter(None, "gpt-realtime")
    account.add(done(0))
    assert account.cost_usd is None
    assert account.described()["responses"]["billed"] == {"audio_output_tokens": 1000}


def test_the_account_is_plain_data() -> None:
    account = meter(max_cost_usd=2.5)
    account.add(session(model="gpt-realtime-mini", **transcribing("whisper-1")))
    account.add(done(0, {"input_tokens": 3, "output_tokens": 0, "total_tokens": 3}))
    account.add(transcribed(0, type="duration", seconds=1.5))
    told = account.described()
    assert msgspec.json.decode(msgspec.json.encode(told)) == told
    assert told["cost_usd"] == (3 * 10 + 150) / 1e6
    assert told["cost_is_upper_bound"] is True
    assert told["max_cost_usd"] == 2.5
    assert told["responses"] == {
        "model": "gpt-realtime-mini",
        "count": 1,
        "without_usage": 0,
        "without_price": 0,
        "billed": {"undetailed_input_tokens": 3},
    }
    assert told["transcriptions"]["billed"] == {"audio_s": 1.5}
    assert list(told["prices"]) == ["gpt-realtime-mini", "whisper-1"]
    assert told["prices"]["whisper-1"]["usd_per_minute"] == 0.006
    assert set(told["prices"]["whisper-1"]) == {"source", "date", "usd_per_minute"}


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_a_limit_is_an_amount(limit: float) -> None:
    with pytest.raises(InputError, match="give a number above 0"):
        meter(max_cost_usd=limit)


def test_a_limit_needs_a_price() -> None:
    with pytest.raises(InputError) as caught:
        meter("gpt-realtme", 1)
    for part in ("'gpt-realtme'", "--prices", "did you mean gpt-realtime?"):
        assert part in str(caught.value)
    with pytest.raises(InputError, match="--prices"):
        CostMeter(None, "gpt-realtime", 1)
    with pytest.raises(InputError, match="'my-transcriber'"):
        CostMeter(
            load_prices(), "gpt-realtime", 1, transcription_model="my-transcriber"
        )
