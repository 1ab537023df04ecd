from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from voicelab.protocol import codec, refusals
from voicelab.protocol.client_events import InputAudioBufferAppend
from voicelab.protocol.limits import MAX_APPEND_BYTES
from voicelab.protocol.wire_errors import WireError


def refusal(raw: bytes | str | dict[str, Any]) -> WireError:
    with pytest.raises(WireError) as caught:
        codec.decode_client(json.dumps(raw) if isinstance(raw, dict) else raw)
    return caught.value


def user(*content: dict[str, Any], **fields: object) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": list(content), **fields}


def create(item: object) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": item}


def respond(**fields: object) -> dict[str, Any]:
    return {"type": "response.create", "response": fields}


TEXT = {"type": "input_text", "text": "hello"}
TRUNCATE = {
    "type": "conversation.item.truncate",
    "item_id": "i",
    "content_index": 0,
    "audio_end_ms": 0,
}


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({}, "type"),
        ({"type": "session.update"}, "session"),
        ({"type": "input_audio_buffer.append"}, "audio"),
        ({"type": "conversation.item.truncate", "item_id": "i"}, "content_index"),
        (create({"role": "user"}), "item.type"),
        (create({"type": "message", "role": "user"}), "item.content"),
        (create(user(TEXT, {"type": "input_text"})), "item.content[1].text"),
        (create({"type": "function_call_output", "output": ""}), "item.call_id"),
        (
            respond(input=[user(TEXT), user({"type": "input_text"})]),
            "response.input[1].content[0].text",
        ),
    ],
)
def test_missing_parameter_is_named(event: dict[str, Any], param: str) -> None:
    error = refusal(event)
    assert error.code == "missing_required_parameter"
    assert error.param == param
    assert error.message == f"Missing required parameter: '{param}'."


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "input_audio_buffer.commit", "x": 1}, "x"),
        (create(user(TEXT, color="red")), "item.color"),
        (create(user(TEXT, call_id=None)), "item.call_id"),
        (create(user(TEXT, TEXT | {"z": 1})), "item.content[1].z"),
        (respond(modalities=["text"]), "response.modalities"),
        (respond(input=[user(TEXT | {"z": 1})]), "response.input[0].content[0].z"),
        (
            respond(input=[{"type": "item_reference", "id": "i", "z": 1}]),
            "response.input[0].z",
        ),
    ],
)
def test_unknown_parameter_is_named(event: dict[str, Any], param: str) -> None:
    error = refusal(event)
    assert error.code == "unknown_parameter"
    assert error.message == f"Unknown parameter: '{param}'."
    assert error.param == param


@pytest.mark.parametrize(
    ("event", "param", "expected", "got"),
    [
        ({"type": 3}, "type", "a string", "an integer"),
        ({"type": None}, "type", "a string", "null"),
        ({"type": True}, "type", "a string", "a boolean"),
        ({"type": 1.5}, "type", "a string", "a number"),
        ({"type": []}, "type", "a string", "an array"),
        ({"type": {}}, "type", "a string", "an object"),
        (
            {"type": "session.update", "session": []},
            "session",
            "an object",
            "an array",
        ),
        (
            {"type": "input_audio_buffer.append", "audio": None},
            "audio",
            "a string",
            "null",
        ),
        (TRUNCATE | {"audio_end_ms": 1.5}, "audio_end_ms", "an integer", "a number"),
        (TRUNCATE | {"audio_end_ms": True}, "audio_end_ms", "an integer", "a boolean"),
        (TRUNCATE | {"item_id": 3}, "item_id", "a string", "an integer"),
        (create("x"), "item", "an object", "a string"),
        (create(user() | {"content": "hello"}), "item.content", "an array", "a string"),
        (respond(tools=[3]), "response.tools[0]", "an object", "an integer"),
        (respond(metadata={"a": 1}), "response.metadata", "a string", "an integer"),
        (
            respond(tool_choice=3),
            "response.tool_choice",
            "one of a string or an object",
            "an integer",
        ),
    ],
)
def test_wrong_type_is_explained(
    event: dict[str, Any], param: str, expected: str, got: str
) -> None:
    error = refusal(event)
    assert error.code == "invalid_type"
    assert error.param == param
    assert error.message == (
        f"Invalid type for '{param}': expected {expected}, but got {got} instead."
    )


@pytest.mark.parametrize(
    ("event", "param", "supported"),
    [
        (
            create({"type": "item_reference", "id": "i"}),
            "item.type",
            "'message', 'function_call', and 'function_call_output'",
        ),
        (
            respond(input=[{"type": "x"}]),
            "response.input[0].type",
            "'message', 'function_call', 'function_call_output', and 'item_reference'",
        ),
        (
            create(user({"type": "text", "text": ""})),
            "item.content[0].type",
            (
                "'input_text', 'input_audio', 'input_image', 'output_text', and "
                "'output_audio'"
            ),
        ),
        (
            create(user({"type": "output_text", "text": ""})),
            "item.content[0].type",
            "'input_text', 'input_audio', and 'input_image'",
        ),
        (
            create(user(TEXT, role="assistant")),
            "item.content[0].type",
            "'output_text' and 'output_audio'",
        ),
        (
            create(user({"type": "input_audio"}, role="system")),
            "item.content[0].type",
            "'input_text'",
        ),
        (create(user(role="bot")), "item.role", "'system', 'user', and 'assistant'"),
        (
            create(user(status="done")),
            "item.status",
            "'completed', 'incomplete', and 'in_progress'",
        ),
        (create(user(object="thing")), "item.object", "'realtime.item'"),
        (
            create(user({"type": "input_image", "image_url": "", "detail": "x"})),
            "item.content[0].detail",
            "'auto', 'low', and 'high'",
        ),
        (respond(conversation="x"), "response.conversation", "'auto' and 'none'"),
        (
            respond(output_modalities=["audio", "x"]),
            "response.output_modalities[1]",
            "'text' and 'audio'",
        ),
        (
            respond(tool_choice="x"),
            "response.tool_choice",
            "'none', 'auto', and 'required'",
        ),
        (respond(max_output_tokens="x"), "response.max_output_tokens", "'inf'"),
    ],
)
def test_unsupported_value_lists_what_is_supported(
    event: dict[str, Any], param: str, supported: str
) -> None:
    error = refusal(event)
    assert error.code == "invalid_value"
    assert error.param == param
    assert error.message.startswith("Invalid value: '")
    assert error.message.endswith(f"'. Supported values are: {supported}.")


def test_unknown_type_lists_the_event_types() -> None:
    error = refusal({"type": "it's - at `$.x`", "event_id": "mine"})
    assert error.message.startswith(
        "Invalid value: 'it's - at `$.x`'. Supported values are: 'session.update', "
    )
    assert (error.code, error.param, error.event_id) == (
        "invalid_value",
        "type",
        "mine",
    )


@pytest.mark.parametrize("audio", ["AAA", "A&&=", "AA\nAA", "Ä"])
def test_bad_base64_is_refused(audio: str) -> None:
    error = refusal({"type": "input_audio_buffer.append", "audio": audio})
    assert (error.code, error.param) == ("invalid_value", "audio")
    assert error.message.endswith("but got an invalid value.")


def test_bad_base64_inside_an_item_is_refused() -> None:
    error = refusal(create(user(TEXT, {"type": "input_audio", "audio": "A&"})))
    assert (error.code, error.param) == ("invalid_value", "item.content[1].audio")
    assert error.message.startswith("Invalid 'item.content[1].audio'. Expected base64")


def test_empty_audio_is_refused() -> None:
    error = refusal({"type": "input_audio_buffer.append", "audio": ""})
    assert (error.code, error.param) == ("invalid_value", "audio")
    assert error.message.endswith("but got empty bytes.")


def test_audio_beyond_the_limit_is_refused() -> None:
    raw = codec.encode(InputAudioBufferAppend(audio=bytes(MAX_APPEND_BYTES + 1)))
    error = refusal(raw)
    assert (error.code, error.param) == ("invalid_value", "audio")
    assert error.message.endswith("but got more than 15728640 bytes.")


def test_negative_position_is_refused() -> None:
    error = refusal(TRUNCATE | {"audio_end_ms": -5})
    assert error.code == "integer_below_min_value"
    assert error.message == (
        "Invalid 'audio_end_ms': integer below minimum value. "
        "Expected a value >= 0, but got -5 instead."
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"type":"nope"',
        b'{"type":"x\xff"}',
        b'{"type":"session.update","session":{"a":' + b"[" * 100_000,
        b'{"type":"session.update","session":{"a":1e999}}',
        '{"type":"\ud800"}',
    ],
)
def test_what_is_not_json_is_refused_as_such(raw: bytes | str) -> None:
    error = refusal(raw)
    assert (error.code, error.param, error.event_id) == ("invalid_json", None, None)


def test_words_that_no_rule_knows_are_passed_on() -> None:
    cause = msgspec.ValidationError("Too odd - at `$.item.role`")
    error = refusals.explain(json.dumps(create(user(TEXT))), cause)
    assert (error.code, error.param) == ("invalid_value", "item.role")
    assert error.message == "Invalid 'item.role': Too odd."


@pytest.mark.parametrize("raw", ["[]", "3", "null", '"session.update"'])
def test_json_that_is_not_an_object_is_refused(raw: str) -> None:
    assert refusal(raw).code == "invalid_event"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "session.update", "event_id": "mine"},
        {"type": "nope", "event_id": "mine"},
        create(user(TEXT, z=1)) | {"event_id": "mine"},
        create(user({"type": "output_text", "text": ""})) | {"event_id": "mine"},
    ],
)
def test_client_id_is_echoed(event: dict[str, Any]) -> None:
    assert refusal(event).event_id == "mine"


@pytest.mark.parametrize("event_id", [3, None, ["mine"]])
def test_client_id_of_the_wrong_type_is_not_echoed(event_id: object) -> None:
    error = refusal({"type": "response.cancel", "event_id": event_id})
    assert (error.code, error.param, error.event_id) == (
        "invalid_type",
        "event_id",
        None,
    )
