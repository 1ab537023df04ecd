"""A server on a real port and strict clients of it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.sdk import assert_valid_server_event
from tests.support.sockets import SOON_S
from voicelab.lab.agents import Agent, AgentSource
from voicelab.responders.profile import LatencyProfile, load_profile
from voicelab.responders.script import ScriptedReply, Speech
from voicelab.responders.scripted import ScriptedResponder
from voicelab.serve import (
    AgentSessions,
    BackgroundServer,
    RealtimeServer,
    ServeOptions,
    SessionSource,
)
from voicelab.session.work import INLINE, Work

Event = dict[str, Any]

LOUD = 12_000
RATE_HZ = 24_000


def speech(seconds: float, level: int = LOUD) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return noise that the energy VAD takes for speech, int16 at 24 kHz."""
    noise = np.random.default_rng(7).uniform(-level, level, round(seconds * RATE_HZ))
    return noise.astype(np.int16)


def silence(seconds: float) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return silence, int16 at 24 kHz."""
    return np.zeros(round(seconds * RATE_HZ), np.int16)


class OneReply:
    """Agents that say the same thing again and again."""

    def __init__(
        self, seconds: float = 0.4, profile: LatencyProfile | None = None
    ) -> None:
        self._profile = profile or load_profile("instant")
        self._reply = ScriptedReply("Hello there.", Speech(speech(seconds), RATE_HZ))

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        del work
        sampler = self._profile.sampler(seed)
        return Agent(ScriptedResponder([self._reply], sampler))


def sessions(agents: AgentSource | None = None, **settings: Any) -> AgentSessions:
    return AgentSessions(agents=agents or OneReply(), vad="energy", **settings)


class Client:
    """A client that accepts nothing but what the strictest one would."""

    def __init__(self, websocket: ClientConnection, *, strict: bool = True) -> None:
        self.websocket = websocket
        self.events: list[Event] = []
        self._strict = strict

    async def send(self, event_type: str, **fields: Any) -> None:
        await self.websocket.send(json.dumps({"type": event_type} | fields))

    async def append(self, samples: np.ndarray[Any, np.dtype[np.int16]]) -> None:
        audio = base64.b64encode(samples.tobytes()).decode()
        await self.send("input_audio_buffer.append", audio=audio)

    async def next(self) -> Event:
        """Return the next event."""
        async with asyncio.timeout(SOON_S):
            text = await self.websocket.recv()
        assert isinstance(text, str)
        if self._strict:
            assert_valid_server_event(text.encode())
        event: Event = json.loads(text)
        self.events.append(event)
        return event

    async def until(self, event_type: str) -> Event:
        """Return the next event of a type."""
        while (event := await self.next())["type"] != event_type:
            assert event["type"] != "error" or event_type == "error", event
        return event

    async def error(self) -> Event:
        """Return what the next error says."""
        error: Event = (await self.until("error"))["error"]
        return error

    async def close_code(self) -> tuple[int | None, str | None]:
        """Wait for the end; return the code and the reason of it."""
        try:
            async with asyncio.timeout(SOON_S):
                while True:
                    await self.websocket.recv()
        except ConnectionClosed:
            return self.websocket.close_code, self.websocket.close_reason


@asynccontextmanager
async def serving(
    source: SessionSource | None = None, **options: Any
) -> AsyncIterator[RealtimeServer]:
    """Run a server on a free port; it is stopped at the end."""
    server = RealtimeServer(source or sessions(), ServeOptions(port=0, **options))
    await server.start()
    try:
        yield server
    finally:
        await server.stop(drain_s=0)


@asynccontextmanager
async def client_of(
    server: RealtimeServer | BackgroundServer,
    query: str = "?model=gpt-realtime",
    *,
    strict: bool = True,
    **options: Any,
) -> AsyncIterator[Client]:
    """Connect to a server."""
    settings = {"compression": None, "close_timeout": 1, "proxy": None} | options
    async with connect(server.url + query, **settings) as websocket:
        yield Client(websocket, strict=strict)


async def get(
    server: RealtimeServer, text: bytes, *, until: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Send a request as it stands; return status, headers and body.

    The answer ends with the connection, or with what `until` says. Where there is
    none the status is 0.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(text)
    async with asyncio.timeout(SOON_S):
        whole = await (reader.read() if until is None else reader.readuntil(until))
    writer.close()
    await writer.wait_closed()
    if not whole:
        return 0, {}, b""
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """Return the text of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def measured(server: RealtimeServer, name: str, **labels: str) -> float:
    """Return a number that the server measures, 0 if it never happened."""
    told = "".join(f'{key}="{value}",' for key, value in labels.items()).rstrip(",")
    line = f"voicelab_{name}" + (f"{{{told}}} " if told else " ")
    for each in server.telemetry.exposition().decode().splitlines():
        if each.startswith(line):
            return float(each.removeprefix(line))
    return 0.0
