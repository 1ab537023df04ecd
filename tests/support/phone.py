"""A telephone provider on a real socket: it has the caller, and plays the agent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.exchanges import ElksExchange, Exchange, TwilioExchange
from voicelab.audio.pcm import Samples
from voicelab.legs import LegCodec, elks, twilio

FRAME_MS = 20
STREAM = "MZ1"


class Provider(Protocol):
    """What a kind of provider says."""

    @property
    def codec(self) -> LegCodec:
        """Of the audio in both directions."""
        ...

    @property
    def exchange(self) -> Exchange:
        """Where the agent is played."""
        ...

    def greetings(self) -> list[str]:
        """Return its first messages."""
        ...

    def may_speak(self, received: list[dict[str, Any]]) -> bool:
        """Whether the caller's audio may flow, after what the bridge has sent."""
        ...

    def audio(self, data: bytes, index: int) -> str:
        """Return a frame of the caller's audio."""
        ...

    def goodbye(self) -> str:
        """Return its last message."""
        ...


class Elks:
    """46elks, in a format."""

    def __init__(self, name: str = "pcm_24000", *, answers_void: bool = True) -> None:
        self.codec = elks.CODECS[name]
        self.exchange = ElksExchange(name, answers_void=answers_void)

    def greetings(self) -> list[str]:
        return [elks.encode(elks.Hello("c1", "+46701234567", "+46766861234"))]

    def may_speak(self, received: list[dict[str, Any]]) -> bool:
        return any(message["t"] == "listening" for message in received)

    def audio(self, data: bytes, index: int) -> str:
        del index
        return elks.encode(elks.Audio(data))

    def goodbye(self) -> str:
        return elks.encode(elks.Bye("hangup"))


class Twilio:
    """Twilio."""

    codec = twilio.CODEC

    def __init__(self) -> None:
        self.exchange = TwilioExchange(STREAM)

    def greetings(self) -> list[str]:
        facts = twilio.StreamFacts(STREAM, "CA1")
        start = twilio.Start(stream_sid=STREAM, start=facts)
        return [twilio.encode(twilio.Connected()), twilio.encode(start)]

    def may_speak(self, received: list[dict[str, Any]]) -> bool:
        del received
        return True

    def audio(self, data: bytes, index: int) -> str:
        media = twilio.CallerMedia.of(
            STREAM, data, number=index + 2, chunk=index + 1, at_ms=index * FRAME_MS
        )
        return twilio.encode(media)

    def goodbye(self) -> str:
        return twilio.encode(twilio.Stop(stream_sid=STREAM))


class Phone:
    """One call of a provider."""

    def __init__(self, provider: Provider, websocket: ClientConnection) -> None:
        self.provider = provider
        self.websocket = websocket
        self.received: list[dict[str, Any]] = []
        self.frames = 0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._may_speak = asyncio.Event()

    async def greet(self) -> None:
        for text in self.provider.greetings():
            await self.websocket.send(text)

    async def speak(self, samples: Samples) -> None:
        """Send a caller's audio as fast as it is spoken, once that may be."""
        if self.provider.may_speak(self.received):
            self._may_speak.set()
        await self._may_speak.wait()
        codec = self.provider.codec
        step = codec.rate_hz * FRAME_MS // 1000
        began_s = self._loop.time()
        for number, start in enumerate(range(0, len(samples), step)):
            due_s = began_s + (number + 1) * FRAME_MS / 1000
            await asyncio.sleep(due_s - self._loop.time())
            data = codec.encode(samples[start : start + step])
            await self.websocket.send(self.provider.audio(data, self.frames))
            self.frames += 1

    async def hang_up(self) -> None:
        await self.websocket.send(self.provider.goodbye())

    async def listen(self) -> None:
        """Take what the bridge sends until it hangs up."""
        with suppress(ConnectionClosed):
            while True:
                text = await self.websocket.recv()
                assert isinstance(text, str)
                self.received.append(json.loads(text))
                self._take(text)
        if self._timer is not None:
            self._timer.cancel()

    def _take(self, text: str) -> None:
        self.provider.exchange.take(text, self._now_ns())
        if self.provider.may_speak(self.received):
            self._may_speak.set()
        self._answer()

    def _answer(self) -> None:
        """Send what has been reached, and wait for what will be."""
        exchange = self.provider.exchange
        for reply in exchange.replies(self._now_ns()):
            task = self._loop.create_task(self._send(reply.text))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if self._timer is not None:
            self._timer.cancel()
        next_ns = exchange.next_ns()
        if next_ns is not None:
            self._timer = self._loop.call_at(next_ns / 1e9, self._answer)

    async def _send(self, text: str) -> None:
        with suppress(ConnectionClosed):
            await self.websocket.send(text)

    def _now_ns(self) -> int:
        return round(self._loop.time() * 1e9)


@asynccontextmanager
async def calling(url: str, provider: Provider) -> AsyncIterator[Phone]:
    """Call a bridge; hang up at the end."""
    async with connect(url, compression=None, close_timeout=1, proxy=None) as websocket:
        phone = Phone(provider, websocket)
        listening = asyncio.create_task(phone.listen())
        await phone.greet()
        try:
            yield phone
        finally:
            await websocket.close()
            await listening
