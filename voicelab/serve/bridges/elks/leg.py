"""A call's leg to 46elks: messages in, events and messages out; no socket.

46elks plays from a buffer of its own. The bridge asks with `sync` after each piece of
audio whether it has been played; the answers are all it ever knows of that. They name
nothing, so they belong to the requests in order.

`interrupt` makes the requests that wait void. Whether 46elks still answers those is
not documented, so both are reckoned with: for `VOID_NS` after an interrupt, answers
count for what is void, as long as any of it is unanswered; later ones count for what
was asked since. An agent that was interrupted hears its caller out first, so in
practice nothing is asked in that time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from voicelab.errors import LegError
from voicelab.legs import elks
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.serve.bridges.leg import (
    CallBegins,
    CallerAudio,
    CallOver,
    LegEvent,
    MarkReached,
    Oddity,
)
from voicelab.serve.bridges.unknown_kinds import is_unknown
from voicelab.units import NS_PER_MS

VOID_NS = 500 * NS_PER_MS
"""How long an answer to a void request may be on its way: a round trip, generously."""

PACKET_MS = 20
"""How much audio a telephone is sent at once, as a rule; 46elks names no figure."""

DEFAULT_FORMAT = "pcm_24000"
"""What Realtime servers speak; nothing has to be resampled."""


class ElksLeg:
    """One call; implements `Leg`.

    Args:
        now_ns: tells the present instant.
        format_name: of the audio in both directions; see `elks.CODECS`.

    Attributes:
        name: the leg's name.
        codec: of the audio in both directions.

    Raises:
        LegError: there is no such format.
    """

    name = "elks"

    def __init__(
        self, now_ns: Callable[[], int], format_name: str = DEFAULT_FORMAT
    ) -> None:
        self.codec = elks.codec_named(format_name)
        self._format = format_name
        self._now_ns = now_ns
        self._outbox: list[str] = []
        self._begun = False
        self._over = False
        self._failure: str | None = None
        self._asked: deque[str] = deque()  # marks whose sync is unanswered
        self._void = 0  # syncs that were unanswered when they became void
        self._void_until_ns = 0

    def outgoing(self) -> list[str]:
        """Return the messages to send since this was called last."""
        messages, self._outbox = self._outbox, []
        return messages

    # -- from 46elks ----------------------------------------------------------

    def receive(self, text: str) -> list[LegEvent]:
        """Return what a message says.

        One of an unknown kind says nothing: the protocol is young, and a call must
        not end because it has grown.

        Raises:
            LegError: it is none, or has no place here.
        """
        if self._over:
            return []
        self._failure = None
        try:
            message = elks.from_provider(text)
        except LegError as error:
            if self._begun and is_unknown(text, "t", elks.ProviderMessage):
                return [Oddity(error.problem)]
            raise
        if isinstance(message, elks.Hello):
            return self._begin(message)
        if not self._begun:
            raise _wrong(f"{message.__struct_config__.tag!r} comes before 'hello'")
        if isinstance(message, elks.Audio):
            return self._heard(message.data)
        if isinstance(message, elks.Sync):
            return self._played()
        return self._end(message)

    def _begin(self, hello: elks.Hello) -> list[LegEvent]:
        if self._begun:
            raise _wrong("a second 'hello'")
        self._begun = True
        # Who calls is left out: 46elks knows it by the call's id, logs need not.
        facts = {"call_id": hello.callid, "to": hello.to}
        return [CallBegins(facts, frame_ms=PACKET_MS)]

    def _heard(self, data: bytes) -> list[LegEvent]:
        if len(data) % self.codec.bytes_per_sample:
            raise _wrong(f"'audio': {len(data)} bytes are no whole samples")
        return [CallerAudio(data)] if data else []

    def _played(self) -> list[LegEvent]:
        self._forget_void()
        if self._void:
            self._void -= 1
            return []
        if not self._asked:
            return [Oddity("a 'sync' that nothing asked for")]
        return [MarkReached(self._asked.popleft())]

    def _end(self, bye: elks.Bye) -> list[LegEvent]:
        self._over = True
        said = [part for part in (bye.reason, bye.message) if isinstance(part, str)]
        return [CallOver(": ".join(said))]

    # -- to 46elks ------------------------------------------------------------

    def ready(self) -> None:
        """Say in what the caller is to be heard, and what will be sent.

        46elks sends no audio before, so nothing is heard that nobody listens to.
        """
        self._send(elks.Listening(self._format))
        self._send(elks.Sending(self._format))

    def play(self, item_id: str, data: bytes) -> None:
        """Send agent audio."""
        del item_id
        self._failure = None
        self._send(elks.Audio(data))

    def mark(self, name: str, item_id: str, audio_ms: float) -> None:
        """Ask to be told when all audio so far has been played."""
        del item_id, audio_ms
        self._asked.append(name)
        self._send(elks.Sync())

    def clear(self) -> None:
        """Silence the agent and void what was asked; audio may follow."""
        self._forget_void()
        self._void += len(self._asked)
        self._void_until_ns = self._now_ns() + VOID_NS
        self._asked.clear()
        self._send(elks.Interrupt())
        self._send(elks.Sending(self._format))  # else 46elks ignores what follows

    def show(self, event: ServerEvent | UnknownServerEvent) -> None:
        """Show nothing: a telephone has no screen."""

    def fail(self, sentence: str) -> None:
        """Keep what went wrong for the goodbye; if the call goes on, it has passed."""
        self._failure = sentence

    def hang_up(self, reason: str) -> None:
        """End the call: with what just went wrong, or else with the reason."""
        if self._failure is None:
            self._send(elks.Bye("done", reason))
        else:
            self._send(elks.Bye("error", self._failure))
        self._over = True

    def _forget_void(self) -> None:
        if self._now_ns() >= self._void_until_ns:
            self._void = 0

    def _send(self, message: elks.BridgeMessage) -> None:
        if not self._over:
            self._outbox.append(elks.encode(message))


def _wrong(problem: str) -> LegError:
    return LegError(elks.LEG, "provider", problem)
