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
        quantum_samples: a stop takes effect only after a multiple of this many
            samples, counted from where the item began to play.
    """

    lead_ms: float = 0.0
    device_latency_ms: float = 0.0
    quantum_samples: int = 1

    @property
    def lead_ns(self) -> int:
        """`lead_ms` in nanoseconds."""
        return ms_to_ns(self.lead_ms)

    @property
    def device_latency_ns(self) -> int:
        """`device_latency_ms` in nanoseconds."""
        return ms_to_ns(self.device_latency_ms)


IDEAL = PlayerSettings()
"""Plays at once, stops at once, is heard at once."""

BROWSER = PlayerSettings(lead_ms=50.0, device_latency_ms=30.0, quantum_samples=128)
"""A page that schedules chunks on a Web Audio clock.

The render quantum of 128 frames is fixed by the Web Audio API (W3C, section
"Rendering an audio graph"). The lead is a common choice of players that chain
`AudioBufferSourceNode`s; the device latency is of the order that desktop
browsers report as `AudioContext.outputLatency`. Both are modelled values: set
your own where it matters.
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
