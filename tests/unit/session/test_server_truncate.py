"""Truncation: what the server keeps, what it costs, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.session_pair import (
    MANUAL,
    SessionPair,
    audio_of,
    refusal,
    spoken,
    types,
    user_text,
)
from voicelab.audio import AudioFormat
from voicelab.session.reply import SpeechPiece, TextPiece
from voicelab.units import MS_PER_S

TOO_LONG = "Audio content of {}ms is already shorter than {}ms"
NOT_AUDIO = "Only model output audio messages can be truncated"


def answered(*pieces: SpeechPiece, **session: Any) -> tuple[SessionPair, str]:
    """Return a session whose agent said these pieces, and the item's id."""
    reply = [(10 * k, piece) for k, piece in enumerate(pieces, 1)]
    pair = SessionPair([reply, [(1, spoken(50))], [(1, spoken(50))]], **session)
    pair.say("Hi")
    pair.respond()
    pair.run(1000)
    return pair, pair.last("response.output_item.added")["item"]["id"]


def cut(pair: SessionPair, item_id: str, ms: int) -> None:
    (event,) = pair.truncate(item_id, ms)
    event.pop("event_id")
    assert event == {
        "type": "conversation.item.truncated",
        "item_id": item_id,
        "content_index": 0,
        "audio_end_ms": ms,
    }


def refused(pair: SessionPair, item_id: str, ms: int) -> str:
    detail = refusal(pair.truncate(item_id, ms))
    assert detail["code"] == "invalid_value"
    assert detail["type"] == "invalid_request_error"
    assert detail["event_id"] == "cut"
    message: str = detail["message"]
    return message


def next_input_tokens(pair: SessionPair) -> dict[str, int]:
    pair.respond()
    pair.run(100)
    details: dict[str, int] = pair.last("response.done")["response"]["usage"][
        "input_token_details"
    ]
    return details


def test_the_item_keeps_the_audio_before_the_cut_and_loses_its_transcript() -> None:
    ramp = np.arange(24_000, dtype=np.int16)
    pair, item_id = answered(SpeechPiece(ramp, text="One long answer."))
    cut(pair, item_id, 400)
    item = pair.retrieve(item_id)
    assert audio_of(item) == ramp[:9600].astype("<i2").tobytes()
    assert item["content"] == [
        {"type": "output_audio", "audio": item["content"][0]["audio"]}
    ]
    assert item["status"] == "completed"


def test_the_whole_length_may_be_claimed() -> None:
    pair, item_id = answered(spoken(1000, "One"), spoken(234, "two"))
    cut(pair, item_id, 1234)
    assert len(audio_of(pair.retrieve(item_id))) == 1234 * 48


def test_a_length_rounded_up_may_be_claimed() -> None:
    """1000 samples last 41.67 ms; a client's ceiling says 42."""
    pair, item_id = answered(SpeechPiece(np.ones(1000, np.int16), text="tick"))
    assert refused(pair, item_id, 43) == TOO_LONG.format(41, 43)
    cut(pair, item_id, 42)
    assert len(audio_of(pair.retrieve(item_id))) == 2000


def test_more_than_the_length_is_refused_and_changes_nothing() -> None:
    pair, item_id = answered(spoken(1000, "All of it."))
    assert refused(pair, item_id, 1001) == TOO_LONG.format(1000, 1001)
    assert refused(pair, item_id, 57_340) == TOO_LONG.format(1000, 57_340)
    item = pair.retrieve(item_id)
    assert item["content"][0]["transcript"] == "All of it."
    assert len(audio_of(item)) == 48_000


def test_a_second_cut_may_only_be_shorter() -> None:
    pair, item_id = answered(spoken(1000, "Long"))
    cut(pair, item_id, 700)
    cut(pair, item_id, 700)
    assert refused(pair, item_id, 701) == TOO_LONG.format(700, 701)
    cut(pair, item_id, 300)
    assert refused(pair, item_id, 700) == TOO_LONG.format(300, 700)
    assert len(audio_of(pair.retrieve(item_id))) == 300 * 48


def test_nothing_heard_is_a_claim_too() -> None:
    pair, item_id = answered(spoken(1000, "Unheard"))
    cut(pair, item_id, 0)
    cut(pair, item_id, 0)
    assert refused(pair, item_id, 1) == TOO_LONG.format(0, 1)
    assert audio_of(pair.retrieve(item_id)) == b""
    assert next_input_tokens(pair)["audio_tokens"] == 0


def test_a_cut_lowers_what_the_next_response_reads() -> None:
    text = "x" * 40
    whole, _ = answered(spoken(1000, text))
    pair, item_id = answered(spoken(1000, text))
    cut(pair, item_id, 400)
    before, after = next_input_tokens(whole), next_input_tokens(pair)
    assert before["audio_tokens"] - after["audio_tokens"] == 600 // 50
    assert before["text_tokens"] - after["text_tokens"] == 10


@pytest.mark.parametrize("format_type", ["audio/pcmu", "audio/pcma"])
def test_a_cut_of_g711_counts_its_samples(format_type: str) -> None:
    pair, item_id = answered(
        spoken(1000, "Hello", rate_hz=8000),
        audio={"output": {"format": {"type": format_type}}},
    )
    assert refused(pair, item_id, 1001) == TOO_LONG.format(1000, 1001)
    cut(pair, item_id, 250)
    held = audio_of(pair.retrieve(item_id))
    coded = AudioFormat.from_wire(format_type).encode(np.full(2000, 1000, np.int16))
    assert held == coded


def test_a_cut_while_generating_holds_whatever_comes_after() -> None:
    pieces = [(100, spoken(500, "One")), (600, spoken(500, " two"))]
    pair = SessionPair([pieces, [(1, spoken(50))]])
    pair.say("Hi")
    pair.respond()
    pair.run(300)
    item_id = pair.last("response.output_item.added")["item"]["id"]
    assert refused(pair, item_id, 501) == TOO_LONG.format(500, 501)
    cut(pair, item_id, 200)
    events = pair.run(1000)
    assert "response.output_audio.delta" in types(events)
    item = pair.last("conversation.item.done")["item"]
    assert item["content"] == [{"type": "output_audio"}]
    assert len(audio_of(pair.retrieve(item_id))) == 200 * 48
    assert refused(pair, item_id, 201) == TOO_LONG.format(200, 201)
    usage = pair.last("response.done")["response"]["usage"]
    assert usage["output_token_details"]["audio_tokens"] == 20  # all was generated
    read = next_input_tokens(pair)
    assert read["audio_tokens"] == 4
    assert read["text_tokens"] == 1  # "Hi"; no word of the reply


def test_what_is_cut_is_gone_for_the_responder_too() -> None:
    pair, item_id = answered(spoken(1000, "A secret."))
    cut(pair, item_id, 100)
    pair.respond()
    request = pair.responder.requests[-1]
    assert "secret" not in repr(request.items)


def test_only_agent_audio_can_be_cut() -> None:
    pair = SessionPair([[(1, TextPiece("written"))]], **MANUAL)
    pair.create(user_text("typed", id="item_typed"))
    pair.hush(200)
    pair.commit()
    spoken_id = pair.last("input_audio_buffer.committed")["item_id"]
    pair.create(
        {"type": "function_call_output", "call_id": "c", "output": "", "id": "item_out"}
    )
    pair.respond(output_modalities=["text"])
    pair.run(100)
    written_id = pair.last("response.output_item.added")["item"]["id"]
    for item_id in ("item_typed", spoken_id, "item_out", written_id):
        detail = refusal(pair.truncate(item_id, 0))
        assert detail["code"] == "unsupported_content_type"
        assert detail["message"] == NOT_AUDIO
        assert detail["event_id"] == "cut"


def test_an_item_without_audio_yet_cannot_be_cut() -> None:
    pair = SessionPair([[(10, SpeechPiece(np.empty(0, np.int16), text="Well"))]])
    pair.say("Hi")
    pair.respond()
    pair.run(20)
    item_id = pair.last("response.output_item.added")["item"]["id"]
    detail = refusal(pair.truncate(item_id, 0))
    assert (detail["code"], detail["message"]) == (
        "unsupported_content_type",
        NOT_AUDIO,
    )


def test_another_content_index_holds_no_audio() -> None:
    pair, item_id = answered(spoken(1000))
    detail = refusal(pair.truncate(item_id, 100, content_index=1))
    assert detail["message"] == NOT_AUDIO
    assert len(audio_of(pair.retrieve(item_id))) == 48_000


def test_an_unknown_item_cannot_be_cut() -> None:
    pair = SessionPair()
    detail = refusal(pair.truncate("item_nowhere", 100))
    assert detail["code"] == "item_truncate_invalid_item_id"
    assert "'item_nowhere' does not exist" in detail["message"]


def test_a_deleted_item_cannot_be_cut() -> None:
    pair, item_id = answered(spoken(1000))
    assert types(pair.delete(item_id)) == ["conversation.item.deleted"]
    detail = refusal(pair.truncate(item_id, 100))
    assert detail["code"] == "item_truncate_invalid_item_id"


def test_the_first_delta_can_be_cut_at_once() -> None:
    pair = SessionPair([[(100, spoken(20, "Yes"))]])
    pair.say("Hi")
    pair.respond()
    pair.run(100)
    item_id = pair.last("response.output_item.added")["item"]["id"]
    cut(pair, item_id, 20)
    assert MS_PER_S * len(audio_of(pair.retrieve(item_id))) == 20 * 48_000
