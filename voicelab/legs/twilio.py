"""The leg to Twilio Media Streams: JSON messages, told apart by their field `event`.

Source: twilio.com/docs/voice/media-streams/websocket-messages (read in 2026). The call
begins with `connected` and `start`; `media` carries 8 kHz µ-law both ways. Twilio
buffers what it is sent and plays it at its own speed. A `mark` of the bridge comes back
when all media before it have been played; `clear` empties the buffer, and all marks
that wait come back at once. Numbers are strings on this wire.
"""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from voicelab.legs.codec import ULAW
from voicelab.legs.reading import Reader

LEG = "Twilio"

CODEC = ULAW
"""The only audio there is, both ways."""

MEDIA_MS = 20
"""How much caller audio one `media` message holds."""

Digits: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,15}$")]
"""A whole number as it stands on this wire."""


class MediaFormat(Struct, frozen=True, rename="camel"):
    """What the audio is; the defaults are all there is."""

    encoding: str = "audio/x-mulaw"
    sample_rate: int = CODEC.rate_hz
    channels: int = 1


class CallerAudio(Struct, frozen=True):
    """What a `media` message of Twilio holds.

    Attributes:
        payload: µ-law samples.
        timestamp: milliseconds since the stream began.
        chunk: its number, from 1 on.
        track: whose audio it is.
    """

    payload: bytes
    timestamp: Digits
    chunk: Digits = "1"
    track: str = "inbound"


class AgentAudio(Struct, frozen=True):
    """What a `media` message of a bridge holds.

    Attributes:
        payload: µ-law samples.
    """

    payload: bytes


class MarkName(Struct, frozen=True):
    """What a `mark` message holds.

    Attributes:
        name: the bridge's own.
    """

    name: str


class Digit(Struct, frozen=True):
    """What a `dtmf` message holds."""

    digit: str
    track: str = "inbound_track"


class StreamFacts(Struct, frozen=True, rename="camel"):
    """What a `start` message holds.

    Attributes:
        stream_sid: the stream's id, which every message to Twilio must repeat.
        call_sid: the call's id.
        account_sid: the account's.
        tracks: whose audio will come.
        media_format: what the audio is.
        custom_parameters: what the call's TwiML says besides.
    """

    stream_sid: str
    call_sid: str
    account_sid: str = ""
    tracks: tuple[str, ...] = ("inbound",)
    media_format: MediaFormat = MediaFormat()
    custom_parameters: dict[str, Any] = {}


class StopFacts(Struct, frozen=True, rename="camel"):
    """What a `stop` message holds."""

    call_sid: str
    account_sid: str = ""


class _Numbered(Struct, frozen=True, kw_only=True, tag_field="event", rename="camel"):
    """A message of Twilio after `connected`: all have these.

    Attributes:
        stream_sid: the stream's id.
        sequence_number: the message's own, from 1 on.
    """

    stream_sid: str
    sequence_number: Digits | UnsetType = UNSET


class Connected(Struct, frozen=True, tag_field="event", tag="connected"):
    """The first message."""

    protocol: str = "Call"
    version: str = "1.0.0"


class Start(_Numbered, frozen=True, kw_only=True, tag="start"):
    """The second message: what this stream is."""

    start: StreamFacts


class CallerMedia(_Numbered, frozen=True, kw_only=True, tag="media"):
    """Audio of the caller."""

    media: CallerAudio

    @classmethod
    def of(
        cls, stream_sid: str, payload: bytes, *, number: int, chunk: int, at_ms: int
    ) -> Self:
        """Make the message.

        Args:
            stream_sid: the stream's id.
            payload: µ-law samples.
            number: the message's own.
            chunk: the number of the chunk.
            at_ms: its place in the stream, in milliseconds.
        """
        audio = CallerAudio(payload, str(at_ms), str(chunk))
        return cls(stream_sid=stream_sid, sequence_number=str(number), media=audio)

    @property
    def payload(self) -> bytes:
        """µ-law samples."""
        return self.media.payload

    @property
    def timestamp_ms(self) -> int:
        """Milliseconds since the stream began."""
        return int(self.media.timestamp)


class MarkReached(_Numbered, frozen=True, kw_only=True, tag="mark"):
    """All media before a mark have been played, or were cleared."""

    mark: MarkName

    @property
    def name(self) -> str:
        """The mark's name."""
        return self.mark.name


class Dtmf(_Numbered, frozen=True, kw_only=True, tag="dtmf"):
    """The caller pressed a key."""

    dtmf: Digit


class Stop(_Numbered, frozen=True, kw_only=True, tag="stop"):
    """The call, or the stream, is over."""

    stop: StopFacts | UnsetType = UNSET


class _ToTwilio(Struct, frozen=True, kw_only=True, tag_field="event", rename="camel"):
    """A message of a bridge.

    Attributes:
        stream_sid: the stream's id.
    """

    stream_sid: str


class AgentMedia(_ToTwilio, frozen=True, kw_only=True, tag="media"):
    """Audio to play to the caller, after what was sent before."""

    media: AgentAudio

    @classmethod
    def of(cls, stream_sid: str, payload: bytes) -> Self:
        """Make the message that carries these µ-law samples."""
        return cls(stream_sid=stream_sid, media=AgentAudio(payload))

    @property
    def payload(self) -> bytes:
        """µ-law samples."""
        return self.media.payload


class Mark(_ToTwilio, frozen=True, kw_only=True, tag="mark"):
    """Tell when all media so far have been played."""

    mark: MarkName

    @classmethod
    def of(cls, stream_sid: str, name: str) -> Self:
        """Make the message that asks for a mark of this name."""
        return cls(stream_sid=stream_sid, mark=MarkName(name))

    @property
    def name(self) -> str:
        """The mark's name."""
        return self.mark.name


class Clear(_ToTwilio, frozen=True, kw_only=True, tag="clear"):
    """Forget what was sent and not played."""


ProviderMessage: TypeAlias = Connected | Start | CallerMedia | MarkReached | Dtmf | Stop
"""What Twilio sends."""

BridgeMessage: TypeAlias = AgentMedia | Mark | Clear
"""What a bridge sends."""

_provider: Reader[ProviderMessage] = Reader(
    LEG,
    "provider",
    "event",
    msgspec.json.Decoder(ProviderMessage),
    ("connected", "dtmf", "mark", "media", "start", "stop"),
)
_bridge: Reader[BridgeMessage] = Reader(
    LEG,
    "bridge",
    "event",
    msgspec.json.Decoder(BridgeMessage),
    ("clear", "mark", "media"),
)
_encoder = msgspec.json.Encoder()


def from_provider(text: str | bytes) -> ProviderMessage:
    """Return a message of Twilio.

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
