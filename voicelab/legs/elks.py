"""The leg to 46elks: a phone call as JSON messages, told apart by their field `t`.

Source: 46elks.se/docs/realtime-voice-messages and -interrupt, a beta product (read in
2026). The call begins with `hello`; the bridge says with `listening` what it wants to
hear and with `sending` what it will send; then `audio` flows both ways. 46elks buffers
what it is sent and plays it at its own speed. `interrupt` empties the buffer and makes
46elks ignore all audio until the next `sending`. A `sync` of the bridge is answered by
one when all audio before it has been played; it has no documented fields, so answers
belong to requests in their order.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from voicelab.errors import LegError
from voicelab.legs.codec import ALAW, ULAW, LegCodec
from voicelab.legs.reading import Reader, Sender, known, shown

LEG = "46elks"

CODECS = {
    "pcm_8000": LegCodec("pcm", 8_000),
    "pcm_16000": LegCodec("pcm", 16_000),
    "pcm_24000": LegCodec("pcm", 24_000),
    "ulaw": ULAW,
    "alaw": ALAW,
}
"""The formats that can be used here, by their names on the wire."""

UNSUPPORTED_FORMATS = ("g722", "ogg", "wav", "mp3")
"""Formats that 46elks has and that cannot be used here."""


class Hello(Struct, frozen=True, tag_field="t", tag="hello"):
    """The first message: a call has come.

    Attributes:
        callid: the call's id.
        from_: who calls, `from` on the wire.
        to: whom they call.
    """

    callid: str
    from_: str = msgspec.field(name="from")
    to: str


class Listening(Struct, frozen=True, tag_field="t", tag="listening"):
    """The bridge wants to hear the caller.

    Attributes:
        format: how; see `codec_named`.
    """

    format: str


class Sending(Struct, frozen=True, tag_field="t", tag="sending"):
    """The bridge will send audio.

    Attributes:
        format: how; see `codec_named`.
    """

    format: str


class Audio(Struct, frozen=True, gc=False, tag_field="t", tag="audio"):
    """Audio, in the format that was agreed for its direction.

    Attributes:
        data: the samples.
    """

    data: bytes


class Sync(Struct, frozen=True, tag_field="t", tag="sync"):
    """From the bridge: tell when all audio so far has been played. Back: it has.

    Attributes:
        id: not documented; what a request holds is repeated in its answer.
    """

    id: str | int | UnsetType = UNSET


class Interrupt(Struct, frozen=True, tag_field="t", tag="interrupt"):
    """Forget what was sent and not played; ignore audio until the next `Sending`."""


class Bye(Struct, frozen=True, tag_field="t", tag="bye"):
    """The call ends.

    Attributes:
        reason: from 46elks: `done`, `hangup` or `error`.
        message: what there is to say about it.
    """

    reason: str | UnsetType = UNSET
    message: str | UnsetType = UNSET


ProviderMessage: TypeAlias = Hello | Audio | Sync | Bye
"""What 46elks sends."""

BridgeMessage: TypeAlias = Sending | Listening | Audio | Sync | Interrupt | Bye
"""What a bridge sends."""

_provider: Reader[ProviderMessage] = Reader(
    LEG,
    "provider",
    "t",
    msgspec.json.Decoder(ProviderMessage),
    ("audio", "bye", "hello", "sync"),
)
_bridge: Reader[BridgeMessage] = Reader(
    LEG,
    "bridge",
    "t",
    msgspec.json.Decoder(BridgeMessage),
    ("audio", "bye", "interrupt", "listening", "sending", "sync"),
)
_encoder = msgspec.json.Encoder()


def from_provider(text: str | bytes) -> ProviderMessage:
    """Return a message of 46elks.

    Raises:
        LegError: it is none.
    """
    return _provider.read(text)


def from_bridge(text: str | bytes) -> BridgeMessage:
    """Return a message of a bridge.

    Raises:
        LegError: it is none.
    """
    return _bridge.read(text)


def encode(message: ProviderMessage | BridgeMessage) -> str:
    """Return a message as the JSON text of one WebSocket message."""
    return _encoder.encode(message).decode()


def codec_named(name: str, sender: Sender = "bridge") -> LegCodec:
    """Return the codec of a format.

    Args:
        name: the format's name on the wire.
        sender: who named it.

    Raises:
        LegError: there is no such format, or it cannot be used here.
    """
    codec = CODECS.get(name)
    if codec is not None:
        return codec
    what = "cannot be used here" if name in UNSUPPORTED_FORMATS else "does not exist"
    problem = f"the format {shown(name)} {what}{known(CODECS)}"
    raise LegError(LEG, sender, problem)
