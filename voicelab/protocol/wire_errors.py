"""Every refusal of a client event, which a Realtime server answers with an `error`.

The texts and codes are those of the real endpoint, because clients match on
them. `param` is null where the real endpoint leaves it null. What ends a connection,
or does not let it begin, is in `connection_errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self, TypeAlias

from voicelab.protocol.close_codes import CLOSE_GOING_AWAY
from voicelab.protocol.limits import MAX_EVENT_BYTES, MAX_QUOTED_CHARACTERS
from voicelab.protocol.server_events import ErrorDetail, ErrorEvent

_MAX_MESSAGE_CHARACTERS = 2000
_ELLIPSIS = "..."

ItemAction: TypeAlias = Literal["truncate", "delete", "retrieve"]

WEBSOCKET_EVENT_TYPES = (
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.truncate",
    "conversation.item.delete",
    "conversation.item.retrieve",
    "response.create",
    "response.cancel",
)
"""What a client may send over a WebSocket, in the order the endpoint lists it."""

CODES = frozenset(
    {
        "array_above_max_length",
        "array_below_min_length",
        "beta_api_shape_disabled",
        "cannot_update_speed",
        "cannot_update_voice",
        "conversation_already_has_active_response",
        "decimal_above_max_value",
        "decimal_below_min_value",
        "input_audio_buffer_commit_empty",
        "input_audio_buffer_full",
        "integer_above_max_value",
        "integer_below_min_value",
        "invalid_api_key",
        "invalid_call_id",
        "invalid_event",
        "invalid_json",
        "invalid_model",
        "invalid_type",
        "invalid_value",
        "item_create_duplicate_item_id",
        "item_create_invalid_previous_item_id",
        "item_delete_invalid_item_id",
        "item_retrieve_invalid_item_id",
        "item_truncate_invalid_item_id",
        "missing_model",
        "missing_required_parameter",
        "object_above_max_length",
        "object_too_large",
        "response_cancel_not_active",
        "session_expired",
        "session_idle",
        "string_above_max_length",
        "too_many_responses",
        "too_many_sessions",
        "unknown_parameter",
        "unsupported_content_type",
        "unsupported_intent",
    }
)
"""Every code that an `error` event may have."""

_GERUND: dict[ItemAction, str] = {
    "truncate": "truncating",
    "delete": "deleting",
    "retrieve": "retrieving",
}


class WireError(Exception):
    """A client event, or the connection itself, is refused.

    Attributes:
        type: the class of error; the endpoint uses one for all of these.
        code: what clients match on.
        message: one sentence for people, of a length fit for them.
        param: the dotted path of the offending field, or None.
        event_id: the id of the client event at fault, or None.
        close_code: the WebSocket code to close with, or None where the session
            stays open.
    """

    type = "invalid_request_error"

    def __init__(
        self,
        code: str | None,
        message: str,
        *,
        param: str | None = None,
        event_id: str | None = None,
        close_code: int | None = None,
    ) -> None:
        self.message = _clipped(message, _MAX_MESSAGE_CHARACTERS)
        super().__init__(self.message)
        self.code = code
        self.param = param and _clipped(param, _MAX_MESSAGE_CHARACTERS)
        self.event_id = event_id
        self.close_code = close_code

    @property
    def close_reason(self) -> str:
        """The reason to close with: the text at expiry, else type and code."""
        if self.close_code == CLOSE_GOING_AWAY:
            return self.message
        return f"{self.type}.{self.code}"

    def caused_by(self, event_id: str | None) -> Self:
        """Name the client event at fault, unless one is named; return self."""
        self.event_id = self.event_id or event_id
        return self

    def to_event(self, event_id: str) -> ErrorEvent:
        """Return the `error` event to send, itself identified by `event_id`."""
        detail = ErrorDetail(
            type=self.type,
            code=self.code,
            message=self.message,
            param=self.param,
            event_id=self.event_id,
        )
        return ErrorEvent(event_id=event_id, error=detail)


# --- the shape of an event ---------------------------------------------------


def invalid_json() -> WireError:
    """Return the refusal of a text frame that is not JSON."""
    # The space at the end is the endpoint's.
    return WireError("invalid_json", "Invalid event: failed to parse JSON value. ")


def not_an_object() -> WireError:
    """Return the refusal of JSON that is not an object.

    The endpoint's own text is not on record; the code is that of a bad envelope.
    """
    return WireError("invalid_event", "Invalid event: expected a JSON object.")


def binary_frame() -> WireError:
    """Return the refusal of a binary frame."""
    return WireError(
        "invalid_event",
        "Expected a text WebSocket message; binary frames are not supported.",
    )


def unknown_event_type(event_type: str) -> WireError:
    """Return the refusal of an event whose `type` no WebSocket client may send."""
    return invalid_value("type", event_type, WEBSOCKET_EVENT_TYPES)


def missing_parameter(param: str) -> WireError:
    """Return the refusal of an event without the field at `param`."""
    return WireError(
        "missing_required_parameter",
        f"Missing required parameter: '{param}'.",
        param=param,
    )


def unknown_parameter(param: str) -> WireError:
    """Return the refusal of a field, at `param`, that does not exist."""
    return WireError("unknown_parameter", f"Unknown parameter: '{param}'.", param=param)


def invalid_type(param: str, expected: str, got: str) -> WireError:
    """Return the refusal of a value of the wrong JSON type.

    Args:
        param: the dotted path of the field.
        expected: the right type with its article, such as `a string`.
        got: the type found, in the same form.
    """
    return WireError(
        "invalid_type",
        f"Invalid type for '{param}': expected {expected}, but got {got} instead.",
        param=param,
    )


def invalid_value(param: str, value: str, supported: Sequence[str]) -> WireError:
    """Return the refusal of a value that is not one of those `supported`."""
    return WireError(
        "invalid_value",
        f"Invalid value: '{quoted(value)}'. Supported values are: "
        f"{_listed(supported)}.",
        param=param,
    )


def below_minimum(param: str, minimum: float, value: float) -> WireError:
    """Return the refusal of a number below the least one allowed."""
    kind = _number_kind(minimum, value)
    return WireError(
        f"{kind}_below_min_value",
        f"Invalid '{param}': {kind} below minimum value. "
        f"Expected a value >= {minimum}, but got {value} instead.",
        param=param,
    )


def above_maximum(param: str, maximum: float, value: float) -> WireError:
    """Return the refusal of a number above the greatest one allowed."""
    kind = _number_kind(maximum, value)
    return WireError(
        f"{kind}_above_max_value",
        f"Invalid '{param}': {kind} above maximum value. "
        f"Expected a value <= {maximum}, but got {value} instead.",
        param=param,
    )


def too_many(param: str, kind: str, maximum: int, count: int) -> WireError:
    """Return the refusal of an `array` or `object` with too many members."""
    return WireError(
        f"{kind}_above_max_length",
        f"Invalid '{param}': {kind} too long. Expected {kind} with maximum length "
        f"{maximum}, but got {kind} with length {count} instead.",
        param=param,
    )


def too_few(param: str, kind: str, minimum: int, count: int) -> WireError:
    """Return the refusal of an `array` or `object` with too few members."""
    return WireError(
        f"{kind}_below_min_length",
        f"Invalid '{param}': {kind} too short. Expected {kind} with minimum length "
        f"{minimum}, but got {kind} with length {count} instead.",
        param=param,
    )


def string_too_long(param: str, maximum: int, length: int | None) -> WireError:
    """Return the refusal of a text with too many characters.

    Args:
        param: the dotted path of the text, or of the object that holds it.
        maximum: how many characters it may have.
        length: how many it has, None if that is not known.
    """
    got = "longer one" if length is None else f"string with length {length}"
    return WireError(
        "string_above_max_length",
        f"Invalid '{param}': string too long. Expected a string with maximum length "
        f"{maximum}, but got a {got} instead.",
        param=param,
    )


def too_large(param: str, maximum_bytes: int, size_bytes: int) -> WireError:
    """Return the refusal of an object that the server could not repeat in an event.

    The endpoint's own text is not on record.
    """
    return WireError(
        "object_too_large",
        f"Invalid '{param}': object too large. Expected at most {maximum_bytes} bytes "
        f"of JSON, so that an event of {MAX_EVENT_BYTES} bytes can carry it, but got "
        f"{size_bytes} bytes instead.",
        param=param,
    )


def invalid_audio(param: str, problem: str = "an invalid value") -> WireError:
    """Return the refusal of audio that is not base64, is empty or is too long."""
    return WireError(
        "invalid_value",
        f"Invalid '{param}'. Expected base64-encoded audio bytes (mono PCM16 at "
        f"24kHz) but got {problem}.",
        param=param,
    )


# --- the state of the session ------------------------------------------------


def commit_too_small(buffered_ms: float) -> WireError:
    """Return the refusal to commit less than 100 ms of audio."""
    return WireError(
        "input_audio_buffer_commit_empty",
        "Error committing input audio buffer: buffer too small. Expected at least "
        f"100ms of audio, but buffer only has {buffered_ms:.2f}ms of audio.",
    )


def input_buffer_full(limit_ms: int) -> WireError:
    """Return the refusal to append more audio than the input buffer can hold.

    The endpoint's own limit and text are not on record.
    """
    return WireError(
        "input_audio_buffer_full",
        "Error appending to input audio buffer: buffer full. It holds at most "
        f"{limit_ms}ms of audio; commit or clear it first.",
    )


def truncate_too_long(have_ms: int, asked_ms: int) -> WireError:
    """Return the refusal to keep more audio than an item has."""
    return WireError(
        "invalid_value",
        f"Audio content of {have_ms}ms is already shorter than {asked_ms}ms",
    )


def truncate_not_audio() -> WireError:
    """Return the refusal to truncate what is not, or not yet, agent audio."""
    return WireError(
        "unsupported_content_type",
        "Only model output audio messages can be truncated",
    )


def item_not_found(action: ItemAction, item_id: str) -> WireError:
    """Return the refusal to act on an item that the conversation lacks."""
    return WireError(
        f"item_{action}_invalid_item_id",
        f"Error {_GERUND[action]} item: the item with id '{quoted(item_id)}' does "
        "not exist.",
    )


def previous_item_not_found(item_id: str) -> WireError:
    """Return the refusal to insert an item after one that does not exist.

    The endpoint's own text is not on record; this follows its siblings.
    """
    return WireError(
        "item_create_invalid_previous_item_id",
        f"Error adding item: the previous item with id '{quoted(item_id)}' does not "
        "exist.",
        param="previous_item_id",
    )


def duplicate_item_id(item_id: str) -> WireError:
    """Return the refusal to create an item under an id that is taken.

    The endpoint's own text is not on record; this follows its siblings.
    """
    return WireError(
        "item_create_duplicate_item_id",
        f"Error adding item: an item with id '{item_id}' already exists.",
        param="item.id",
    )


def cancel_not_active() -> WireError:
    """Return the refusal to cancel where nothing is being generated."""
    return WireError(
        "response_cancel_not_active",
        "Cancellation failed: no active response found",
    )


def active_response(response_id: str) -> WireError:
    """Return the refusal of a second response beside the conversation's own."""
    return WireError(
        "conversation_already_has_active_response",
        "Conversation already has an active response in progress: "
        f"{response_id}. Wait until the response is finished before creating a new "
        "one.",
    )


def too_many_responses(maximum: int) -> WireError:
    """Return the refusal of one more response beside the conversation's.

    The endpoint's own limit and text are not on record.
    """
    return WireError(
        "too_many_responses",
        f"Cannot create response: {maximum} out-of-band responses are in progress. "
        "Wait until one is finished before creating a new one.",
    )


def voice_locked() -> WireError:
    """Return the refusal to change the voice once the agent has spoken."""
    return WireError(
        "cannot_update_voice",
        "Cannot update a conversation's voice if assistant audio is present.",
    )


def speed_locked() -> WireError:
    """Return the refusal to change the speed of what is being said.

    The API's reference says that it can only be changed between the model's turns;
    the endpoint's own code and text are not on record.
    """
    return WireError(
        "cannot_update_speed",
        "Cannot update the output speed while a response is in progress. Wait until "
        "the response is finished before changing it.",
    )


def _number_kind(*values: float) -> str:
    return "integer" if all(isinstance(value, int) for value in values) else "decimal"


def quoted(value: str) -> str:
    """Return a client's value at a length fit for a message."""
    return _clipped(value, MAX_QUOTED_CHARACTERS)


def _clipped(text: str, most: int) -> str:
    """Return a text with its middle left out if it is longer than `most`."""
    if len(text) <= most:
        return text
    half = (most - len(_ELLIPSIS)) // 2
    return f"{text[:half]}{_ELLIPSIS}{text[-half:]}"


def _listed(values: Sequence[str]) -> str:
    named = [f"'{value}'" for value in values]
    if len(named) < 3:  # noqa: PLR2004 - a pair takes no comma
        return " and ".join(named)
    return f"{', '.join(named[:-1])}, and {named[-1]}"
