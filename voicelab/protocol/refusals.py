"""Turns what the JSON decoder says about a client event into a `WireError`.

The decoder stops at the first fault and describes it in words with the path of
the value; the rules below are the only place that knows those words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, get_args

import msgspec
from msgspec import UNSET, Struct

from voicelab.protocol import session_object, wire_errors
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.items import (
    ROLE_CONTENT,
    ContentPart,
    ImageDetail,
    InputImage,
    Item,
    ItemStatus,
    MessageItem,
    Role,
    tag_of,
    tags,
)
from voicelab.protocol.limits import MAX_ID_CHARACTERS
from voicelab.protocol.mcp_tool import McpTool
from voicelab.protocol.response_object import Modality
from voicelab.protocol.session_object import (
    FunctionChoice,
    FunctionTool,
    McpChoice,
    SemanticVad,
    ServerVad,
)
from voicelab.protocol.wire_errors import WireError

Caught: TypeAlias = Sequence[str]
Rule: TypeAlias = Callable[[str, Caught, Any], WireError]
"""Takes the path of the value, the groups of the rule's pattern, and the value."""

NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What the decoder raises at a text that is not JSON, or is nested absurdly."""

_AT = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
_INDEX = re.compile(r"\[[^]]*\]")
_STEP = re.compile(r"[^.\[\]]+")
_NAMES = {
    "str": "a string",
    "bytes": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "null": "null",
    "array": "an array",
    "object": "an object",
}
_JSON_TYPES = {
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    type(None): "null",
    list: "array",
    dict: "object",
}
_SUPPORTED: dict[str, tuple[str, ...]] = {
    "type": wire_errors.WEBSOCKET_EVENT_TYPES,
    "item.type": tags(Item),
    "input.type": (*tags(Item), "item_reference"),
    "content.type": tags(ContentPart),
    "object": ("realtime.item",),
    "role": get_args(Role),
    "status": get_args(ItemStatus),
    "detail": get_args(ImageDetail),
    "conversation": ("auto", "none"),
    "output_modalities": get_args(Modality),
    "tool_choice": ("none", "auto", "required"),
    "max_output_tokens": ("inf",),
    "session.type": ("realtime",),
    "format.type": tags(session_object.AudioFormat),
    "format.rate": ("24000",),
    "turn_detection.type": tags(ServerVad | SemanticVad),
    "eagerness": ("low", "medium", "high", "auto"),
    "noise_reduction.type": ("near_field", "far_field"),
    "tools.type": tags(FunctionTool | McpTool),
    "tool_choice.type": tags(FunctionChoice | McpChoice),
    "truncation": ("auto", "disabled"),
    "truncation.type": ("retention_ratio",),
    "tracing": ("auto",),
    "include": ("item.input_audio_transcription.logprobs",),
    "effort": ("minimal", "low", "medium", "high", "xhigh"),
    "delay": ("minimal", "low", "medium", "high", "xhigh"),
}


def explain(raw: bytes | str, cause: Exception) -> WireError:
    """Return the refusal of `raw`, which the decoder rejected with `cause`."""
    try:
        document = msgspec.json.decode(raw)
    except NOT_JSON:
        return wire_errors.invalid_json()
    if not isinstance(document, dict):
        return wire_errors.not_an_object()
    problem = str(cause)
    place = _AT.search(problem)
    path = ""
    if place is not None:
        problem = problem[: place.start()]
        path = place[1].lstrip(".").replace("[...]", "")
    error = _refusal(problem, path, _value_at(document, path))
    return error.caused_by(client_event_id(document))


def check_nested(event: ClientEvent, raw: bytes | str) -> None:
    """Refuse what the decoder lets pass inside an item or a response.

    Items are decoded by the structs that also read a server's events, which
    must tolerate fields of later versions; a client's slips must not pass.

    Raises:
        WireError: a field does not exist, or a message of this role cannot hold
            this content.
    """
    document = msgspec.json.decode(raw)
    try:
        _check(event, document, "")
    except WireError as error:
        raise error.caused_by(client_event_id(document)) from None


def client_event_id(document: Mapping[str, Any]) -> str | None:
    """Return the `event_id` of a client event, or None where none can be repeated."""
    event_id = document.get("event_id")
    if isinstance(event_id, str) and len(event_id) <= MAX_ID_CHARACTERS:
        return event_id
    return None


def _refusal(problem: str, path: str, value: Any) -> WireError:
    for pattern, rule in _RULES:
        match = pattern.match(problem)
        if match:
            return rule(path, match.groups(""), value)
    # Another release of the decoder may word things in another way.
    return WireError("invalid_value", f"Invalid '{path}': {problem}.", param=path)


def _missing(path: str, caught: Caught, _value: Any) -> WireError:
    return wire_errors.missing_parameter(_join(path, caught[0]))


def _unknown(path: str, caught: Caught, _value: Any) -> WireError:
    return wire_errors.unknown_parameter(_join(path, caught[0]))


def _unsupported(path: str, _caught: Caught, value: Any) -> WireError:
    steps = _INDEX.sub("", path).split(".")
    supported = _SUPPORTED.get(".".join(steps[-2:])) or _SUPPORTED.get(steps[-1])
    if supported is None:
        return WireError("invalid_value", f"Invalid value: '{value}'.", param=path)
    return wire_errors.invalid_value(path, str(value), supported)


def _below(path: str, caught: Caught, value: Any) -> WireError:
    return wire_errors.below_minimum(path, _limit(*caught), value)


def _above(path: str, caught: Caught, value: Any) -> WireError:
    return wire_errors.above_maximum(path, _limit(*caught), value)


def _limit(kind: str, text: str) -> float:
    return int(text) if kind == "int" else float(text)


def _too_long(path: str, caught: Caught, value: Any) -> WireError:
    return wire_errors.too_many(path, caught[0], int(caught[1]), len(value))


def _long_text(path: str, caught: Caught, value: Any) -> WireError:
    # The decoder does not say which entry of an object it means.
    length = len(value) if isinstance(value, str) else None
    return wire_errors.string_too_long(path, int(caught[0]), length)


def _too_short(path: str, caught: Caught, value: Any) -> WireError:
    return wire_errors.too_few(path, caught[0], int(caught[1]), len(value))


def _empty_audio(path: str, _caught: Caught, _value: Any) -> WireError:
    return wire_errors.invalid_audio(path, "empty bytes")


def _long_audio(path: str, caught: Caught, _value: Any) -> WireError:
    return wire_errors.invalid_audio(path, f"more than {caught[0]} bytes")


def _not_base64(path: str, _caught: Caught, _value: Any) -> WireError:
    return wire_errors.invalid_audio(path)


def _wrong_type(path: str, caught: Caught, value: Any) -> WireError:
    expected = [_NAMES[name] for name in caught[0].split(" | ")]
    wanted = expected[0] if len(expected) == 1 else f"one of {' or '.join(expected)}"
    found = caught[1] if caught[1] in _NAMES else _JSON_TYPES[type(value)]
    return wire_errors.invalid_type(path, wanted, _NAMES[found])


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(r"Object missing required field `(.*)`$", re.DOTALL), _missing),
    (re.compile(r"Object contains unknown field `(.*)`$", re.DOTALL), _unknown),
    (re.compile(r"Invalid (?:enum )?value "), _unsupported),
    (re.compile(r"Invalid base64 encoded string$"), _not_base64),
    (re.compile(r"Expected `(int|float)` >= (\S+)$"), _below),
    (re.compile(r"Expected `(int|float)` <= (\S+)$"), _above),
    (re.compile(r"Expected `(array|object)` of length >= (\d+)$"), _too_short),
    (re.compile(r"Expected `(array|object)` of length <= (\d+)$"), _too_long),
    (re.compile(r"Expected `str` of length <= (\d+)$"), _long_text),
    (re.compile(r"Expected `bytes` of length >= \d+$"), _empty_audio),
    (re.compile(r"Expected `bytes` of length <= (\d+)$"), _long_audio),
    (re.compile(r"Expected `([^`]+)`(?:, got `([^`]+)`)?$"), _wrong_type),
)


def _check(value: Any, raw: Any, path: str) -> None:
    if isinstance(value, list):
        for index, (member, member_raw) in enumerate(zip(value, raw, strict=True)):
            _check(member, member_raw, f"{path}[{index}]")
    elif isinstance(value, Struct):
        fields = value.__struct_fields__
        for name, child in raw.items():
            here = _join(path, name)
            if name in fields:
                _check(getattr(value, name), child, here)
            elif name != value.__struct_config__.tag_field:
                raise wire_errors.unknown_parameter(here)
        if isinstance(value, MessageItem):
            _check_content(value, path)
        if isinstance(value, Item):
            _check_id(value, path)


def _check_content(message: MessageItem, path: str) -> None:
    allowed = ROLE_CONTENT[message.role]
    for index, part in enumerate(message.content):
        if not isinstance(part, allowed):
            raise wire_errors.invalid_value(
                f"{path}.content[{index}].type",
                tag_of(part),
                [tag_of(kind) for kind in allowed],
            )
        if isinstance(part, InputImage) and part.image_url is UNSET:
            raise wire_errors.missing_parameter(f"{path}.content[{index}].image_url")


def _check_id(item: Item, path: str) -> None:
    length = 0 if item.id is UNSET else len(item.id)
    if length > MAX_ID_CHARACTERS:
        raise wire_errors.string_too_long(f"{path}.id", MAX_ID_CHARACTERS, length)


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _value_at(document: Any, path: str) -> Any:
    value = document
    for step in _STEP.findall(path):
        value = value[int(step)] if isinstance(value, list) else value.get(step)
    return value
