"""The beta dialect: what the Realtime API spoke before it was generally available.

The real endpoint refuses it today; clients that have not moved on can still be
tested. Names and shapes are those of the published SDK's `types.beta.realtime`.

* A session is flat (`voice`, `input_audio_format`, ...) where GA nests.
* `response.audio.*`, `response.audio_transcript.*` and `response.text.*` are GA's
  `response.output_*`; contents of agent items are `text` and `audio`.
* An item is announced once, by `conversation.item.created`; GA says `added`, then
  `done`.
* `modalities` lists what the agent may do, both for speech; GA has one of them. The
  endpoint refused `["audio"]` alone; here it means what it says.
* `temperature` is gone; it is taken and passed over.

What has no counterpart stays as it is: in a client's message the session refuses it
by name, in a server's message a client ignores what it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from voicelab.protocol.beta_names import (
    AUDIO_FORMATS,
    BETA_FIELDS,
    RESPONSE_PLACES,
    SESSION_PLACES,
    Path,
    beta_param,
)
from voicelab.protocol.refusals import NOT_JSON

Document: TypeAlias = dict[str, Any]

_TRANSLATED = (b"session.update", b"conversation.item.create", b"response.create")
_CONTENT_TO_GA = {"text": "output_text", "audio": "output_audio"}
_CONTENT_TO_BETA = {ga: beta for beta, ga in _CONTENT_TO_GA.items()}
_FORMATS_TO_BETA = {ga: beta for beta, ga in AUDIO_FORMATS.items()}
_PCM_RATE_HZ = 24_000
_SPOKEN = (["audio"], ["text", "audio"], ["audio", "text"])
_SERVER_VAD = "server_vad"

_RENAMED_STEMS = {
    "response.output_audio.": "response.audio.",
    "response.output_audio_transcript.": "response.audio_transcript.",
    "response.output_text.": "response.text.",
}
_TYPE = b'{"type":"'
"""How every message of `codec.encode` begins."""

_encoder = msgspec.json.Encoder()


class BetaDialect:
    """Translates for a client of the beta protocol."""

    name = "beta"

    def client_to_ga(self, message: bytes) -> bytes:
        """Return a beta client's message as the session reads it."""
        if not any(name in message for name in _TRANSLATED):
            return message
        try:
            event = msgspec.json.decode(message)
        except NOT_JSON:
            return message
        if not isinstance(event, dict):
            return message
        translate = _FROM_CLIENT.get(str(event.get("type")))
        return message if translate is None else _encoder.encode(translate(event))

    def ga_to_client(self, message: bytes) -> list[bytes]:
        """Return what tells a beta client the same as a GA event."""
        event_type = message[len(_TYPE) : message.index(b'"', len(_TYPE))].decode()
        if event_type == "conversation.item.done":
            return []
        renamed = _renamed(event_type)
        if renamed != event_type:
            return [_TYPE + renamed.encode() + message[len(_TYPE) + len(event_type) :]]
        translate = _TO_CLIENT.get(event_type)
        if translate is None:
            return [message]
        return [_encoder.encode(translate(msgspec.json.decode(message)))]


def _renamed(event_type: str) -> str:
    for ga, beta in _RENAMED_STEMS.items():
        if event_type.startswith(ga):
            return beta + event_type.removeprefix(ga)
    return event_type


# --- from the client ---------------------------------------------------------


def _session_update(event: Document) -> Document:
    session = event.get("session")
    if not isinstance(session, dict):
        return event
    nested = _nested(session, SESSION_PLACES)
    return event | {"session": {"type": "realtime"} | nested}


def _response_create(event: Document) -> Document:
    response = event.get("response")
    if not isinstance(response, dict):
        return event
    nested = _nested(response, RESPONSE_PLACES)
    items = nested.get("input")
    if isinstance(items, list):
        nested["input"] = [_item_to_ga(item) for item in items]
    return event | {"response": nested}


def _item_create(event: Document) -> Document:
    return event | {"item": _item_to_ga(event.get("item"))}


def _item_to_ga(item: Any) -> Any:
    """Return an item with contents of the agent's named as GA names them."""
    if not isinstance(item, dict) or item.get("role") != "assistant":
        return item
    return _with_contents(item, _CONTENT_TO_GA)


def _with_contents(item: Document, names: Mapping[str, str]) -> Document:
    content = item.get("content")
    if not isinstance(content, list):
        return item
    return item | {"content": [_content(part, names) for part in content]}


def _content(part: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        return part
    return part | {"type": names.get(part["type"], part["type"])}


def _nested(flat: Document, places: Mapping[str, Path]) -> Document:
    """Return an object with its fields where GA has them."""
    nested = {key: value for key, value in flat.items() if key not in places}
    for key, place in places.items():
        if key in flat and not _put(nested, place, _value_to_ga(key, flat[key])):
            nested[key] = flat[key]  # the client mixed both shapes in one object
    nested.pop("temperature", None)
    return nested


def _put(document: Document, place: Sequence[str], value: Any) -> bool:
    """Put a value at its place; return whether there is room for it."""
    *holders, last = place
    for name in holders:
        inner = document.get(name, {})
        if not isinstance(inner, dict):
            return False
        copied = dict(inner)  # what the client sent is not to be written to
        document[name] = copied
        document = copied
    document[last] = value
    return True


def _value_to_ga(field: str, value: Any) -> Any:
    if field.endswith("_audio_format") and isinstance(value, str):
        return _format_to_ga(value)
    if field == "modalities":
        return ["audio"] if value in _SPOKEN else value
    if field == "turn_detection" and isinstance(value, dict):
        return {"type": _SERVER_VAD} | value
    return value


def _format_to_ga(name: str) -> Document:
    ga: Document = {"type": AUDIO_FORMATS.get(name, name)}
    if ga["type"] == "audio/pcm":
        ga["rate"] = _PCM_RATE_HZ
    return ga


# --- to the client -----------------------------------------------------------


def _session_event(event: Document) -> Document:
    return event | {"session": _flat(event["session"], SESSION_PLACES)}


def _response_event(event: Document) -> Document:
    response = _flat(event["response"], RESPONSE_PLACES)
    # In a response, and nowhere else, beta names this field as GA does.
    response["max_output_tokens"] = response.pop("max_response_output_tokens", "inf")
    output = [_with_contents(item, _CONTENT_TO_BETA) for item in response["output"]]
    return event | {"response": response | {"output": output}}


def _item_event(event: Document) -> Document:
    return event | {"item": _with_contents(event["item"], _CONTENT_TO_BETA)}


def _item_created(event: Document) -> Document:
    return _item_event(event) | {"type": "conversation.item.created"}


def _error(event: Document) -> Document:
    """Return an error in the words of what the client wrote."""
    error = event["error"]
    param = error["param"]
    if param is None:
        return event
    named = beta_param(param)
    message = error["message"].replace(f"'{param}'", f"'{named}'")
    if named.endswith("_audio_format"):
        for ga, beta in _FORMATS_TO_BETA.items():
            message = message.replace(f"'{ga}'", f"'{beta}'")
    return event | {"error": error | {"param": named, "message": message}}


def _flat(nested: Document, places: Mapping[str, Path]) -> Document:
    """Return an object with its fields where beta has them, and those alone."""
    flat = {key: value for key, value in nested.items() if key in BETA_FIELDS}
    for field, place in places.items():
        value: Any = nested
        for name in place:
            value = value.get(name, msgspec.UNSET) if isinstance(value, dict) else value
        if value is not msgspec.UNSET:
            flat[field] = _value_to_beta(field, value)
    return flat


def _value_to_beta(field: str, value: Any) -> Any:
    if field.endswith("_audio_format"):
        return _FORMATS_TO_BETA[value["type"]]
    if field == "modalities" and value == ["audio"]:
        return ["text", "audio"]
    return value


_FROM_CLIENT: Mapping[str, Callable[[Document], Document]] = {
    "session.update": _session_update,
    "conversation.item.create": _item_create,
    "response.create": _response_create,
}
_TO_CLIENT: Mapping[str, Callable[[Document], Document]] = {
    "session.created": _session_event,
    "session.updated": _session_event,
    "conversation.item.added": _item_created,
    "conversation.item.retrieved": _item_event,
    "response.created": _response_event,
    "response.done": _response_event,
    "response.output_item.added": _item_event,
    "response.output_item.done": _item_event,
    "error": _error,
}
