"""What a client can make a session remember, or say, has a bound."""

from __future__ import annotations

import json
from itertools import repeat
from typing import Any

import numpy as np
import pytest

from tests.support.session_pair import (
    MANUAL,
    Event,
    SessionPair,
    level,
    refusal,
    spoken,
    user_text,
)
from voicelab.audio import AudioFormat
from voicelab.protocol.limits import MAX_APPEND_BYTES, MAX_OBJECT_BYTES
from voicelab.session import conversation, input_buffer, response, responses
from voicelab.session.reply import CallPiece, TextPiece

PICTURE = {"type": "input_image", "image_url": "data:image/png;base64,"}
MINUTE = bytes(60 * 48_000)


def picture(size: int, **fields: Any) -> Event:
    return PICTURE | {"image_url": PICTURE["image_url"] + "A" * size} | fields


def append(pair: SessionPair, audio: bytes) -> list[Event]:
    return pair.send(pair.client.append(audio))


# --- the input buffer ----------------------------------------------------------


def test_an_append_of_the_greatest_size_is_taken() -> None:
    pair = SessionPair(**MANUAL)
    assert append(pair, bytes(MAX_APPEND_BYTES)) == []
    assert pair.commit()[0]["type"] == "input_audio_buffer.committed"


def test_a_larger_append_is_refused_and_the_session_goes_on() -> None:
    pair = SessionPair(**MANUAL)
    error = refusal(append(pair, bytes(MAX_APPEND_BYTES + 2)))
    assert (error["code"], error["param"]) == ("invalid_value", "audio")
    assert "15728640" in error["message"]
    append(pair, bytes(9600))
    assert pair.commit()[0]["type"] == "input_audio_buffer.committed"
    (item,) = pair.server.conversation
    assert item.audio_ms == 200


def test_manual_audio_is_refused_once_the_buffer_is_full() -> None:
    pair = SessionPair(**MANUAL)
    for _ in range(8):
        assert append(pair, MINUTE) == []
    error = refusal(append(pair, MINUTE))
    assert error["code"] == "input_audio_buffer_full"
    assert "524288ms" in error["message"]
    assert append(pair, MINUTE[: 40 * 48_000]) == []  # what fits is still taken
    (_, added, _) = pair.commit()
    item = pair.server.conversation.get(added["item"]["id"])
    assert item is not None
    assert item.audio_ms == 520_000
    assert append(pair, MINUTE) == []


def test_a_cleared_buffer_has_room_again() -> None:
    pair = SessionPair(**MANUAL)
    for _ in range(9):
        append(pair, MINUTE)
    pair.send({"type": "input_audio_buffer.clear"})
    assert append(pair, MINUTE) == []


def test_of_an_endless_turn_the_newest_audio_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = 48_000 * 2
    monkeypatch.setattr(input_buffer, "MAX_BUFFERED_BYTES", limit)
    pair = SessionPair()
    pair.speak(3000)
    newest = level(1000, 0.8)
    pair.append(newest)
    told = pair.hush(600)
    assert not [event for event in told if event["type"] == "error"]
    (item,) = pair.server.conversation
    (audio,) = item.audio
    assert limit - 9600 < len(audio) <= limit
    kept = AudioFormat.PCM.decode(audio)
    start = int(np.argmax(kept == newest[0]))
    assert np.array_equal(kept[start : start + len(newest)], newest)
    stopped = pair.last("input_audio_buffer.speech_stopped")
    assert item.audio_ms == stopped["audio_end_ms"]  # the turn itself was longer


# --- items -----------------------------------------------------------------------


def test_an_item_that_no_event_could_repeat_is_refused() -> None:
    pair = SessionPair()
    error = refusal(pair.say("x" * MAX_OBJECT_BYTES))
    assert (error["code"], error["param"]) == ("object_too_large", "item")
    assert error["event_id"] == "new"
    assert len(list(pair.server.conversation)) == 0
    assert len(pair.say("x" * (MAX_OBJECT_BYTES - 1000))) == 2


@pytest.mark.parametrize(
    "item",
    [
        {"type": "function_call_output", "call_id": "c", "output": "x" * 10**6},
        {"type": "function_call", "name": "f", "arguments": "\0" * 200_000},
        user_text("\u20ac" * 400_000),
    ],
)
def test_a_limit_counts_bytes_on_the_wire(item: Event) -> None:
    assert refusal(SessionPair().create(item))["code"] == "object_too_large"


def test_a_picture_is_repeated_if_it_fits() -> None:
    pair = SessionPair()
    small = picture(500_000, detail="low")
    added, done = pair.create(user_text("") | {"content": [small]})
    assert added["item"]["content"] == done["item"]["content"] == [small]


def test_a_picture_that_does_not_fit_is_taken_and_not_repeated() -> None:
    pair = SessionPair()
    large = picture(3_000_000, detail="high")
    content = [{"type": "input_text", "text": "Look"}, large]
    added, _ = pair.create(user_text("") | {"content": content})
    shown = [content[0], {"type": "input_image", "detail": "high"}]
    assert added["item"]["content"] == shown
    assert pair.retrieve(added["item"]["id"])["content"] == shown


def test_a_picture_without_a_picture_is_refused() -> None:
    item = user_text("") | {"content": [{"type": "input_image", "detail": "low"}]}
    error = refusal(SessionPair().create(item))
    assert error["code"] == "missing_required_parameter"
    assert error["param"] == "item.content[0].image_url"


def test_audio_that_fits_alone_is_left_out_beside_a_long_text() -> None:
    pair = SessionPair()
    audio = {"type": "input_audio", "audio": "AAAA" * 230_000}
    content = [audio, {"type": "input_text", "text": "x" * 500_000}]
    added, _ = pair.create(user_text("") | {"content": content})
    assert "audio" not in pair.retrieve(added["item"]["id"])["content"][0]
    added, _ = pair.create(user_text("") | {"content": [audio]})
    assert pair.retrieve(added["item"]["id"])["content"][0]["audio"] == audio["audio"]


def test_a_long_conversation_forgets_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conversation, "MAX_ITEMS", 3)
    pair = SessionPair()
    for name in "abcd":
        pair.create(user_text("Hi", id=name))
    pair.create(user_text("First", id="front"), previous_item_id="root")
    assert [item.id for item in pair.server.conversation] == ["front", "c", "d"]
    (told,) = pair.delete("a")
    assert told["error"]["code"] == "item_delete_invalid_item_id"


def test_a_wordy_conversation_forgets_its_beginning() -> None:
    pair = SessionPair()
    for name in "abcdef":
        pair.create(user_text("x" * 900_000, id=name))
    assert [item.id for item in pair.server.conversation] == ["c", "d", "e", "f"]
    for name in "cdef":
        pair.delete(name)
    for name in "ghij":
        pair.create(user_text("x" * 900_000, id=name))
    assert [item.id for item in pair.server.conversation] == ["g", "h", "i", "j"]


def test_the_audio_of_deleted_items_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "RETAINED_AUDIO_BYTES", 4 * 9600)
    pair = SessionPair(**MANUAL)
    for _ in range(20):
        append(pair, bytes(9600))
        (committed, *_) = pair.commit()
        pair.delete(committed["item_id"])
    for _ in range(4):
        append(pair, bytes(9600))
        pair.commit()
    for item in pair.server.conversation:
        assert "audio" in pair.retrieve(item.id)["content"][0]


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "response.cancel", "event_id": "x" * 513}, "event_id"),
        ({"type": "response.cancel", "response_id": "x" * 513}, "response_id"),
        ({"type": "conversation.item.delete", "item_id": "x" * 513}, "item_id"),
        (
            {
                "type": "conversation.item.create",
                "item": user_text("Hi", id="x" * 513),
            },
            "item.id",
        ),
    ],
)
def test_a_name_may_only_be_so_long(event: Event, param: str) -> None:
    error = refusal(SessionPair().send(event))
    assert (error["code"], error["param"]) == ("string_above_max_length", param)
    assert error["message"] == (
        f"Invalid '{param}': string too long. Expected a string with maximum length "
        "512, but got a string with length 513 instead."
    )
    assert error["event_id"] is None


# --- sessions and responses --------------------------------------------------------


def test_a_session_that_no_event_could_repeat_is_refused() -> None:
    pair = SessionPair()
    before = pair.server.config.to_wire()
    error = refusal(pair.update(instructions="x" * MAX_OBJECT_BYTES))
    assert (error["code"], error["param"]) == ("object_too_large", "session")
    assert pair.server.config.to_wire() == before
    tools = [{"type": "function", "name": "f", "description": "x" * 300_000}]
    for _ in range(3):
        pair.update(tools=tools)
    assert refusal(pair.update(tools=tools * 4))["code"] == "object_too_large"


@pytest.mark.parametrize(
    "params",
    [
        {"instructions": "x" * MAX_OBJECT_BYTES},
        {"tools": [{"type": "function", "name": "f", "description": "x" * 10**6}]},
        {"input": [user_text("x" * 500_000)] * 2},
    ],
)
def test_a_response_takes_only_so_much_to_read(params: Event) -> None:
    error = refusal(SessionPair().respond(**params))
    assert error["code"] == "object_too_large"


def test_a_response_takes_only_so_much_audio_to_hear() -> None:
    audio = {"type": "input_audio", "audio": "AAAA" * (MAX_APPEND_BYTES // 6)}
    spoken_items = [user_text("") | {"content": [audio]}] * 3
    error = refusal(SessionPair().respond(input=spoken_items))
    assert (error["code"], error["param"]) == ("invalid_value", "response.input")


@pytest.mark.parametrize(
    ("metadata", "longest"), [({"k" * 65: "v"}, 64), ({"k": "v" * 513}, 512)]
)
def test_metadata_is_short(metadata: dict[str, str], longest: int) -> None:
    error = refusal(SessionPair().respond(metadata=metadata))
    assert error["code"] == "string_above_max_length"
    assert f"maximum length {longest}," in error["message"]


def test_only_so_many_responses_run_beside_the_conversation() -> None:
    pair = SessionPair(repeat([(100, spoken(100))]))
    for _ in range(responses.MAX_BESIDE):
        assert pair.respond(conversation="none")[0]["type"] == "response.created"
    error = refusal(pair.respond(conversation="none"))
    assert error["code"] == "too_many_responses"
    assert pair.respond()[0]["type"] == "response.created"
    pair.run(1000)
    assert pair.respond(conversation="none")[0]["type"] == "response.created"


@pytest.mark.parametrize(
    "piece",
    [
        TextPiece("\0" * 50_000),
        CallPiece("f", "\0" * 50_000),
        spoken(20, "\0" * 50_000),
    ],
)
def test_an_endless_reply_ends(piece: Any) -> None:
    pair = SessionPair([[(10 * n, piece) for n in range(20)]])
    pair.respond()
    pair.run(1000)
    done = pair.last("response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["status_details"]["reason"] == "max_output_tokens"
    said = json.dumps(done["output"]).count("\\u0000")
    assert 50_000 < said <= response.MAX_REPLY_CHARACTERS
