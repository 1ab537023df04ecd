"""JSON to events and back: strict about clients, tolerant of servers."""

from __future__ import annotations

from typing import Any

import msgspec

from voicelab.errors import RemoteProtocolError
from voicelab.protocol import refusals, tolerance
from voicelab.protocol.client_events import (
    ClientEvent,
    ConversationItemCreate,
    ResponseCreate,
)
from voicelab.protocol.items import tag_of
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent

_encoder = msgspec.json.Encoder()
_client_decoder = msgspec.json.Decoder(ClientEvent)
_server_decoder = msgspec.json.Decoder(ServerEvent)


def encode(event: ClientEvent | ServerEvent | UnknownServerEvent) -> bytes:
    """Return an event as the UTF-8 JSON text of one WebSocket message.

    Absent (`UNSET`) fields are left out, audio is base64, `type` comes first.
    """
    if isinstance(event, UnknownServerEvent):
        return _encoder.encode(event.raw)
    return _encoder.encode(event)


def json_size(value: Any) -> int:
    """Return how many bytes a value takes as JSON within a message.

    Args:
        value: a struct of this protocol, or plain JSON.
    """
    return len(_encoder.encode(value))


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

    Fields that are not known are ignored, and an event that is almost right is
    mended by the rules of `tolerance`. An event of a type that is not known, or that
    cannot be read even so, is kept as it came and says why.

    Raises:
        RemoteProtocolError: the message is not a JSON object.
    """
    try:
        event: ServerEvent = _server_decoder.decode(raw)
    except refusals.NOT_JSON:
        return tolerance.read(_document(raw))
    return event


def wire_type(event: ClientEvent | ServerEvent | UnknownServerEvent) -> str:
    """Return the wire's `type` of an event."""
    if isinstance(event, UnknownServerEvent):
        return event.type
    return tag_of(event)


def _document(raw: bytes | str) -> dict[str, Any]:
    try:
        document: Any = msgspec.json.decode(raw)
    except refusals.NOT_JSON as error:
        raise RemoteProtocolError(
            f"the server sent a text that is not JSON: {error}"
        ) from error
    if not isinstance(document, dict):
        raise RemoteProtocolError("the server sent JSON that is not an object")
    return document
