"""What a bridge asks of a leg: the far side's protocol, without clock or socket.

Texts of the provider go in, events come out; what the bridge wants is said by calls,
and what there is to send is collected with `outgoing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from voicelab.errors import LegError
from voicelab.legs.codec import LegCodec
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent


@dataclass(frozen=True, slots=True)
class CallBegins:
    """There is somebody on the line; from now on the leg's `codec` holds.

    Attributes:
        facts: what the log and the record say of the call, such as its id; never a
            secret.
        acknowledges: whether the provider returns marks.
        frame_ms: how much audio leaves the provider's player at once; 0 is sample by
            sample.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    acknowledges: bool = True
    frame_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallerAudio:
    """The caller's next audio.

    Attributes:
        data: in the leg's codec; of any length.
    """

    data: bytes


@dataclass(frozen=True, slots=True)
class MarkReached:
    """The provider has played all that was sent before a mark.

    Attributes:
        name: the mark's.
    """

    name: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key of the telephone.

    Attributes:
        digit: which.
    """

    digit: str


@dataclass(frozen=True, slots=True)
class CallOver:
    """The provider ends the call in good order.

    Attributes:
        reason: why, if it says; for the log and the record.
    """

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Oddity:
    """The provider sent what changes nothing, and should be known.

    Attributes:
        problem: what it was, in one clause.
    """

    problem: str


class NotLetInError(LegError):
    """Whoever is at the leg's end does not know the token that the bridge asks for."""

    def __init__(self, leg: str) -> None:
        super().__init__(leg, "provider", "its token is missing or wrong")

    def __str__(self) -> str:
        return "the bridge asks for a token, and this one is missing or wrong"


LegEvent: TypeAlias = (
    CallBegins | CallerAudio | MarkReached | KeyPressed | Oddity | CallOver
)


class Leg(Protocol):
    """One call's leg. The first event of each is `CallBegins`."""

    @property
    def name(self) -> str:
        """The leg's name in logs and records: `browser`, `elks`, `twilio`."""
        ...

    @property
    def codec(self) -> LegCodec:
        """How audio crosses it in both directions, once the call has begun."""
        ...

    def receive(self, text: str) -> Sequence[LegEvent]:
        """Return what a message of the provider means.

        Raises:
            LegError: it is none, or has no place here.
            NotLetInError: the token in it is not the bridge's.
        """
        ...

    def ready(self) -> None:
        """The session is up: audio may flow."""
        ...

    def play(self, item_id: str, data: bytes) -> None:
        """Send agent audio, in the leg's codec.

        What this makes to be sent, and nothing else, is dropped if a `clear` comes
        before it was written.
        """
        ...

    def mark(self, name: str, item_id: str, audio_ms: float) -> None:
        """Ask to be told when all audio so far has been played."""
        ...

    def clear(self) -> None:
        """Make the provider drop what it has not played; audio may follow."""
        ...

    def show(self, event: ServerEvent | UnknownServerEvent) -> None:
        """Pass a Realtime event on, without audio, where somebody can look at it."""
        ...

    def fail(self, sentence: str) -> None:
        """Say what went wrong, where it can be said."""
        ...

    def hang_up(self, reason: str) -> None:
        """Say goodbye, where that is said; the connection closes after it."""
        ...

    def outgoing(self) -> list[str]:
        """Return the texts to send since the last call, in order."""
        ...
