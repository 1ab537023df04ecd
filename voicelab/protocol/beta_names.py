"""Where the beta protocol has a field, and where GA has the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]

AUDIO_FORMATS: Mapping[str, str] = {
    "pcm16": "audio/pcm",
    "g711_ulaw": "audio/pcmu",
    "g711_alaw": "audio/pcma",
}
"""Beta's names of the audio formats, and GA's."""

_COMMON: Mapping[str, Path] = {
    "modalities": ("output_modalities",),
    "voice": ("audio", "output", "voice"),
    "output_audio_format": ("audio", "output", "format"),
    "max_response_output_tokens": ("max_output_tokens",),
}
SESSION_PLACES: Mapping[str, Path] = {
    **_COMMON,
    "speed": ("audio", "output", "speed"),
    "input_audio_format": ("audio", "input", "format"),
    "input_audio_transcription": ("audio", "input", "transcription"),
    "input_audio_noise_reduction": ("audio", "input", "noise_reduction"),
    "turn_detection": ("audio", "input", "turn_detection"),
}
"""GA's place for each field of a beta session that stands elsewhere."""

RESPONSE_PLACES: Mapping[str, Path] = _COMMON
"""The same for the parameters of a response, and for the response itself."""

BETA_FIELDS = frozenset(
    {
        "id",
        "object",
        "model",
        "instructions",
        "tools",
        "tool_choice",
        "tracing",
        "prompt",
        "include",
        "expires_at",
        "status",
        "status_details",
        "output",
        "conversation_id",
        "usage",
        "metadata",
    }
)
"""Fields of sessions and responses that both dialects have in the same place."""


def beta_param(param: str) -> str:
    """Return the path of a field that an error names as the client wrote it.

    What lies within a field follows: `session.audio.input.turn_detection.threshold`
    is `session.turn_detection.threshold`. An audio format has nothing within.
    """
    for root, places in (("session", SESSION_PLACES), ("response", RESPONSE_PLACES)):
        for field, place in places.items():
            ga = ".".join((root, *place))
            if param == ga or param.startswith((f"{ga}.", f"{ga}[")):
                within = param.removeprefix(ga)
                return f"{root}.{field}" + ("" if "format" in field else within)
    return param
