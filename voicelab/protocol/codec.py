"""JSON to events and back: strict about clients, tolerant of servers."""

from __future__ import annotations

from typing import Any

import msgspec

from voicelab.errors import RemoteProtocolError
from voicelab.protocol import refusals
from voicelab.protocol.client_events import (
    ClientEvent,
    ConversationItemCreate,
    ResponseCreate,
)
from voicelab.protocol.items import tag_of, tags
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent

_encoder = msgspec.json.Encoder()
_client_decoder = msgspec.json.Decoder(ClientEvent)
_server_decoder = msgspec.json.Decoder(ServerEvent)
_SERVER_TYPES = frozenset(tags(ServerEvent))
_UNKNOWN_KIND = "Invalid value "
"""How the decoder's words begin at a `type` that none of its structs has."""


def encode(event: ClientEvent | ServerEvent | UnknownServerEvent) -> bytes:
    """Return an event as the UTF-8 JSON text of one WebSocket message.

    Absent (`UNSET`) fields are left out, audio is base64, `type` comes first.
    """
    if isinstance(event, UnknownServerEvent):
        return _encoder.encode(event.raw)
    return _encoder.encode(event)


def decode_client(raw: bytes | str) -> ClientEvent:
    """Return the event of a client's text message.

    Raises:
        WireError: the message is not an event that a client may send; the error
            names the fault as the real endpoint does and, where it could be
            read, the event's id.
    """
    try:
        event: ClientEvent = _client_decoder.decode(raw)
    except refusals.NOT_JSON as error:
        raise refusals.explain(raw, error) from error
    if isinstance(event, ConversationItemCreate | ResponseCreate):
        refusals.check_nested(event, raw)
    return event


def decode_server(raw: bytes | str) -> ServerEvent | UnknownServerEvent:
    """Return the event of a server's text message.

    Fields that are not known are ignored. An event of a type that is not known,
    or that holds an item of a kind that is not known, is kept as it came.

    Raises:
        RemoteProtocolError: the message is not a JSON object with a `type`, or
            a known event lacks what it cannot be without.
    """
    try:
        event: ServerEvent = _server_decoder.decode(raw)
    except refusals.NOT_JSON as error:
        return _decode_unknown(raw, error)
    return event


def wire_type(event: ClientEvent | ServerEvent | UnknownServerEvent) -> str:
    """Return the wire's `type` of an event."""
    if isinstance(event, UnknownServerEvent):
        return event.type
    return tag_of(event)


def _decode_unknown(raw: bytes | str, cause: Exception) -> UnknownServerEvent:
    try:
        document: Any = msgspec.json.decode(raw)
    except refusals.NOT_JSON as error:
        raise RemoteProtocolError(
            f"the server sent a text that is not JSON: {error}"
        ) from error
    event_type = document.get("type") if isinstance(document, dict) else None
    if not isinstance(event_type, str):
        raise RemoteProtocolError("the server sent a message without a type") from cause
    if event_type in _SERVER_TYPES and not str(cause).startswith(_UNKNOWN_KIND):
        raise RemoteProtocolError(
            f"the server sent a malformed {event_type}: {cause}"
        ) from cause
    return UnknownServerEvent(event_type, document)
