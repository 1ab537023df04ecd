"""What plays the agent, as a client application sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from voicelab.playback.evidence import Evidence

Place = Literal["player", "ear"]
StopReason = Literal["drained", "interrupted"]


@dataclass(frozen=True, slots=True)
class PlaybackStart:
    """Audio of an item begins to leave the player, or to reach the ear."""

    t_ns: int
    place: Place
    item_id: str
    from_samples: int


@dataclass(frozen=True, slots=True)
class PlaybackStop:
    """It stops: `drained` (no more audio was there) or `interrupted`."""

    t_ns: int
    place: Place
    item_id: str
    from_samples: int
    to_samples: int
    reason: StopReason


PlaybackEvent = PlaybackStart | PlaybackStop


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an item had come at an instant.

    Attributes:
        received_samples: how much had been enqueued.
        played_samples: how much had left the player by then.
        heard_samples: how much the ear had heard by then.
    """

    item_id: str
    received_samples: int
    played_samples: int
    heard_samples: int


class Playback(Protocol):
    """A player in the same process, a simulated one, or one at the end of a leg.

    Instants come in, events come out; `next_deadline` says when `advance` has
    something to tell. Call `advance(now_ns)` before anything else at an instant.
    """

    @property
    def busy(self) -> bool:
        """Whether anything is queued, playing, or on its way to the ear."""
        ...

    def enqueue(
        self, item_id: str, samples: int, now_ns: int, audio: bytes = b""
    ) -> None:
        """Add audio of an item at the end of the queue.

        Args:
            item_id: the item.
            samples: how much audio it is.
            now_ns: the instant.
            audio: the audio itself, for a player that hands it on.
        """
        ...

    def stop(self, now_ns: int) -> Sequence[Standing]:
        """Drop what is queued and fall silent.

        Returns:
            One standing for each item that had not been played to its end, in
            playing order; empty if the player was idle.
        """
        ...

    def next_deadline(self) -> int | None:
        """Return when `advance` has something to tell, None while idle."""
        ...

    def advance(self, now_ns: int) -> Sequence[PlaybackEvent]:
        """Return what happened by `now_ns`, in order of time."""
        ...

    def silent_at_ear_ns(self) -> int | None:
        """Return when the ear will have heard all that is queued now."""
        ...

    def standing(self, item_id: str, now_ns: int) -> Standing:
        """Return how far an item has come."""
        ...

    def evidence(self, item_id: str, now_ns: int) -> Evidence:
        """Return what the client can know of that; its media clock is its own."""
        ...
