"""What the server refuses: code, message, whose fault, and that it goes on."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.session_pair import MANUAL, SessionPair, refusal, spoken, types
from voicelab.protocol import wire_errors

BUSY = (
    "Conversation already has an active response in progress: {}. Wait until the "
    "response is finished before creating a new one."
)
NOTHING_TO_CANCEL = "Cancellation failed: no active response found"


def goes_on(pair: SessionPair) -> None:
    (answer,) = pair.update(instructions="Go on.")
    assert answer["session"]["instructions"] == "Go on."


@pytest.mark.parametrize(
    ("event", "code", "param", "message"),
    [
        (
            {"type": "session.destroy"},
            "invalid_value",
            "type",
            "Invalid value: 'session.destroy'. Supported values are: 'session.update'",
        ),
        (
            {"type": "output_audio_buffer.clear"},
            "invalid_value",
            "type",
            "Invalid value: 'output_audio_buffer.clear'.",
        ),
        (
            {"type": "input_audio_buffer.append"},
            "missing_required_parameter",
            "audio",
            "Missing required parameter: 'audio'.",
        ),
        (
            {"type": "input_audio_buffer.append", "audio": "not base64!"},
            "invalid_value",
            "audio",
            "Invalid 'audio'. Expected base64-encoded audio bytes",
        ),
        (
            {
                "type": "input_audio_buffer.append",
                "audio": base64.b64encode(b"odd").decode(),
            },
            "invalid_value",
            "audio",
            "Invalid 'audio'. Expected base64-encoded audio bytes",
        ),
        (
            {"type": "input_audio_buffer.commit"},
            "input_audio_buffer_commit_empty",
            None,
            (
                "Error committing input audio buffer: buffer too small. Expected at "
                "least 100ms of audio, but buffer only has 0.00ms of audio."
            ),
        ),
        (
            {"type": "conversation.item.delete", "item_id": "item_x"},
            "item_delete_invalid_item_id",
            None,
            "Error deleting item: the item with id 'item_x' does not exist.",
        ),
        (
            {"type": "conversation.item.retrieve", "item_id": "item_x"},
            "item_retrieve_invalid_item_id",
            None,
            "Error retrieving item: the item with id 'item_x' does not exist.",
        ),
        (
            {
                "type": "conversation.item.truncate",
                "item_id": "item_x",
                "content_index": 0,
                "audio_end_ms": 0,
            },
            "item_truncate_invalid_item_id",
            None,
            "Error truncating item: the item with id 'item_x' does not exist.",
        ),
        (
            {"type": "response.cancel"},
            "response_cancel_not_active",
            None,
            NOTHING_TO_CANCEL,
        ),
        (
            {"type": "response.cancel", "response_id": "resp_x"},
            "response_cancel_not_active",
            None,
            NOTHING_TO_CANCEL,
        ),
        (
            {
                "type": "conversation.item.create",
                "previous_item_id": "item_x",
                "item": {"type": "message", "role": "user", "content": []},
            },
            "item_create_invalid_previous_item_id",
            "previous_item_id",
            "Error adding item: the previous item with id 'item_x' does not exist.",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_audio", "audio": "AAAA"}],
                },
            },
            "invalid_value",
            "item.content[0].type",
            "Invalid value: 'output_audio'. Supported values are: 'output_text'.",
        ),
        (
            {"type": "response.create", "response": {"conversation": "other"}},
            "invalid_value",
            "response.conversation",
            "Invalid value: 'other'. Supported values are: 'auto' and 'none'.",
        ),
        (
            {
                "type": "response.create",
                "response": {"input": [{"type": "item_reference", "id": "item_x"}]},
            },
            "item_retrieve_invalid_item_id",
            None,
            "Error retrieving item: the item with id 'item_x' does not exist.",
        ),
    ],
)
def test_refusals(
    event: dict[str, Any], code: str, param: str | None, message: str
) -> None:
    pair = SessionPair()
    detail = refusal(pair.send(event | {"event_id": "mine"}))
    assert detail["message"].startswith(message)
    assert (detail["code"], detail["param"]) == (code, param)
    assert detail["type"] == "invalid_request_error"
    assert detail["event_id"] == "mine"
    goes_on(pair)


def test_an_event_without_an_id_is_refused_without_one() -> None:
    detail = refusal(SessionPair().send({"type": "response.cancel"}))
    assert detail["event_id"] is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"hello"', "null", "\x00"])
def test_texts_that_are_no_event(text: str) -> None:
    pair = SessionPair()
    assert pair.server.receive(text, 0) is None
    (event,) = pair.collect()
    assert event["error"]["code"] in {"invalid_json", "invalid_event"}
    goes_on(pair)


def test_a_binary_frame_is_refused() -> None:
    pair = SessionPair()
    pair.server.refuse(wire_errors.binary_frame(), 0)
    detail = refusal(pair.collect())
    assert detail["code"] == "invalid_event"
    goes_on(pair)


def test_a_commit_of_almost_100_ms_is_refused_and_keeps_the_audio() -> None:
    pair = SessionPair(**MANUAL)
    pair.hush(99)
    detail = refusal(pair.commit())
    assert detail["code"] == "input_audio_buffer_commit_empty"
    assert detail["message"].endswith("buffer only has 99.00ms of audio.")
    pair.hush(1)
    assert types(pair.commit())[0] == "input_audio_buffer.committed"


def test_a_commit_after_voice_activity_has_committed_finds_the_rest_only() -> None:
    pair = SessionPair()
    pair.speak(960)
    pair.hush(560)
    (committed,) = pair.of("input_audio_buffer.committed")
    rest_ms = 1520 - pair.last("input_audio_buffer.speech_stopped")["audio_end_ms"]
    detail = refusal(pair.commit())
    assert detail["message"].endswith(f"buffer only has {rest_ms}.00ms of audio.")
    assert pair.of("input_audio_buffer.committed") == [committed]


def test_a_second_response_is_refused_and_the_first_goes_on() -> None:
    pair = SessionPair([[(100, spoken(100, "Hello"))], [(1, spoken(100))]])
    pair.say("Hi")
    first = pair.respond()[0]["response"]["id"]
    detail = refusal(pair.respond())
    assert detail["code"] == "conversation_already_has_active_response"
    assert detail["message"] == BUSY.format(first)
    assert detail["event_id"] == "ask"
    pair.run(1000)
    assert [e["response"]["id"] for e in pair.of("response.done")] == [first]
    assert types(pair.respond())[0] == "response.created"


def test_a_response_asked_for_within_a_turn_is_not_doubled() -> None:
    """The race of `response.create` with the response that a turn's end starts."""
    pair = SessionPair([[(100, spoken(100, "Hello"))], [(1, spoken(100))]])
    pair.speak(960)
    pair.hush(560)
    assert refusal(pair.respond())["code"] == "conversation_already_has_active_response"
    pair.run(1000)
    assert len(pair.of("response.done")) == 1


def test_cancel_names_a_response() -> None:
    pair = SessionPair([[(500, spoken(100))], [(500, spoken(100))]])
    pair.say("Hi")
    own = pair.respond()[0]["response"]["id"]
    aside = pair.respond(conversation="none")[0]["response"]["id"]
    assert refusal(pair.cancel("resp_other"))["code"] == "response_cancel_not_active"
    pair.cancel(aside)
    assert pair.last("response.done")["response"]["id"] == aside
    pair.cancel(own)
    assert pair.last("response.done")["response"]["id"] == own
    assert refusal(pair.cancel(own))["message"] == NOTHING_TO_CANCEL


def test_cancel_without_a_name_means_the_conversations_own() -> None:
    pair = SessionPair([[(500, spoken(100, "aside"))]])
    pair.respond(conversation="none")
    assert refusal(pair.cancel())["code"] == "response_cancel_not_active"
    pair.run(1000)
    assert pair.last("response.done")["response"]["status"] == "completed"


def test_an_announced_turn_keeps_its_id() -> None:
    pair = SessionPair([[(1, spoken(100))]])
    pair.speak(320)
    item_id = pair.last("input_audio_buffer.speech_started")["item_id"]
    item = {"type": "message", "role": "user", "content": [], "id": item_id}
    assert refusal(pair.create(item))["code"] == "item_create_duplicate_item_id"
    pair.hush(640)
    assert pair.last("input_audio_buffer.committed")["item_id"] == item_id


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"max_output_tokens": 0}, "integer_below_min_value", "max_output_tokens"),
        ({"max_output_tokens": 9999}, "integer_above_max_value", "max_output_tokens"),
        ({"max_output_tokens": "many"}, "invalid_value", "max_output_tokens"),
        ({"output_modalities": []}, "array_below_min_length", "output_modalities"),
        (
            {"output_modalities": ["audio", "text"]},
            "array_above_max_length",
            "output_modalities",
        ),
        ({"audio": {"output": 5}}, "invalid_type", "audio.output"),
        ({"audio": {"input": {}}}, "unknown_parameter", "audio.input"),
        (
            {"audio": {"output": {"format": {"type": "mp3"}}}},
            "invalid_value",
            "audio.output.format.type",
        ),
        (
            {"tools": [{"type": "function"}]},
            "missing_required_parameter",
            "tools[0].name",
        ),
        ({"tool_choice": "perhaps"}, "invalid_value", "tool_choice"),
        (
            {"metadata": {str(k): "" for k in range(17)}},
            "object_above_max_length",
            "metadata",
        ),
    ],
)
def test_bad_response_parameters(params: dict[str, Any], code: str, param: str) -> None:
    pair = SessionPair([[(1, spoken(100))]])
    detail = refusal(pair.respond(**params))
    assert (detail["code"], detail["param"]) == (code, f"response.{param}")
    assert detail["event_id"] == "ask"
    assert pair.run(1000) == []
    assert types(pair.respond())[0] == "response.created"


def test_a_long_append_is_refused() -> None:
    pair = SessionPair()
    audio = base64.b64encode(bytes(15 * 2**20 + 2)).decode()
    raw = json.dumps({"type": "input_audio_buffer.append", "audio": audio})
    pair.server.receive(raw, 0)
    detail = refusal(pair.collect())
    assert (detail["code"], detail["param"]) == ("invalid_value", "audio")
    pair.server.receive(
        json.dumps({"type": "input_audio_buffer.commit", "event_id": "c"}), 0
    )
    assert "only has 0.00ms" in refusal(pair.collect())["message"]
