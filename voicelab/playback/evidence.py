"""What a client can know of an item at the instant of an interruption."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that any truncation policy may go by; none of it is the truth itself.

    Positions count samples of the item. A *mark* stands between two pieces of audio
    and is acknowledged when playback reached it; one stands at 0, before the first.

    Attributes:
        rate_hz: the rate of the item's audio.
        received_samples: how much arrived at the client.
        played_samples: how much has left the player, by its own report as far as
            that has reached the client.
        acknowledged_samples: the position of the last mark whose acknowledgement
            has reached the client; None if none has.
        since_acknowledged_ns: how long ago that was.
        since_first_delta_ns: how long ago the item's first audio arrived; None if
            none has.
        media_since_first_delta_ns: how far the caller's media clock, which goes on
            with each microphone frame, has gone on since then.
    """

    rate_hz: int
    received_samples: int
    played_samples: int
    acknowledged_samples: int | None = None
    since_acknowledged_ns: int = 0
    since_first_delta_ns: int | None = None
    media_since_first_delta_ns: int | None = None
