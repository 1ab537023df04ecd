"""Reads server events that are almost what the protocol says.

Servers that call themselves compatible leave fields out, send nulls and fractions
of milliseconds, name contents as the beta protocol did, or give an error as a bare
string. A client must survive all that. The codec comes here only with an event that
its strict decoder has refused, so what is right costs nothing extra.

The rules, from the structs' own types:

* a field that may be absent and cannot be read is treated as absent;
* a member of a list that cannot be read is left out;
* a whole number may come with a fraction, which is dropped; text may come as a number;
* a required field that is absent or null takes its stand-in, if it has one: an empty
  text, index 0, or `NOT_TOLD_MS` for a position;
* what then still lacks something is kept as it came, with the reason.

What single servers do otherwise is set right before, by `_HABITS`. Seen: xAI leaves
out `audio_start_ms`, `audio_end_ms`, the transcript of `.done` events and indices,
sends empty usages and, in `response.done`, usage beside the response; vLLM's `error`
is a string; Inworld documents contents of type `text` and `audio`; LocalAI and
Speaches leave out what they do not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cache
from typing import Any, TypeAlias, cast, get_args

import msgspec
from msgspec import Struct
from msgspec import inspect as mi

from voicelab.protocol.items import AudioPart, MessageItem, TextPart, tag_of
from voicelab.protocol.response_object import ResponseStatus, Usage
from voicelab.protocol.server_events import (
    ErrorEvent,
    ResponseContentPartAdded,
    ResponseContentPartDone,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    UnknownServerEvent,
)

Document: TypeAlias = dict[str, Any]

NOT_TOLD_MS = -1
"""Stands for a position that the server should have told and did not."""

_STAND_INS: Mapping[str, Any] = {
    "event_id": "",
    "response_id": "",
    "call_id": "",
    "id": "",
    "name": "",
    "arguments": "",
    "text": "",
    "transcript": "",
    "message": "",
    "type": "",
    "output_index": 0,
    "content_index": 0,
    "audio_start_ms": NOT_TOLD_MS,
    "audio_end_ms": NOT_TOLD_MS,
    "session": {},
    "content": [],
}
"""What a required field holds if the server left it out, by the field's name."""

_EXACT: Mapping[type[mi.Type], type] = {
    mi.StrType: str,
    mi.BytesType: bytes,
    mi.IntType: int,
    mi.FloatType: float,
    mi.BoolType: bool,
    mi.NoneType: type(None),
}
_STATUSES = get_args(ResponseStatus)
_PARTS = {f"output_{tag}": tag for tag in (tag_of(TextPart), tag_of(AudioPart))}


class _UnreadableError(Exception):
    """A value is not what its type says, and cannot be taken for it."""


def read(document: Document) -> ServerEvent | UnknownServerEvent:
    """Return a server's event as far as it can be understood.

    Args:
        document: the event as plain JSON.

    Returns:
        The event, mended by the rules above; one of a type that is not known, or
        that cannot be read even so, as it came, with the reason in the latter case.
    """
    event_type = document.get("type")
    if not isinstance(event_type, str):
        return UnknownServerEvent("", document, "`type`: no text")
    shape = _event_shapes().get(event_type)
    if shape is None:
        return UnknownServerEvent(event_type, document)
    try:
        return cast("ServerEvent", _struct(document, shape, ""))
    except _UnreadableError as error:
        return UnknownServerEvent(event_type, document, str(error))


@cache
def _event_shapes() -> Mapping[str, mi.StructType]:
    union = cast("mi.UnionType", mi.type_info(ServerEvent))
    shapes = cast("tuple[mi.StructType, ...]", union.types)
    return {str(shape.tag): shape for shape in shapes}


# --- by type -----------------------------------------------------------------


def _value(value: Any, shape: mi.Type, path: str) -> Any:
    if isinstance(shape, mi.AnyType):
        return value
    if isinstance(shape, mi.UnionType):
        return _one_of(value, shape, path)
    if isinstance(shape, mi.StructType):
        return _struct(value, shape, path)
    if isinstance(shape, mi.ListType):
        return _members(value, shape, path)
    if isinstance(shape, mi.DictType):
        return _entries(value, shape, path)
    return _scalar(value, shape, path)


def _struct(value: Any, shape: mi.StructType, path: str) -> Struct:
    if not isinstance(value, dict):
        raise _UnreadableError(f"`{path}`: expected an object")
    habit = _HABITS.get(shape.cls)
    document = value if habit is None else habit(value)
    fields: Document = {}
    for field in shape.fields:
        if not field.required and field.name not in document:
            continue
        here = f"{path}.{field.name}" if path else field.name
        try:
            fields[field.name] = _field(document, field, here)
        except _UnreadableError:
            if field.required:
                raise
    made: Struct = shape.cls(**fields)
    return made


def _field(document: Document, field: mi.Field, path: str) -> Any:
    given = document.get(field.name)
    if given is not None or not field.required:
        return _value(given, field.type, path)
    if field.name not in _STAND_INS:
        raise _UnreadableError(f"`{path}`: missing")
    return copy(_STAND_INS[field.name])


def _one_of(value: Any, shape: mi.UnionType, path: str) -> Any:
    if isinstance(value, dict):
        return _one_of_objects(value, shape, path)
    for member in shape.types:
        try:
            return _value(value, member, path)
        except _UnreadableError:
            continue
    raise _UnreadableError(f"`{path}`: of no type that it may have")


def _one_of_objects(value: Document, shape: mi.UnionType, path: str) -> Any:
    for member in shape.types:
        if isinstance(member, mi.DictType):
            return _entries(value, member, path)
        if isinstance(member, mi.StructType):
            tag_field = member.tag_field
            if tag_field is None or value.get(tag_field) == member.tag:
                return _struct(value, member, path)
    raise _UnreadableError(f"`{path}`: an object of an unknown kind")


def _members(value: Any, shape: mi.ListType, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _UnreadableError(f"`{path}`: expected an array")
    return list(_readable(value, shape.item_type, path))


def _readable(values: list[Any], shape: mi.Type, path: str) -> Iterator[Any]:
    for index, value in enumerate(values):
        try:
            yield _value(value, shape, f"{path}[{index}]")
        except _UnreadableError:
            continue


def _entries(value: Any, shape: mi.DictType, path: str) -> Document:
    if not isinstance(value, dict):
        raise _UnreadableError(f"`{path}`: expected an object")
    entries: Document = {}
    for key, entry in value.items():
        try:
            entries[key] = _value(entry, shape.value_type, f"{path}.{key}")
        except _UnreadableError:
            continue
    return entries


def _scalar(value: Any, shape: mi.Type, path: str) -> Any:
    if isinstance(shape, mi.LiteralType):
        if isinstance(value, str | int) and value in shape.values:
            return value
        raise _UnreadableError(f"`{path}`: none of the values that it may have")
    if isinstance(shape, mi.IntType) and isinstance(value, float):
        return int(value)
    if isinstance(shape, mi.StrType) and _is_number(value):
        return str(value)
    try:
        return msgspec.convert(value, _EXACT[type(shape)])
    except msgspec.ValidationError as error:
        raise _UnreadableError(f"`{path}`: {error}") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- by habit ----------------------------------------------------------------


def _error(event: Document) -> Document:
    """Take an error that is a bare string, or whose fields stand in the event."""
    detail = event.get("error")
    if isinstance(detail, dict):
        return event
    message = detail if isinstance(detail, str) else event.get("message")
    told = {"type": "error", "code": event.get("code"), "message": message}
    return event | {"error": told}


def _created(event: Document) -> Document:
    return _with_status(event, "in_progress")


def _done(event: Document) -> Document:
    """Take usage that stands beside the response."""
    event = _with_status(event, "completed")
    response, usage = event.get("response"), event.get("usage")
    if isinstance(response, dict) and usage and not response.get("usage"):
        return event | {"response": response | {"usage": usage}}
    return event


def _with_status(event: Document, default: str) -> Document:
    """Give a response a status, without which it would never begin or end.

    One of another protocol's says at least that it did not end as planned.
    """
    response = event.get("response")
    if not isinstance(response, dict) or response.get("status") in _STATUSES:
        return event
    status = default if response.get("status") is None else "incomplete"
    return event | {"response": response | {"status": status}}


def _message(item: Document) -> Document:
    """Take contents that are named `text` and `audio`."""
    content = item.get("content")
    if not isinstance(content, list):
        return item
    side = "output" if item.get("role") == "assistant" else "input"
    names = {"text": f"{side}_text", "audio": f"{side}_audio"}
    return item | {"content": [_renamed(part, names) for part in content]}


def _part_event(event: Document) -> Document:
    """Take a part that is named as an item's content."""
    return event | {"part": _renamed(event.get("part"), _PARTS)}


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        return part
    return part | {"type": names.get(part["type"], part["type"])}


def _usage(usage: Document) -> Document:
    """Add up a total that is not told."""
    counts = [usage.get("input_tokens"), usage.get("output_tokens")]
    if usage.get("total_tokens") is None and all(map(_is_number, counts)):
        return usage | {"total_tokens": sum(cast("list[int]", counts))}
    return usage


_HABITS: Mapping[type, Callable[[Document], Document]] = {
    ErrorEvent: _error,
    ResponseCreated: _created,
    ResponseDone: _done,
    ResponseContentPartAdded: _part_event,
    ResponseContentPartDone: _part_event,
    MessageItem: _message,
    Usage: _usage,
}
