"""What the session was set to: read from the session object on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from voicelab.audio.formats import AudioFormat
from voicelab.record.log_reader import Event, Log


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The settings that metrics need.

    Attributes:
        input_format: the caller's audio on the wire.
        output_format: the agent's audio on the wire.
        prefix_padding_ms: what `audio_start_ms` lies before the first speech.
        silence_duration_ms: what `audio_end_ms` lies after the last speech.
        output_speed: how many times as fast as generated the agent is heard.
    """

    input_format: AudioFormat = AudioFormat.PCM
    output_format: AudioFormat = AudioFormat.PCM
    prefix_padding_ms: int = 0
    silence_duration_ms: int = 0
    output_speed: float = 1.0


def session_facts(log: Log) -> SessionFacts:
    """Return the settings in force at the end, as the client was told them.

    Where the log does not hold what the client was told, as the server told it.
    """
    told = session_events(log)
    if not told:
        return SessionFacts()
    audio = _mapping(told[-1].data.get("session")).get("audio")
    heard, spoken = (_mapping(_mapping(audio).get(way)) for way in ("input", "output"))
    detection = _mapping(heard.get("turn_detection"))
    return SessionFacts(
        input_format=_format(heard),
        output_format=_format(spoken),
        prefix_padding_ms=detection.get("prefix_padding_ms", 0),
        silence_duration_ms=detection.get("silence_duration_ms", 0),
        output_speed=_speed(spoken),
    )


def session_events(log: Log) -> list[Event]:
    """Return the events that tell the session's settings, the last one in force."""
    for lane in ("client", "server"):
        told = log.of(lane, "session.created") + log.of(lane, "session.updated")
        if told:
            return told
    return []


def _format(direction: dict[str, Any]) -> AudioFormat:
    name = _mapping(direction.get("format")).get("type", AudioFormat.PCM.value)
    return AudioFormat.from_wire(name)


def _speed(direction: dict[str, Any]) -> float:
    """Return the output speed; where none was told, or nonsense, that of the voice."""
    speed = direction.get("speed")
    return float(speed) if isinstance(speed, int | float) and speed > 0 else 1.0


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
