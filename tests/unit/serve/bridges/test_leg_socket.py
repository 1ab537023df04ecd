"""The queue between a call and its provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.sockets import on_sockets
from voicelab.serve.bridges.leg_socket import LegSocket


class Peer:
    """A WebSocket whose far end takes a message whenever the test says so."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.closed: tuple[int, str] | None = None
        self.gone = False
        self._may_take = asyncio.Semaphore(0)

    async def send_text(self, text: str) -> None:
        await self._may_take.acquire()
        if self.gone:
            raise WebSocketDisconnect(1006)
        self.taken.append(text)

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    async def takes(self, count: int) -> None:
        for _ in range(count):
            self._may_take.release()
        for _ in range(2 * count + 3):
            await asyncio.sleep(0)


Scene = Callable[[Peer, LegSocket, list[str]], Coroutine[Any, Any, None]]


def play(scene: Scene, **options: Any) -> None:
    async def main() -> None:
        peer, news = Peer(), list[str]()
        socket = LegSocket(
            cast("WebSocket", peer), lambda: news.append("overflow"), **options
        )
        try:
            await scene(peer, socket, news)
        finally:
            peer.gone = True
            await peer.takes(1)
            await socket.close(1000)

    on_sockets(main)


def test_messages_are_written_in_their_order() -> None:
    async def scene(peer: Peer, socket: LegSocket, _: list[str]) -> None:
        socket.send(["a", "b"])
        socket.send(["c"], audio=True)
        await peer.takes(3)
        assert peer.taken == ["a", "b", "c"]
        assert socket.pending_bytes == 0

    play(scene)


def test_audio_that_waits_is_dropped_and_nothing_else() -> None:
    async def scene(peer: Peer, socket: LegSocket, _: list[str]) -> None:
        await peer.takes(0)
        socket.send(["a1"], audio=True)
        await peer.takes(0)  # the writer has it in hand now
        socket.send(["a2"], audio=True)
        socket.send(["mark"])
        socket.send(["a3"], audio=True)
        socket.drop_audio()
        socket.send(["clear"])
        assert socket.pending_bytes == len("mark") + len("clear")
        await peer.takes(4)
        assert peer.taken == ["a1", "mark", "clear"]

    play(scene)


def test_a_peer_that_does_not_read_costs_so_much_and_no_more() -> None:
    async def scene(_peer: Peer, socket: LegSocket, news: list[str]) -> None:
        for _ in range(100):
            socket.send(["x" * 10])
        assert news == ["overflow"]
        assert socket.pending_bytes == 0

    play(scene, max_pending_bytes=50)


def test_what_was_sent_goes_out_before_the_close() -> None:
    async def scene(peer: Peer, socket: LegSocket, _: list[str]) -> None:
        socket.send(["bye"])
        closing = asyncio.create_task(socket.close(1001, "reason"))
        await peer.takes(0)
        assert peer.closed is None
        await peer.takes(1)
        await closing
        assert peer.taken == ["bye"]
        assert peer.closed == (1001, "reason")
        socket.send(["too late"])
        assert socket.pending_bytes == 0

    play(scene)


def test_a_peer_that_is_gone_is_written_to_no_more() -> None:
    async def scene(peer: Peer, socket: LegSocket, _: list[str]) -> None:
        peer.gone = True
        socket.send(["a", "b"])
        await peer.takes(1)
        await socket.close(1000)
        assert peer.taken == []

    play(scene)


@pytest.mark.parametrize("message", [{"text": "hello"}, {"bytes": b"\0"}])
def test_it_returns_what_comes(message: dict[str, Any]) -> None:
    async def main() -> None:
        incoming = [{"type": "websocket.receive"} | message]
        incoming.append({"type": "websocket.disconnect", "code": 1006})

        class Talker(Peer):
            async def receive(self) -> dict[str, Any]:
                return incoming.pop(0)

        socket = LegSocket(cast("WebSocket", Talker()), lambda: None)
        (wanted,) = message.values()
        assert await socket.receive() == wanted
        assert await socket.receive() is None
        await socket.close(1000)

    on_sockets(main)
