"""What a provider does with a bridge's messages; the leg's kind is its own affair.

A provider here is sans-IO: texts and samples come in, actions and texts go out. The
device around it plays, keeps time and keeps the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from voicelab.audio.pcm import Samples


@dataclass(frozen=True, slots=True)
class Play:
    """Play audio after what is queued.

    Attributes:
        samples: int16 [n].
        rate_hz: their rate.
    """

    samples: Samples
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Clear:
    """Drop what is queued."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Tell the bridge when all that was queued before has been played.

    Attributes:
        name: what to tell it.
        leads: whether to wait until what comes next begins to play.
    """

    name: str
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The bridge said something for the record.

    Attributes:
        kind: the message's name on the leg.
        data: what stands in it.
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """The bridge did what the leg's protocol does not allow; it has no effect.

    Attributes:
        what: in one clause, without what differs from time to time.
    """

    what: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The bridge ends the call.

    Attributes:
        reason: why, if it said so.
    """

    reason: str = ""


Action: TypeAlias = Play | Clear | Checkpoint | Told | Violation | HangUp


class Provider(Protocol):
    """One kind of provider, for one call.

    Attributes:
        kind: its name on the command line.
        agent_hz: the rate at which the agent's audio arrives, as far as is known.
        caller_hz: the rate at which the bridge wants to hear the caller; None as
            long as it has not said that it does.
    """

    kind: str
    agent_hz: int
    caller_hz: int | None

    @property
    def ready(self) -> bool:
        """Whether all was said that comes before the caller's audio."""
        ...

    @property
    def awaits(self) -> str:
        """What the bridge has to say before the provider is ready."""
        ...

    def greeting(self) -> Sequence[str]:
        """Return what opens the call."""
        ...

    def read(self, text: str | bytes) -> Sequence[Action]:
        """Return what a message of the bridge makes the provider do.

        Raises:
            LegError: it is no message of the leg.
        """
        ...

    def caller_audio(self, samples: Samples, at_ms: int) -> Sequence[str]:
        """Return the messages that carry the caller's next samples.

        Args:
            samples: int16 [n] at `caller_hz`.
            at_ms: when the first was spoken, counted from the call's beginning.
        """
        ...

    def reached(self, name: str) -> str:
        """Return the message that a checkpoint was reached."""
        ...

    def cleared(self, names: Sequence[str]) -> Sequence[str]:
        """Return what is told of checkpoints that were not reached at a clear."""
        ...

    def farewell(self) -> Sequence[str]:
        """Return what ends the call."""
        ...
