"""Clients that come and go in every way there is."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.soak.target import Target

Peer = Callable[[Target, random.Random], Awaitable[None]]
"""What one client does from its connecting to its end."""

RESPOND = json.dumps({"type": "response.create"})

BROKEN_HANDSHAKES = (
    b"",
    b"GET /v1/realtime?model=m HTTP/1.1\r\n",
    b"GET /v1/realtime?model=m HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
    (
        b"GET /elsewhere HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ),
    b"POST /v1/realtime HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nshort",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    bytes(range(256)) * 80,
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 4000,
)


async def polite(target: Target, chance: random.Random) -> None:
    """Come, say nothing and close."""
    del chance
    websocket = await target.opened()
    await websocket.close()


async def resets(target: Target, chance: random.Random) -> None:
    """Come and reset the connection."""
    del chance
    reset(await target.opened())


async def leaves_in_mid_response(target: Target, chance: random.Random) -> None:
    """Ask for a response and leave, politely or not, when it has begun."""
    websocket = await target.opened()
    await websocket.send(RESPOND)
    while b"response.output_audio.delta" not in await websocket.recv(decode=False):
        pass
    if chance.random() < 0.5:
        await websocket.close()
    else:
        reset(websocket)


async def fails_to_shake_hands(target: Target, chance: random.Random) -> None:
    """Say something that opens no session and leave, now or a little later."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
    writer.write(chance.choice(BROKEN_HANDSHAKES))
    if chance.random() < 0.5:
        _reset_on_close(writer.get_extra_info("socket"))
        writer.transport.abort()
        return
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(0.2):
            await reader.read()
    writer.transport.abort()


async def has_a_bad_key(target: Target, chance: random.Random) -> None:
    """Come with a wrong key and be sent away."""
    async with target.connecting(f"wrong-{chance.random()}") as websocket:
        error = json.loads(await websocket.recv())["error"]
        if error["code"] != "invalid_api_key":
            raise AssertionError(f"a wrong key was answered with {error}")
        try:
            await websocket.recv()
        except ConnectionClosed:
            return
        raise AssertionError("a wrong key was not sent away")


async def half_open(target: Target) -> ClientConnection:
    """Come and never read again: no ping is answered, no close is noticed."""
    websocket = await target.opened()
    websocket.transport.pause_reading()
    return websocket


def reset(websocket: ClientConnection) -> None:
    """End a connection with a TCP reset."""
    _reset_on_close(websocket.transport.get_extra_info("socket"))
    websocket.transport.abort()


def _reset_on_close(sock: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


WAYS: tuple[Peer, ...] = (
    polite,
    resets,
    leaves_in_mid_response,
    fails_to_shake_hands,
    has_a_bad_key,
)
