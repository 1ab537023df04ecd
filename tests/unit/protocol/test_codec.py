from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import get_args

import msgspec
import pytest

from tests.support import wire_examples
from tests.support.sdk import assert_valid_client_event, assert_valid_server_event
from tests.support.shared import captured
from voicelab.errors import RemoteProtocolError
from voicelab.protocol import client_events, codec, server_events
from voicelab.protocol.client_events import ClientEvent, InputAudioBufferAppend
from voicelab.protocol.items import InputAudio, MessageItem, tag_of, tags
from voicelab.protocol.server_events import (
    ConversationItemInputAudioTranscriptionCompleted,
    ResponseDone,
    ResponseOutputAudioDelta,
    ServerEvent,
    UnknownServerEvent,
)

CAPTURE_NAMES = ["openai_server_vad_turn", "openai_text_turn", "openai_tool_call"]


def type_of(event: ClientEvent | ServerEvent) -> str:
    return codec.wire_type(event)


def class_name(wire_type: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"[._]", wire_type))


def decode_dict(event: Mapping[str, object]) -> ServerEvent | UnknownServerEvent:
    return codec.decode_server(json.dumps(event))


# --- both ways ---------------------------------------------------------------


@pytest.mark.parametrize("event", wire_examples.CLIENT_EVENTS, ids=type_of)
def test_client_event_survives_the_wire(event: ClientEvent) -> None:
    assert codec.decode_client(codec.encode(event)) == event


@pytest.mark.parametrize("event", wire_examples.SERVER_EVENTS, ids=type_of)
def test_server_event_survives_the_wire(event: ServerEvent) -> None:
    assert codec.decode_server(codec.encode(event)) == event


@pytest.mark.parametrize("event", wire_examples.CLIENT_EVENTS, ids=type_of)
def test_text_and_bytes_decode_alike(event: ClientEvent) -> None:
    raw = codec.encode(event)
    assert codec.decode_client(raw.decode()) == codec.decode_client(raw)


@pytest.mark.parametrize("event", wire_examples.SERVER_EVENTS, ids=type_of)
def test_server_event_is_valid_by_the_sdk(event: ServerEvent) -> None:
    assert_valid_server_event(codec.encode(event))


@pytest.mark.parametrize("event", wire_examples.CLIENT_EVENTS, ids=type_of)
def test_client_event_is_valid_by_the_sdk(event: ClientEvent) -> None:
    assert_valid_client_event(codec.encode(event))


def test_examples_cover_every_struct() -> None:
    assert {type_of(e) for e in wire_examples.CLIENT_EVENTS} == set(tags(ClientEvent))
    assert {type_of(e) for e in wire_examples.SERVER_EVENTS} == set(tags(ServerEvent))


@pytest.mark.parametrize("module", [client_events, server_events])
def test_classes_are_named_after_their_type(module: object) -> None:
    union = ClientEvent if module is client_events else ServerEvent
    for kind in get_args(union):
        expected = class_name(tag_of(kind)).replace("Error", "ErrorEvent")
        assert kind.__name__ == expected


def test_type_comes_first_and_the_id_second() -> None:
    for event in wire_examples.SERVER_EVENTS:
        assert list(json.loads(codec.encode(event)))[:2] == ["type", "event_id"]


def test_absent_fields_stay_off_the_wire() -> None:
    raw = codec.encode(InputAudioBufferAppend(audio=b"\0\0"))
    assert raw == b'{"type":"input_audio_buffer.append","audio":"AAA="}'


def test_first_item_has_a_null_predecessor() -> None:
    event = server_events.ConversationItemAdded(
        event_id="event_1", item=wire_examples.USER_ITEM
    )
    assert json.loads(codec.encode(event))["previous_item_id"] is None


def test_message_never_carries_fields_of_a_call() -> None:
    message = json.loads(msgspec.json.encode(wire_examples.AGENT_ITEM))
    assert message.keys() == {"type", "id", "object", "status", "role", "content"}


def test_out_of_band_response_says_so() -> None:
    done = ResponseDone(event_id="e", response=wire_examples.FAILED_RESPONSE)
    assert json.loads(codec.encode(done))["response"]["conversation_id"] is None


# --- captured from a real endpoint -------------------------------------------


@pytest.mark.parametrize("name", CAPTURE_NAMES)
def test_every_captured_server_event_decodes(name: str) -> None:
    for data in captured(name, "received"):
        event = decode_dict(data)
        assert not isinstance(event, UnknownServerEvent)
        assert codec.wire_type(event) == data["type"]


@pytest.mark.parametrize("name", CAPTURE_NAMES)
def test_captured_server_events_are_ours_field_for_field(name: str) -> None:
    for data in captured(name, "received"):
        ours = json.loads(codec.encode(decode_dict(data)))
        assert comparable(ours) == comparable(data)


@pytest.mark.parametrize("name", CAPTURE_NAMES)
def test_every_captured_client_event_is_accepted(name: str) -> None:
    for data in captured(name, "sent"):
        event = codec.decode_client(json.dumps(data))
        assert codec.wire_type(event) == data["type"]


def comparable(value: object) -> object:
    """Drop what only we send (an item's `object`) and only they (`obfuscation`)."""
    if isinstance(value, dict):
        return {
            name: comparable(child)
            for name, child in value.items()
            if name != "obfuscation" and child != "realtime.item"
        }
    if isinstance(value, list):
        return [comparable(member) for member in value]
    return value


# --- tolerance towards servers -----------------------------------------------


def test_unknown_server_type_is_kept_whole() -> None:
    raw = {"type": "mcp_list_tools.completed", "event_id": "e", "item_id": "i"}
    event = decode_dict(raw)
    assert event == UnknownServerEvent("mcp_list_tools.completed", raw)
    assert codec.wire_type(event) == "mcp_list_tools.completed"
    assert json.loads(codec.encode(event)) == raw


def test_event_with_an_unknown_item_is_kept_whole_and_says_why() -> None:
    item = {"type": "mcp_call", "id": "item_1", "name": "search"}
    raw = {"type": "conversation.item.added", "event_id": "e", "item": item}
    problem = "`item`: an object of an unknown kind"
    event = decode_dict(raw)
    assert event == UnknownServerEvent("conversation.item.added", raw, problem)


def test_unknown_fields_are_ignored() -> None:
    event = decode_dict(
        {
            "type": "conversation.item.done",
            "event_id": "e",
            "novelty": 1,
            "item": {
                "type": "message",
                "role": "user",
                "phase": "x",
                "content": [{"type": "input_audio", "novelty": [1]}],
            },
        }
    )
    assert isinstance(event, server_events.ConversationItemDone)
    assert event.item == MessageItem(role="user", content=[InputAudio()])


def test_status_details_may_be_a_bare_string() -> None:
    response = {"id": "r", "status": "cancelled", "status_details": "turn_detected"}
    event = decode_dict(
        {"type": "response.done", "event_id": "e", "response": response}
    )
    assert isinstance(event, ResponseDone)
    assert event.response.reason == "turn_detected"


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"type": "cancelled", "reason": "client_cancelled"}, "client_cancelled"),
        ({"type": "failed", "error": {"code": "oops"}}, None),
        (None, None),
    ],
)
def test_reason_is_read_from_the_details(details: object, reason: str | None) -> None:
    response = {"id": "r", "status": "cancelled", "status_details": details}
    event = decode_dict(
        {"type": "response.done", "event_id": "e", "response": response}
    )
    assert isinstance(event, ResponseDone)
    assert event.response.reason == reason


def test_transcription_without_usage_is_accepted() -> None:
    event = decode_dict(
        {
            "type": "conversation.item.input_audio_transcription.completed",
            "event_id": "e",
            "item_id": "i",
            "content_index": 0,
            "transcript": "hello",
        }
    )
    assert isinstance(event, ConversationItemInputAudioTranscriptionCompleted)
    assert event.usage is msgspec.UNSET


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"", b"[" * 100_000, b"{]"])
def test_broken_server_json_is_the_peers_fault(raw: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="not JSON"):
        codec.decode_server(raw)


@pytest.mark.parametrize("raw", [b"[]", b"3", b"null", b'"text"'])
def test_server_message_is_an_object(raw: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="not an object"):
        codec.decode_server(raw)


def test_audio_delta_is_decoded_to_samples() -> None:
    event = decode_dict(
        {
            "type": "response.output_audio.delta",
            "event_id": "e",
            "response_id": "r",
            "item_id": "i",
            "output_index": 0,
            "content_index": 0,
            "delta": "AAEC",
        }
    )
    assert isinstance(event, ResponseOutputAudioDelta)
    assert event.delta == b"\x00\x01\x02"
