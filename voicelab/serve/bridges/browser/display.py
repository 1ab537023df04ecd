"""Realtime events as a page may show them: no audio, and nothing that is the host's."""

from __future__ import annotations

from typing import Any

import msgspec

from voicelab.protocol.server_events import (
    ResponseOutputAudioDelta,
    ServerEvent,
    UnknownServerEvent,
)

_OF_THE_HOST = ("instructions", "prompt", "tools", "tracing")
"""Fields of a session that whoever visits the page has no business with."""


def displayed(event: ServerEvent | UnknownServerEvent) -> dict[str, Any] | None:
    """Return an event as plain JSON for display; None if there is nothing to show."""
    if isinstance(event, ResponseOutputAudioDelta):
        return None
    if isinstance(event, UnknownServerEvent):
        plain: Any = dict(event.raw)
    else:
        plain = msgspec.to_builtins(event, builtin_types=(bytes,))
    session = plain.get("session")
    if isinstance(session, dict):
        plain["session"] = {
            key: value for key, value in session.items() if key not in _OF_THE_HOST
        }
    shown: dict[str, Any] = _without_audio(plain)
    return shown


def _without_audio(value: Any) -> Any:
    """Return a value with byte strings and members named `audio` in base64 left out."""
    if isinstance(value, dict):
        return {
            key: _without_audio(inner)
            for key, inner in value.items()
            if not isinstance(inner, bytes)
            and not (key in ("audio", "delta") and _is_base64(inner))
        }
    if isinstance(value, list):
        return [_without_audio(inner) for inner in value]
    return value


_LONG_CHARACTERS = 1000


def _is_base64(value: Any) -> bool:
    """Whether a member is audio in base64: words have spaces, ids are not so long."""
    return isinstance(value, str) and len(value) > _LONG_CHARACTERS and " " not in value
