"""The session object: its fields, their ranges, and how updates merge.

`session.update` carries only what changes. Fields that are present replace what
was there, nested objects merge field by field, `null` switches a feature off,
and a turn detection of another type starts from that type's own defaults
(PROTOCOL: the API reference of the session object).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Literal

import msgspec

from voicelab.audio.formats import AudioFormat
from voicelab.protocol.codec import json_size
from voicelab.protocol.limits import MAX_OBJECT_BYTES
from voicelab.protocol.session_object import SessionObject
from voicelab.protocol.wire_errors import speed_locked as speed_locked_error
from voicelab.protocol.wire_errors import too_large
from voicelab.protocol.wire_errors import voice_locked as voice_locked_error
from voicelab.session.turn_detection import TurnSettings, semantic_settings

DEFAULT_MODEL = "gpt-realtime"

SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
"""Turn detection by silence, with the documented defaults.

The real endpoint's `session.created` was seen to say 200 ms of silence instead.
"""

SEMANTIC_VAD: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
"""Turn detection by meaning, with the documented defaults."""

_DEFAULTS_BY_TYPE = {"server_vad": SERVER_VAD, "semantic_vad": SEMANTIC_VAD}
_TRANSCRIPTION: dict[str, Any] = {"language": None, "prompt": None}


def format_object(audio_format: AudioFormat) -> dict[str, Any]:
    """Return an audio format as the session object writes it; only PCM has a rate."""
    wire: dict[str, Any] = {"type": audio_format.value}
    if audio_format is AudioFormat.PCM:
        wire["rate"] = audio_format.rate_hz
    return wire


def _default_wire(model: str) -> dict[str, Any]:
    return {
        "type": "realtime",
        "object": "realtime.session",
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "include": None,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(SERVER_VAD),
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "voice": "alloy",
                "speed": 1.0,
            },
        },
    }


class SessionConfig:
    """The effective configuration of one session.

    Args:
        model: the model that the client asked for.
        extra: fields that only the server sets, such as `id` and `expires_at`.
    """

    def __init__(
        self, model: str = DEFAULT_MODEL, extra: dict[str, Any] | None = None
    ) -> None:
        self._wire = _default_wire(model) | (extra or {})
        self._read()

    def _read(self) -> None:
        audio = self._wire["audio"]
        self.input_format = AudioFormat.from_wire(audio["input"]["format"]["type"])
        self.output_format = AudioFormat.from_wire(audio["output"]["format"]["type"])
        self._turn_detection: dict[str, Any] | None = audio["input"]["turn_detection"]

    def to_wire(self) -> dict[str, Any]:
        """Return the session object as the server sends it."""
        return deepcopy(self._wire)

    def update(
        self,
        patch: dict[str, Any],
        *,
        voice_locked: bool = False,
        speed_locked: bool = False,
    ) -> None:
        """Merge a client's session object; all of it or, if invalid, nothing.

        A model in it is passed over: that of the connection cannot change, clients
        repeat their own default here, which need not be the same, and an error would
        end the receive loop of some of them. `session.updated` tells the model that
        holds.

        Args:
            patch: the fields that change.
            voice_locked: whether the agent has spoken, which fixes the voice.
            speed_locked: whether a response is in progress, which fixes its speed.

        Raises:
            msgspec.ValidationError: the object is not valid; the path in its
                message starts at the event (`$.session.audio...`).
            WireError: the voice would change, and cannot any more, or the speed,
                and cannot now, or no event could carry the session object that
                would result.
        """
        msgspec.convert({"session": patch}, _Update)
        merged = _merge(self._wire, patch) | {"model": self.model}
        if voice_locked and merged["audio"]["output"]["voice"] != self.voice:
            raise voice_locked_error()
        if speed_locked and merged["audio"]["output"]["speed"] != self.speed:
            raise speed_locked_error()
        size_bytes = json_size(merged)
        if size_bytes > MAX_OBJECT_BYTES:
            raise too_large("session", MAX_OBJECT_BYTES, size_bytes)
        self._wire = merged
        self._read()

    @property
    def model(self) -> str:
        """The model of the session, which cannot change."""
        return str(self._wire["model"])

    @property
    def modality(self) -> str:
        """`audio` or `text`."""
        return str(self._wire["output_modalities"][0])

    @property
    def instructions(self) -> str:
        """The system prompt."""
        return str(self._wire["instructions"])

    @property
    def voice(self) -> Any:
        """The output voice: a name, or an object with an id."""
        return self._wire["audio"]["output"]["voice"]

    @property
    def speed(self) -> float:
        """How many times as fast as usual the agent speaks."""
        return float(self._wire["audio"]["output"]["speed"])

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The function tools on offer."""
        return list(self._wire["tools"])

    @property
    def tool_choice(self) -> Any:
        """How the agent may choose among the tools."""
        return self._wire["tool_choice"]

    @property
    def max_output_tokens(self) -> int | Literal["inf"]:
        """The longest reply."""
        limit: int | Literal["inf"] = self._wire["max_output_tokens"]
        return limit

    @property
    def transcribes(self) -> bool:
        """Whether the client asked for transcripts of the caller."""
        return self._wire["audio"]["input"]["transcription"] is not None

    @property
    def creates_response(self) -> bool:
        """Whether the end of a turn starts a response."""
        detection = self._turn_detection
        return detection is not None and bool(detection["create_response"])

    @property
    def interrupts_response(self) -> bool:
        """Whether the start of a turn cancels a running response."""
        detection = self._turn_detection
        return detection is not None and bool(detection["interrupt_response"])

    @property
    def idle_timeout_ms(self) -> int | None:
        """How long the line may stay silent before the agent speaks up."""
        timeout_ms: int | None = (self._turn_detection or {}).get("idle_timeout_ms")
        return timeout_ms

    def turn_settings(self) -> TurnSettings | None:
        """Return the detector's settings; None while turns are manual."""
        detection = self._turn_detection
        if detection is None:
            return None
        if detection["type"] == "semantic_vad":
            return semantic_settings(detection["eagerness"])
        return TurnSettings(
            threshold=detection["threshold"],
            prefix_padding_ms=detection["prefix_padding_ms"],
            silence_duration_ms=detection["silence_duration_ms"],
        )


class _Update(msgspec.Struct):
    """The part of a `session.update` that is checked here."""

    session: SessionObject


def _merge(current: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return `current` with the fields of `patch`, nested objects merged.

    An object of another type than the present one replaces it, and starts from
    the defaults of its own type.
    """
    merged = dict(current)
    for key, value in patch.items():
        before = merged.get(key)
        if not isinstance(value, dict):
            merged[key] = deepcopy(value)
        elif isinstance(before, dict) and _same_type(before, value):
            merged[key] = _merge(before, value)
        else:
            defaults = _DEFAULTS_BY_TYPE.get(str(value.get("type")), {})
            if key == "transcription":
                defaults = _TRANSCRIPTION
            merged[key] = {**defaults, **deepcopy(value)}
            if value.get("type") == AudioFormat.PCM.value:
                merged[key] = format_object(AudioFormat.PCM)
    return merged


def _same_type(before: dict[str, Any], value: dict[str, Any]) -> bool:
    return bool(value.get("type", before.get("type")) == before.get("type"))
