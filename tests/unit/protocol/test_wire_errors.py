"""All refusals: of events, and those that end the connection."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from tests.support.sdk import assert_valid_server_event
from voicelab.protocol import codec, connection_errors, wire_errors
from voicelab.protocol.wire_errors import WireError

# The texts and codes that the real endpoint was seen to send.
Make: TypeAlias = Callable[..., WireError]
OBSERVED: list[tuple[Make, tuple[Any, ...], str, str, str | None]] = [
    (
        wire_errors.invalid_json,
        (),
        "invalid_json",
        "Invalid event: failed to parse JSON value. ",
        None,
    ),
    (
        wire_errors.binary_frame,
        (),
        "invalid_event",
        "Expected a text WebSocket message; binary frames are not supported.",
        None,
    ),
    (
        wire_errors.unknown_event_type,
        ("nope",),
        "invalid_value",
        (
            "Invalid value: 'nope'. Supported values are: 'session.update', "
            "'input_audio_buffer.append', 'input_audio_buffer.commit', "
            "'input_audio_buffer.clear', 'conversation.item.create', "
            "'conversation.item.truncate', 'conversation.item.delete', "
            "'conversation.item.retrieve', 'response.create', and 'response.cancel'."
        ),
        "type",
    ),
    (
        wire_errors.missing_parameter,
        ("session.type",),
        "missing_required_parameter",
        "Missing required parameter: 'session.type'.",
        "session.type",
    ),
    (
        wire_errors.unknown_parameter,
        ("session.bogus_field",),
        "unknown_parameter",
        "Unknown parameter: 'session.bogus_field'.",
        "session.bogus_field",
    ),
    (
        wire_errors.invalid_type,
        ("session.model", "a string", "an integer"),
        "invalid_type",
        (
            "Invalid type for 'session.model': expected a string, but got an integer "
            "instead."
        ),
        "session.model",
    ),
    (
        wire_errors.invalid_value,
        ("session.type", "x", ["realtime", "transcription"]),
        "invalid_value",
        "Invalid value: 'x'. Supported values are: 'realtime' and 'transcription'.",
        "session.type",
    ),
    (
        wire_errors.invalid_audio,
        ("audio",),
        "invalid_value",
        (
            "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at "
            "24kHz) but got an invalid value."
        ),
        "audio",
    ),
    (
        wire_errors.below_minimum,
        ("session.audio.input.format.rate", 24000, 8000),
        "integer_below_min_value",
        (
            "Invalid 'session.audio.input.format.rate': integer below minimum value. "
            "Expected a value >= 24000, but got 8000 instead."
        ),
        "session.audio.input.format.rate",
    ),
    (
        wire_errors.above_maximum,
        ("session.audio.output.speed", 1.5, 2),
        "decimal_above_max_value",
        (
            "Invalid 'session.audio.output.speed': decimal above maximum value. "
            "Expected a value <= 1.5, but got 2 instead."
        ),
        "session.audio.output.speed",
    ),
    (
        wire_errors.too_many,
        ("session.output_modalities", "array", 1, 2),
        "array_above_max_length",
        (
            "Invalid 'session.output_modalities': array too long. Expected array with "
            "maximum length 1, but got array with length 2 instead."
        ),
        "session.output_modalities",
    ),
    (
        wire_errors.too_few,
        ("session.output_modalities", "array", 1, 0),
        "array_below_min_length",
        (
            "Invalid 'session.output_modalities': array too short. Expected array with "
            "minimum length 1, but got array with length 0 instead."
        ),
        "session.output_modalities",
    ),
    (
        wire_errors.commit_too_small,
        (0,),
        "input_audio_buffer_commit_empty",
        (
            "Error committing input audio buffer: buffer too small. Expected at least "
            "100ms of audio, but buffer only has 0.00ms of audio."
        ),
        None,
    ),
    (
        wire_errors.truncate_too_long,
        (9250, 57340),
        "invalid_value",
        "Audio content of 9250ms is already shorter than 57340ms",
        None,
    ),
    (
        wire_errors.truncate_not_audio,
        (),
        "unsupported_content_type",
        "Only model output audio messages can be truncated",
        None,
    ),
    (
        wire_errors.item_not_found,
        ("truncate", "x"),
        "item_truncate_invalid_item_id",
        "Error truncating item: the item with id 'x' does not exist.",
        None,
    ),
    (
        wire_errors.item_not_found,
        ("delete", "x"),
        "item_delete_invalid_item_id",
        "Error deleting item: the item with id 'x' does not exist.",
        None,
    ),
    (
        wire_errors.item_not_found,
        ("retrieve", "x"),
        "item_retrieve_invalid_item_id",
        "Error retrieving item: the item with id 'x' does not exist.",
        None,
    ),
    (
        wire_errors.cancel_not_active,
        (),
        "response_cancel_not_active",
        "Cancellation failed: no active response found",
        None,
    ),
    (
        wire_errors.active_response,
        ("resp_1",),
        "conversation_already_has_active_response",
        (
            "Conversation already has an active response in progress: resp_1. Wait "
            "until the response is finished before creating a new one."
        ),
        None,
    ),
    (
        wire_errors.voice_locked,
        (),
        "cannot_update_voice",
        "Cannot update a conversation's voice if assistant audio is present.",
        None,
    ),
    (
        connection_errors.session_expired,
        (),
        "session_expired",
        "Your session hit the maximum duration of 60 minutes.",
        None,
    ),
    (
        connection_errors.beta_api_shape_disabled,
        (),
        "beta_api_shape_disabled",
        (
            "The Realtime Beta API is no longer supported. Please use /v1/realtime for "
            "the GA API."
        ),
        None,
    ),
]
OTHERS: list[tuple[Make, tuple[Any, ...]]] = [
    (wire_errors.string_too_long, ("item.id", 512, 513)),
    (wire_errors.string_too_long, ("response.metadata", 64, None)),
    (wire_errors.too_large, ("session", 980_000, 980_001)),
    (wire_errors.input_buffer_full, (524_288,)),
    (wire_errors.too_many_responses, (4,)),
    (wire_errors.speed_locked, ()),
    (wire_errors.not_an_object, ()),
    (wire_errors.previous_item_not_found, ("x",)),
    (wire_errors.duplicate_item_id, ("x",)),
    (connection_errors.invalid_api_key, ()),
    (connection_errors.missing_model, ()),
    (connection_errors.invalid_model, ("m",)),
    (connection_errors.unsupported_intent, ("transcription",)),
    (connection_errors.no_such_call, ()),
    (connection_errors.too_many_sessions, (8,)),
    (connection_errors.session_idle, (30.0,)),
]


ALL = [(row[0], row[1]) for row in OBSERVED] + OTHERS


@pytest.mark.parametrize(("make", "args", "code", "message", "param"), OBSERVED)
def test_texts_are_those_of_the_endpoint(
    make: Make,
    args: tuple[Any, ...],
    code: str,
    message: str,
    param: str | None,
) -> None:
    error = make(*args)
    assert (error.code, error.message, error.param) == (code, message, param)
    assert str(error) == message


@pytest.mark.parametrize(("make", "args"), ALL)
def test_every_error_is_a_valid_event(make: Make, args: tuple[Any, ...]) -> None:
    event = make(*args).to_event("event_9")
    assert event.event_id == "event_9"
    assert event.error.type == "invalid_request_error"
    assert_valid_server_event(codec.encode(event))


@pytest.mark.parametrize(("make", "args"), ALL)
def test_every_code_is_listed(make: Make, args: tuple[Any, ...]) -> None:
    assert make(*args).code in wire_errors.CODES


def test_a_message_stays_one_that_people_read() -> None:
    huge = "x" * 1_000_000
    for make in (
        wire_errors.unknown_event_type,
        wire_errors.missing_parameter,
        wire_errors.unknown_parameter,
        wire_errors.previous_item_not_found,
        connection_errors.invalid_model,
    ):
        error = make(huge)
        assert len(codec.encode(error.to_event("e"))) < 10_000
        assert "x..." in error.message
        assert error.message.endswith(make("x").message[-3:])


def test_every_constructor_is_tried_here() -> None:
    public = {
        function
        for module in (wire_errors, connection_errors)
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if inspect.signature(function).return_annotation == "WireError"
    }
    assert {make for make, _ in ALL} == public


def test_client_event_id_is_echoed_once_known() -> None:
    error = wire_errors.cancel_not_active()
    assert error.to_event("event_1").error.event_id is None
    assert error.caused_by("mine") is error
    assert error.to_event("event_1").error.event_id == "mine"
    assert error.caused_by("other").event_id == "mine"


def test_errors_of_events_leave_the_session_open() -> None:
    closing = {make for make, args in ALL if make(*args).close_code}
    assert closing == {
        make for make, _ in ALL if make.__module__.endswith("connection_errors")
    }
