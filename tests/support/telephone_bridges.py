"""The telephone bridges on real ports, and frames sent to them one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.sockets import SOON_S
from voicelab.lab.endpoint import Endpoint
from voicelab.serve.bridges.elks.app import elks_app
from voicelab.serve.bridges.elks.settings import ElksSettings
from voicelab.serve.bridges.server import BridgeServer
from voicelab.serve.bridges.settings import CallSettings
from voicelab.serve.bridges.twilio.app import twilio_app
from voicelab.serve.bridges.twilio.settings import TwilioSettings

SESSION = {
    "type": "realtime",
    "audio": {
        "input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 300}}
    },
}

ELKS_HELLO = '{"t":"hello","callid":"c1","from":"+46701234567","to":"+46766861234"}'
TWILIO_START = (
    '{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1"'
    ',"callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw",'
    '"sampleRate":8000,"channels":1}}}'
)

Make = Callable[..., FastAPI]


def calls_to(url: str, **settings: Any) -> CallSettings:
    """Return settings for calls to a server."""
    return CallSettings(endpoint=Endpoint(url), **({"session": SESSION} | settings))


def elks_bridge(calls: CallSettings, **more: Any) -> FastAPI:
    return elks_app(ElksSettings(calls=calls, port=0, **more))


def twilio_bridge(calls: CallSettings, **more: Any) -> FastAPI:
    return twilio_app(TwilioSettings(calls=calls, port=0, **more))


BRIDGES: dict[str, tuple[Make, str, str]] = {
    "elks": (elks_bridge, "/elks", ELKS_HELLO),
    "twilio": (twilio_bridge, "/twilio/media", TWILIO_START),
}
"""By name: what makes it, where calls come to, what they begin with."""


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[BridgeServer]:
    """Run a bridge on a free port; it is stopped at the end."""
    bridge = BridgeServer(app)
    await bridge.start()
    try:
        yield bridge
    finally:
        await bridge.stop(drain_s=0)


def url_of(bridge: BridgeServer, path: str) -> str:
    return f"ws://127.0.0.1:{bridge.port}{path}"


class Line:
    """A provider that says what it is told to."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket
        self.received: list[dict[str, Any]] = []

    async def send(self, *texts: str | bytes) -> None:
        for text in texts:
            await self.websocket.send(text)

    async def until(self, kind: str) -> dict[str, Any]:
        """Return the next message of a kind."""
        async with asyncio.timeout(SOON_S):
            while True:
                message = await self._next()
                if kind in (message.get("t"), message.get("event")):
                    return message

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.websocket.recv())
        self.received.append(message)
        return message

    async def closed(self) -> tuple[int | None, str | None]:
        """Wait for the end; return the code and the reason of it."""
        async with asyncio.timeout(SOON_S):
            with suppress(ConnectionClosed):
                while True:
                    await self._next()
        return self.websocket.close_code, self.websocket.close_reason


@asynccontextmanager
async def line_to(
    bridge: BridgeServer, path: str, **options: Any
) -> AsyncIterator[Line]:
    """Open a connection to a bridge; it is closed at the end."""
    url = url_of(bridge, path)
    async with connect(
        url, compression=None, close_timeout=1, proxy=None, **options
    ) as websocket:
        yield Line(websocket)
