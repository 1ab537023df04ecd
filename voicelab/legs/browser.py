"""The leg to a page in a browser: JSON objects, each with the one key of its kind.

It is a superset of what published samples do, `{"audio": base64}` both ways. A page
may begin with `hello`; the bridge answers `ready` when its session is up. A `mark` of
the bridge follows audio, and the page returns it when it has played everything before
it. `clear` makes the page drop what waits to be played; marks not reached by then are
never returned.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeVar, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from voicelab.errors import LegError
from voicelab.legs.codec import LegCodec
from voicelab.legs.reading import (
    Sender,
    known,
    plain,
    read_object,
    shown,
)

LEG = "browser"

Rate: TypeAlias = Literal[8000, 16000, 24000, 48000]
"""The rates at which audio may cross this leg, in Hz."""

RATES: tuple[int, ...] = get_args(Rate)
DEFAULT_RATE: Rate = 16000
"""The rate where nobody says `hello`."""


def codec_at(rate_hz: int) -> LegCodec:
    """Return this leg's codec: 16-bit PCM at a rate."""
    return LegCodec("pcm", rate_hz)


class Hello(Struct, frozen=True):
    """First message of a page that has something to say about the leg.

    Attributes:
        rate: the rate of the audio in both directions, in Hz.
        token: lets the page in, where the bridge asks for one.
    """

    rate: Rate = DEFAULT_RATE
    token: str | UnsetType = UNSET


class Audio(Struct, frozen=True, gc=False):
    """Audio of the caller, or of the agent.

    Attributes:
        data: 16-bit little-endian samples.
    """

    data: bytes


class MarkPlayed(Struct, frozen=True):
    """The page has played all that came before a mark.

    Attributes:
        name: the mark's.
    """

    name: str


class Ready(Struct, frozen=True):
    """The bridge's session is up: audio may flow.

    Attributes:
        rate: the rate of the audio in both directions, in Hz.
    """

    rate: Rate = DEFAULT_RATE


class Mark(Struct, frozen=True):
    """Return this when all audio before it has been played.

    Attributes:
        name: the bridge's own.
        item_id: the item whose audio came last.
        audio_ms: how much of the item lies before the mark, in milliseconds.
    """

    name: str
    item_id: str
    audio_ms: float


class Clear(Struct, frozen=True):
    """Drop what waits to be played."""


class UpstreamEvent(Struct, frozen=True):
    """A Realtime event for display, without audio.

    Attributes:
        event: as it came, or nearly.
    """

    event: dict[str, Any]


class Failure(Struct, frozen=True):
    """Something went wrong.

    Attributes:
        message: one sentence for whoever sits before the page.
    """

    message: str


class Bye(Struct, frozen=True):
    """The leg ends.

    Attributes:
        reason: why, if there is anything to say.
    """

    reason: str | UnsetType = UNSET


ProviderMessage: TypeAlias = Hello | Audio | MarkPlayed | Bye
"""What a page sends."""

BridgeMessage: TypeAlias = Ready | Audio | Mark | Clear | UpstreamEvent | Failure | Bye
"""What a bridge sends."""

Message = TypeVar("Message")

_FROM_PAGE: dict[str, type[ProviderMessage]] = {
    "audio": Audio,
    "bye": Bye,
    "hello": Hello,
    "mark": MarkPlayed,
}
_FROM_BRIDGE: dict[str, type[BridgeMessage]] = {
    "audio": Audio,
    "bye": Bye,
    "clear": Clear,
    "error": Failure,
    "event": UpstreamEvent,
    "mark": Mark,
    "ready": Ready,
}
_KEYS: dict[type, str] = {
    kind: key for kinds in (_FROM_PAGE, _FROM_BRIDGE) for key, kind in kinds.items()
}
_BARE = {Audio: "data", UpstreamEvent: "event"}
"""Messages whose only field stands in the place of the body, and that field."""


def from_provider(text: str | bytes) -> ProviderMessage:
    """Return a message of a page.

    Raises:
        LegError: it is none.
    """
    return _read(text, "provider", _FROM_PAGE)


def from_bridge(text: str | bytes) -> BridgeMessage:
    """Return a message of a bridge.

    Raises:
        LegError: it is none.
    """
    return _read(text, "bridge", _FROM_BRIDGE)


def encode(message: ProviderMessage | BridgeMessage) -> str:
    """Return a message as the JSON text of one WebSocket message."""
    kind = type(message)
    body: Any = message
    if kind in _BARE:
        body = getattr(message, _BARE[kind])
    elif kind is Clear:
        body = True
    return msgspec.json.encode({_KEYS[kind]: body}).decode()


def _read(
    text: str | bytes, sender: Sender, kinds: dict[str, type[Message]]
) -> Message:
    document = read_object(text, LEG, sender)
    found = [key for key in document if key in kinds]
    if len(found) != 1:
        raise LegError(LEG, sender, _ambiguous(document, found, kinds))
    key = found[0]
    kind = kinds[key]
    try:
        return msgspec.convert(_body(kind, document[key]), kind)
    except msgspec.ValidationError as error:
        raise LegError(LEG, sender, f"{key!r}: {plain(error)}") from error


def _body(kind: type, given: Any) -> Any:
    """Return the fields of a message as an object."""
    if kind in _BARE:
        return {_BARE[kind]: given}
    if kind is Clear:
        return {} if given is True else given
    return given


def _ambiguous(
    document: dict[str, Any], found: list[str], kinds: dict[str, type[Message]]
) -> str:
    if found:
        return f"it has {' and '.join(map(repr, found))}, but a message is one of them"
    if not document:
        return f"it is empty{known(kinds)}"
    return f"unknown key {shown(next(iter(document)))}{known(kinds)}"
