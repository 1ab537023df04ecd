"""The session object that a call asks for."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from voicelab.audio.formats import AudioFormat
from voicelab.errors import InputError
from voicelab.legs.codec import LegCodec
from voicelab.serve.bridges.voices import session_format
from voicelab.session.config import format_object


@dataclass(frozen=True, slots=True)
class CallSession:
    """A session object, and the formats that it settles.

    Attributes:
        wire: the object, to be sent.
        uplink: the caller's audio in the session.
        downlink: the agent's.
    """

    wire: dict[str, Any]
    uplink: AudioFormat
    downlink: AudioFormat


def session_for(asked: Mapping[str, Any], leg: LegCodec) -> CallSession:
    """Return the session for a leg: where no format is asked for, the leg's own.

    Raises:
        InputError: a format that is asked for does not exist.
    """
    wire: dict[str, Any] = deepcopy(dict(asked))
    wire.setdefault("type", "realtime")
    audio = wire.setdefault("audio", {})
    formats = []
    for direction in ("input", "output"):
        told = audio.setdefault(direction, {})
        suits = format_object(session_format(leg))
        kind = told.setdefault("format", suits).get("type")
        try:
            formats.append(AudioFormat.from_wire(kind))
        except ValueError as error:
            path = f"session.audio.{direction}.format.type"
            raise InputError(str(error), path=path, fix="leave it out") from error
    return CallSession(wire, *formats)
