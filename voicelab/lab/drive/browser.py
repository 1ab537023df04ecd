"""A page in a browser, as a provider."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from voicelab.audio.pcm import Samples
from voicelab.lab.drive.provider import (
    Action,
    Checkpoint,
    Clear,
    HangUp,
    Play,
    Told,
    Violation,
)
from voicelab.legs import browser

ODD = "sent 16-bit audio of an odd number of bytes"


class BrowserPage:
    """A page that plays, returns marks and drops what is queued when it is told to.

    It speaks only when spoken to: without a rate or a token it sends no `hello`, and
    without having seen a message beyond `audio` no `bye`, since bridges that know
    nothing but `{"audio": …}` stumble over anything else.

    Args:
        rate_hz: the rate to ask for; None asks for none and takes the default.
        token: lets the page in; None sends none.
    """

    kind = "browser"

    def __init__(self, rate_hz: int | None = None, token: str | None = None) -> None:
        self.agent_hz: int = rate_hz or browser.DEFAULT_RATE
        self.caller_hz: int | None = self.agent_hz
        self._says_hello = rate_hz is not None or token is not None
        self._token = token
        self._is_ready = not self._says_hello
        self._knows_more = False

    @property
    def ready(self) -> bool:
        """Whether the bridge has answered `hello`, if the page said it."""
        return self._is_ready

    @property
    def awaits(self) -> str:
        """What answers a `hello`."""
        return "ready"

    def greeting(self) -> Sequence[str]:
        """Return `hello`, if there is anything to say."""
        if not self._says_hello:
            return ()
        document: dict[str, object] = {"rate": self.agent_hz}
        if self._token is not None:
            document["token"] = self._token
        return (browser.encode(msgspec.convert(document, browser.Hello)),)

    def read(self, text: str | bytes) -> Sequence[Action]:
        """Return what the page does at a message."""
        message = browser.from_bridge(text)
        self._knows_more = self._knows_more or not isinstance(message, browser.Audio)
        match message:
            case browser.Audio(data):
                return self._play(data)
            case browser.Ready(rate):
                return self._begin(rate)
            case browser.Mark(name, item_id, audio_ms):
                told = {"name": name, "item_id": item_id, "audio_ms": audio_ms}
                # the page's own queue holds the first mark of an item until it plays
                return (Told("mark", told), Checkpoint(name, leads=audio_ms == 0))
            case browser.Clear():
                return (Told("clear"), Clear())
            case browser.Failure(said):
                return (Told("error", {"message": said}),)
            case browser.Bye(reason):
                return (HangUp("" if reason is UNSET else str(reason)),)
        return ()  # an event for display

    def _play(self, data: bytes) -> Sequence[Action]:
        codec = browser.codec_at(self.agent_hz)
        try:
            return (Play(codec.decode(data), codec.rate_hz),)
        except ValueError:
            return (Violation(ODD),)

    def _begin(self, rate_hz: int) -> Sequence[Action]:
        self._is_ready = True
        told = Told("ready", {"rate": rate_hz})
        if rate_hz == self.agent_hz:
            return (told,)
        self.agent_hz = self.caller_hz = rate_hz
        return (told, Violation("chose another rate than the page's"))

    def caller_audio(self, samples: Samples, at_ms: int) -> Sequence[str]:
        """Return one message with all samples."""
        del at_ms
        codec = browser.codec_at(self.agent_hz)
        return (browser.encode(browser.Audio(codec.encode(samples))),)

    def reached(self, name: str) -> str:
        """Return a mark."""
        return browser.encode(browser.MarkPlayed(name))

    def cleared(self, names: Sequence[str]) -> Sequence[str]:
        """Return nothing: the page forgets the marks of what it drops."""
        del names
        return ()

    def farewell(self) -> Sequence[str]:
        """Return `bye`, if the bridge will understand it."""
        return (browser.encode(browser.Bye()),) if self._knows_more else ()
