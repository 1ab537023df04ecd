"""What tells one kind of player from another."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
            samples, counted from where the item began to play.
        quantum_rate_hz: the rate that the quantum counts at, which is the device's;
            None for the audio's own.
    """

    lead_ms: float = 0.0
    device_latency_ms: float = 0.0
    command_delay_ms: float = 0.0
    report_delay_ms: float = 0.0
    stop_delay_ms: float = 0.0
    quantum_samples: int = 1
    quantum_rate_hz: int | None = None

    def quantum_at(self, rate_hz: int) -> int:
        """Return the quantum in samples of audio at `rate_hz`, at least one."""
        counted_at_hz = self.quantum_rate_hz or rate_hz
        return max(self.quantum_samples * rate_hz // counted_at_hz, 1)

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
"""A page that schedules chunks on a Web Audio clock.

The render quantum of 128 frames is fixed by the Web Audio API (W3C, section
"Rendering an audio graph"); 48 kHz is the common rate of devices. The lead is a
common choice of players that chain `AudioBufferSourceNode`s; the device latency is
of the order that desktop browsers report as `AudioContext.outputLatency`. Rate, lead
and latency are modelled values: set your own where it matters.
"""

PLAYERS = {"ideal": IDEAL, "browser": BROWSER}


def player_settings(
    name: str,
    *,
    lead_ms: float | None = None,
    device_latency_ms: float | None = None,
) -> PlayerSettings:
    """Return a named player's settings, with what is given put in their place.

    Raises:
        ScenarioError: no player of that name.
    """
    try:
        settings = PLAYERS[name]
    except KeyError:
        raise ScenarioError(
            f"there is no player named {name!r}",
            path="client.player",
            fix=f"use one of {', '.join(sorted(PLAYERS))}",
        ) from None
    if lead_ms is not None:
        settings = replace(settings, lead_ms=lead_ms)
    if device_latency_ms is not None:
        settings = replace(settings, device_latency_ms=device_latency_ms)
    return settings
