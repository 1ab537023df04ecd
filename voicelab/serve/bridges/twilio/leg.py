"""A call's leg to Twilio: messages in, events and messages out; no socket, no clock.

Twilio plays from a buffer of its own and returns each `mark` when it has played up to
it. `clear` makes it return all that wait at once; those are void, and so is one that
was reached before the `clear` and came back after it: the two cannot be told apart.
"""

from __future__ import annotations

from typing import TypeAlias

from voicelab.errors import LegError
from voicelab.legs import twilio
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.serve.bridges.leg import (
    CallBegins,
    CallerAudio,
    CallOver,
    KeyPressed,
    LegEvent,
    MarkReached,
    Oddity,
)
from voicelab.serve.bridges.twilio.caller_clock import CallerClock
from voicelab.serve.bridges.unknown_kinds import is_unknown

INBOUND = "inbound"
"""The track that is the caller."""

_OfStream: TypeAlias = (
    twilio.CallerMedia | twilio.MarkReached | twilio.Dtmf | twilio.Stop
)


class TwilioLeg:
    """One media stream; implements `Leg`.

    Attributes:
        name: the leg's name.
        codec: of the audio in both directions; there is one only.
    """

    name = "twilio"
    codec = twilio.CODEC

    def __init__(self) -> None:
        self._outbox: list[str] = []
        self._stream_sid: str | None = None
        self._over = False
        self._clock = CallerClock()
        self._waiting: set[str] = set()  # marks not returned, and not void

    def outgoing(self) -> list[str]:
        """Return the messages to send since this was called last."""
        messages, self._outbox = self._outbox, []
        return messages

    # -- from Twilio ----------------------------------------------------------

    def receive(self, text: str) -> list[LegEvent]:
        """Return what a message says.

        One of an unknown kind says nothing: a call must not end because the protocol
        has grown.

        Raises:
            LegError: it is none, or has no place here.
        """
        if self._over:
            return []
        try:
            message = twilio.from_provider(text)
        except LegError as error:
            if is_unknown(text, "event", twilio.ProviderMessage):
                return [Oddity(error.problem)]
            raise
        if isinstance(message, twilio.Connected):
            return []
        if isinstance(message, twilio.Start):
            return self._begin(message)
        self._check_stream(message)
        return self._told(message)

    def _begin(self, message: twilio.Start) -> list[LegEvent]:
        if self._stream_sid is not None:
            raise _wrong("a second 'start'")
        facts = message.start
        if facts.media_format != twilio.MediaFormat():
            raise _wrong(f"'start': {_described(facts.media_format)}")
        if INBOUND not in facts.tracks:
            raise _wrong("'start': the caller's track is not in the stream")
        self._stream_sid = message.stream_sid
        # Custom parameters are left out: some hold secrets.
        about = {"call_id": facts.call_sid, "stream_id": message.stream_sid}
        return [CallBegins(about, frame_ms=twilio.MEDIA_MS)]

    def _check_stream(self, message: _OfStream) -> None:
        kind = message.__struct_config__.tag
        if self._stream_sid is None:
            raise _wrong(f"{kind!r} comes before 'start'")
        if message.stream_sid != self._stream_sid:
            raise _wrong(f"{kind!r} belongs to another stream")

    def _told(self, message: _OfStream) -> list[LegEvent]:
        if isinstance(message, twilio.CallerMedia):
            return self._heard(message.media)
        if isinstance(message, twilio.MarkReached):
            return self._played(message.name)
        if isinstance(message, twilio.Dtmf):
            return [KeyPressed(message.dtmf.digit)]
        self._over = True
        return [CallOver("stop")]

    def _heard(self, audio: twilio.CallerAudio) -> list[LegEvent]:
        if audio.track != INBOUND:
            return []
        data = self._clock.place(audio)
        return [CallerAudio(data)] if data else []

    def _played(self, name: str) -> list[LegEvent]:
        if name not in self._waiting:
            return []
        self._waiting.remove(name)
        return [MarkReached(name)]

    # -- to Twilio ------------------------------------------------------------

    def ready(self) -> None:
        """Say nothing: Twilio sends the caller's audio from the start."""

    def play(self, item_id: str, data: bytes) -> None:
        """Send agent audio."""
        del item_id
        self._send(twilio.AgentMedia.of(self._stream, data))

    def mark(self, name: str, item_id: str, audio_ms: float) -> None:
        """Ask to be told when all audio so far has been played."""
        del item_id, audio_ms
        self._waiting.add(name)
        self._send(twilio.Mark.of(self._stream, name))

    def clear(self) -> None:
        """Silence the agent and void the marks that wait; audio may follow."""
        self._waiting.clear()
        self._send(twilio.Clear(stream_sid=self._stream))

    def show(self, event: ServerEvent | UnknownServerEvent) -> None:
        """Show nothing: a telephone has no screen."""

    def fail(self, sentence: str) -> None:
        """Say nothing: there is no message for it."""

    def hang_up(self, reason: str) -> None:
        """End the stream without a word: closing the connection ends it."""
        del reason
        self._over = True

    @property
    def _stream(self) -> str:
        assert self._stream_sid is not None, "nothing is sent before the call begins"
        return self._stream_sid

    def _send(self, message: twilio.BridgeMessage) -> None:
        if not self._over:
            self._outbox.append(twilio.encode(message))


def _described(media: twilio.MediaFormat) -> str:
    channels = "channel" if media.channels == 1 else "channels"
    return (
        f"the audio is {media.encoding} at {media.sample_rate} Hz in "
        f"{media.channels} {channels}, not audio/x-mulaw at 8000 Hz in 1"
    )


def _wrong(problem: str) -> LegError:
    return LegError(twilio.LEG, "provider", problem)
