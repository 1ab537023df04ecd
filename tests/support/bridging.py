"""A bridge on a real port, and a page that plays to the sample what it is sent."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.sockets import SOON_S
from voicelab.audio.pcm import Samples
from voicelab.lab.endpoint import Endpoint
from voicelab.serve.bridges.browser.app import browser_app
from voicelab.serve.bridges.server import BridgeServer
from voicelab.serve.bridges.settings import BridgeSettings, CallSettings

FRAME_MS = 20
Message = dict[str, Any]


def call_settings(
    url: str, *, api_key: str | None = None, **settings: Any
) -> CallSettings:
    """Return settings for calls to a server."""
    return CallSettings(endpoint=Endpoint(url, api_key=api_key), **settings)


@asynccontextmanager
async def bridging(
    calls: CallSettings,
    make: Callable[[BridgeSettings], FastAPI] = browser_app,
    **settings: Any,
) -> AsyncIterator[BridgeServer]:
    """Run a bridge on a free port; it is stopped at the end."""
    app = make(BridgeSettings(calls=calls, port=0, **settings))
    server = BridgeServer(app)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(drain_s=0)


class Page:
    """A page: speaks when told, plays what comes, returns marks when they are reached.

    Attributes:
        messages: all that came, in order; audio as its length.
        stopped: at each `clear`, how many milliseconds of each item had been played.
        audio: all audio that came.
    """

    def __init__(self, websocket: ClientConnection, rate_hz: int) -> None:
        self.websocket = websocket
        self.rate_hz = rate_hz
        self.messages: list[Message] = []
        self.stopped: list[dict[str, float]] = []
        self.audio = bytearray()
        self._loop = asyncio.get_running_loop()
        self._end_s = 0.0
        self._queued: list[tuple[float, float]] = []  # start, duration
        self._items: list[tuple[str, int]] = []  # item, pieces of the queue until then
        self._timers: list[asyncio.TimerHandle] = []
        self._sends: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self.closed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    # -- speaking -------------------------------------------------------------

    async def send(self, **message: Any) -> None:
        await self.websocket.send(json.dumps(message))

    async def hello(self, **fields: Any) -> None:
        await self.send(hello={"rate": self.rate_hz} | fields)

    async def speak(
        self, samples: Samples, *, frame_ms: float = FRAME_MS, at_once: bool = False
    ) -> None:
        """Send audio as a microphone would: each frame when it has been recorded.

        Or all at once, where what is tested does not depend on when it comes.
        """
        step = round(frame_ms * self.rate_hz / 1000)
        began_s = self._loop.time()
        for start in range(0, len(samples), step):
            frame = samples[start : start + step]
            if not at_once:
                due_s = began_s + (start + len(frame)) / self.rate_hz
                await asyncio.sleep(max(due_s - self._loop.time(), 0))
            await self.send(audio=base64.b64encode(frame.tobytes()).decode())

    # -- listening ------------------------------------------------------------

    def of(self, key: str) -> list[Any]:
        return [message[key] for message in self.messages if key in message]

    def events(self, kind: str) -> list[Message]:
        return [event for event in self.of("event") if event["type"] == kind]

    async def until(
        self, condition: Callable[[], Any], within_s: float = SOON_S
    ) -> Any:
        """Wait until something is so; return it."""
        async with asyncio.timeout(within_s):
            while not (found := condition()):
                if self.closed.is_set():
                    raise AssertionError(f"closed before that: {self.messages[-5:]}")
                self._news.clear()
                await self._news.wait()
        return found

    async def until_event(self, kind: str, count: int = 1) -> Message:
        """Wait for the n-th event of a type."""
        found = await self.until(lambda: self.events(kind)[count - 1 : count])
        event: Message = found[0]
        return event

    async def close_code(self) -> tuple[int | None, str | None]:
        async with asyncio.timeout(SOON_S):
            await self.closed.wait()
        return self.websocket.close_code, self.websocket.close_reason

    def stop_reading(self) -> None:
        """Read nothing any more."""
        self._reading.cancel()

    async def leave(self) -> None:
        for timer in self._timers:
            timer.cancel()
        await self.websocket.close()
        await asyncio.gather(self._reading, *self._sends, return_exceptions=True)

    # -- inside ---------------------------------------------------------------

    async def _read(self) -> None:
        try:
            while True:
                self._take(json.loads(await self.websocket.recv()))
                self._news.set()
        except ConnectionClosed:
            self.closed.set()
            self._news.set()

    def _take(self, message: Message) -> None:
        assert len(message) == 1, message
        now_s = self._loop.time()
        if "audio" in message:
            data = base64.b64decode(message["audio"])
            self.audio += data
            duration_s = len(data) / 2 / self.rate_hz
            start_s = max(now_s, self._end_s)
            self._queued.append((start_s, duration_s))
            self._end_s = start_s + duration_s
            message = {"audio": len(data)}
        elif "mark" in message:
            mark = message["mark"]
            self._items.append((mark["item_id"], len(self._queued)))
            due_s = max(now_s, self._end_s)
            self._timers.append(self._loop.call_at(due_s, self._reached, mark["name"]))
        elif "clear" in message:
            self._clear(now_s)
        self.messages.append(message)

    def _clear(self, now_s: float) -> None:
        for timer in self._timers:
            timer.cancel()
        heard: dict[str, float] = {}
        done = 0
        for item_id, pieces in self._items:
            for start_s, duration_s in self._queued[done:pieces]:
                played_s = min(max(now_s - start_s, 0), duration_s)
                heard[item_id] = heard.get(item_id, 0.0) + played_s * 1000
            done = pieces
        self.stopped.append(heard)
        self._end_s = 0.0

    def _reached(self, name: str) -> None:
        task = asyncio.create_task(self._return(name))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    async def _return(self, name: str) -> None:
        try:
            await self.send(mark={"name": name})
        except ConnectionClosed:
            return


@asynccontextmanager
async def page_of(
    bridge: BridgeServer, rate_hz: int = 16_000, **options: Any
) -> AsyncIterator[Page]:
    """Open a page's WebSocket; it is closed at the end."""
    settings = {"proxy": None, "compression": None, "close_timeout": 1} | options
    async with connect(bridge.places["voice_url"], **settings) as websocket:
        page = Page(websocket, rate_hz)
        try:
            yield page
        finally:
            await page.leave()


def tone(seconds: float, rate_hz: int, level: int = 12_000) -> Samples:
    """Return noise that the energy VAD takes for speech."""
    noise = np.random.default_rng(5).uniform(-level, level, round(seconds * rate_hz))
    return noise.astype(np.int16)


def quiet(seconds: float, rate_hz: int) -> Samples:
    """Return silence."""
    return np.zeros(round(seconds * rate_hz), np.int16)
