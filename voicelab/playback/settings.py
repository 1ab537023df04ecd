"""What tells one kind of player from another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from voicelab.errors import ScenarioError
from voicelab.units import ms_to_ns


@dataclass(frozen=True, slots=True)
class PlayerSettings:
    """How a player buffers and how late the ear hears it.

    Attributes:
        lead_ms: audio waits this long before it starts, and again after the
            buffer ran dry: the jitter buffer.
        device_latency_ms: from leaving the player to reaching the ear. What has
            left cannot be called back, so it is still heard after a stop.
        command_delay_ms: from the client to the player, for audio and for the
            command to stop; above 0 where the player is another process, or another
            machine on the network.
        report_delay_ms: from the player to the client, for its position and for
            acknowledged marks.
        stop_delay_ms: how long the player plays on once it was told to stop.
        quantum_samples: a stop takes effect only after a multiple of this many
            samples, counted from where the audio began to play.
        quantum_rate_hz: the rate that the quantum counts at, which is the device's,
            or the telephone network's; None for the audio's own.
    """

    lead_ms: float = 0.0
    device_latency_ms: float = 0.0
    command_delay_ms: float = 0.0
    report_delay_ms: float = 0.0
    stop_delay_ms: float = 0.0
    quantum_samples: int = 1
    quantum_rate_hz: int | None = None

    def whole_quanta(self, samples: int, rate_hz: int) -> int:
        """Return where the quantum ends that the last of some samples lies in.

        Args:
            samples: how many samples of audio, at least 0.
            rate_hz: the rate of the audio.

        Returns:
            At least `samples`, at `rate_hz`; where a quantum is no whole number of
            them, the sample that it ends in counts.
        """
        counted_at_hz = self.quantum_rate_hz or rate_hz
        quanta = -(-samples * counted_at_hz // (self.quantum_samples * rate_hz))
        return -(-quanta * self.quantum_samples * rate_hz // counted_at_hz)

    @property
    def lead_ns(self) -> int:
        """`lead_ms` in nanoseconds."""
        return ms_to_ns(self.lead_ms)

    @property
    def device_latency_ns(self) -> int:
        """`device_latency_ms` in nanoseconds."""
        return ms_to_ns(self.device_latency_ms)

    @property
    def command_delay_ns(self) -> int:
        """`command_delay_ms` in nanoseconds."""
        return ms_to_ns(self.command_delay_ms)

    @property
    def report_delay_ns(self) -> int:
        """`report_delay_ms` in nanoseconds."""
        return ms_to_ns(self.report_delay_ms)

    @property
    def stop_delay_ns(self) -> int:
        """`stop_delay_ms` in nanoseconds."""
        return ms_to_ns(self.stop_delay_ms)


IDEAL = PlayerSettings()
"""Plays at once, stops at once, is heard at once."""

BROWSER = PlayerSettings(
    lead_ms=50.0, device_latency_ms=30.0, quantum_samples=128, quantum_rate_hz=48_000
)
"""A page that schedules chunks on a Web Audio clock, the client itself.

The render quantum of 128 frames is fixed by the Web Audio API (W3C, section
"Rendering an audio graph"); 48 kHz is the common rate of devices. The lead is a
common choice of players that chain `AudioBufferSourceNode`s; the device latency is
of the order that desktop browsers report as `AudioContext.outputLatency`. Rate, lead
and latency are modelled values: set your own where it matters.
"""

_TELEPHONE_FRAME_SAMPLES = 160
_TELEPHONE_RATE_HZ = 8_000
_TELEPHONE_LATENCY_MS = 115.0
"""One way, from a provider's media edge to the ear.

A guide by Twilio ("A Guide to Core Latency in AI Voice Agents", November 2025) wants a
turn's gap of 1115 ms at the ear where the platform's own is 885 ms: the telephone
network takes the difference, 230 ms there and back, of which half is one way.
"""

TWILIO = PlayerSettings(
    lead_ms=20.0,
    device_latency_ms=_TELEPHONE_LATENCY_MS,
    command_delay_ms=25.0,
    report_delay_ms=25.0,
    quantum_samples=_TELEPHONE_FRAME_SAMPLES,
    quantum_rate_hz=_TELEPHONE_RATE_HZ,
)
"""Twilio Media Streams: the buffer is the provider's, marks come back when played.

Audio leaves in frames of 20 ms of 8 kHz mu-law (Twilio, "Media Streams - WebSocket
Messages"), so `clear` takes effect after a whole frame. A lead of one frame, and 25 ms
from the client to the provider and back each, are modelled.
"""

ELKS = PlayerSettings(
    lead_ms=40.0,
    device_latency_ms=_TELEPHONE_LATENCY_MS,
    command_delay_ms=25.0,
    report_delay_ms=25.0,
    quantum_samples=_TELEPHONE_FRAME_SAMPLES,
    quantum_rate_hz=_TELEPHONE_RATE_HZ,
)
"""46elks: the buffer is the provider's, `sync` comes back when played.

No figure is published. All are modelled, as for Twilio, but for a lead of two frames.
"""

PLAYERS = {"ideal": IDEAL, "browser": BROWSER, "twilio": TWILIO, "elks": ELKS}
"""The players by name, from the nearest to the farthest."""


def player_settings(name: str, **changes: float | None) -> PlayerSettings:
    """Return a named player's settings, with what is given put in their place.

    Args:
        name: the player.
        changes: new values of its settings by name, in milliseconds; None leaves one
            as it is.

    Raises:
        ScenarioError: no player of that name.
    """
    try:
        settings = PLAYERS[name]
    except KeyError:
        raise ScenarioError(
            f"there is no player named {name!r}",
            path="client.player",
            fix=f"use one of {', '.join(PLAYERS)}",
        ) from None
    given: dict[str, Any] = {k: v for k, v in changes.items() if v is not None}
    return replace(settings, **given)
