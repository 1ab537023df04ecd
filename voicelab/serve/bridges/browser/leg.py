"""The browser's leg as a bridge uses it; its messages: `voicelab.legs.browser`."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from msgspec import UNSET

from voicelab.errors import LegError
from voicelab.legs import browser as wire
from voicelab.legs.codec import LegCodec
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.serve.bridges.browser.display import displayed
from voicelab.serve.bridges.leg import (
    CallBegins,
    CallerAudio,
    CallOver,
    LegEvent,
    MarkReached,
    NotLetInError,
)


class BrowserLeg:
    """One page's leg.

    A page that begins with `hello` gets everything: `ready`, marks, events, errors. One
    that begins with audio is taken for a published sample: it gets audio at 16 kHz,
    `clear` when it is to stop, `error` and `bye`, and nothing else.

    Args:
        token: what the page has to know; None lets every page in.
    """

    name = wire.LEG

    def __init__(self, token: str | None = None) -> None:
        self._token = token
        self._begun = False
        self._plain = False
        self._codec = wire.codec_at(wire.DEFAULT_RATE)
        self._out: list[str] = []

    @property
    def codec(self) -> LegCodec:
        """16-bit PCM at the rate that the page chose."""
        return self._codec

    def receive(self, text: str) -> Sequence[LegEvent]:
        """Return what a message of the page means.

        Raises:
            LegError: it is none, or has no place here.
            NotLetInError: the token in it is not the bridge's.
        """
        message = wire.from_provider(text)
        events: list[LegEvent] = []
        if not self._begun:
            events.append(self._begin(message))
        match message:
            case wire.Hello():
                if not events:
                    raise LegError(wire.LEG, "provider", "a second 'hello'")
            case wire.Audio(data=data):
                events.append(CallerAudio(data))
            case wire.MarkPlayed(name=name):
                events.append(MarkReached(name))
            case wire.Bye(reason=reason):
                events.append(CallOver("" if reason is UNSET else reason))
        return events

    def _begin(self, message: wire.ProviderMessage) -> CallBegins:
        hello = message if isinstance(message, wire.Hello) else None
        self._check(None if hello is None else hello.token)
        self._begun = True
        self._plain = hello is None
        if hello is not None:
            self._codec = wire.codec_at(hello.rate)
        return CallBegins(acknowledges=not self._plain)

    def _check(self, token: object) -> None:
        """Compare in a time that does not tell how near a token is."""
        if self._token is None:
            return
        given = token if isinstance(token, str) else ""
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            raise NotLetInError(wire.LEG)

    def ready(self) -> None:
        """Tell the page that audio may flow."""
        if not self._plain:
            self._send(wire.Ready(self._codec.rate_hz))  # type: ignore[arg-type] # one of those

    def play(self, item_id: str, data: bytes) -> None:
        """Send agent audio."""
        del item_id
        self._send(wire.Audio(data))

    def mark(self, name: str, item_id: str, audio_ms: float) -> None:
        """Ask to be told when all audio so far has been played."""
        self._send(wire.Mark(name, item_id, round(audio_ms, 3)))

    def clear(self) -> None:
        """Make the page drop what it has not played."""
        self._send(wire.Clear())

    def show(self, event: ServerEvent | UnknownServerEvent) -> None:
        """Pass an event on for display."""
        shown = None if self._plain else displayed(event)
        if shown is not None:
            self._send(wire.UpstreamEvent(shown))

    def fail(self, sentence: str) -> None:
        """Say what went wrong."""
        self._send(wire.Failure(sentence))

    def hang_up(self, reason: str) -> None:
        """Say goodbye."""
        self._send(wire.Bye(reason))

    def outgoing(self) -> list[str]:
        """Return the texts to send since the last call, in order."""
        out, self._out = self._out, []
        return out

    def _send(self, message: wire.BridgeMessage) -> None:
        self._out.append(wire.encode(message))
