from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.support.sockets import SOON_S, on_sockets, socket_pair, until
from voicelab.transport.connection import Closing
from voicelab.transport.websocket import WebSocketConnection


@dataclass
class End:
    """Our end of a connection, and what it was told."""

    connection: WebSocketConnection
    messages: list[bytes] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection.set_receiver(self.messages.append, self.closings.append)
        self.running = asyncio.create_task(self.connection.run())

    async def ends(self) -> Closing:
        async with asyncio.timeout(SOON_S):
            return await self.running


@asynccontextmanager
async def linked(**options: object) -> AsyncIterator[tuple[ClientConnection, End]]:
    """The peer, bare, and our end at the server's side."""
    async with socket_pair() as (peer, ours):
        end = End(WebSocketConnection(ours, **options))  # type: ignore[arg-type]
        try:
            yield peer, end
        finally:
            end.running.cancel()
            await asyncio.wait([end.running])


def test_text_goes_both_ways_in_order() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            for number in range(100):
                end.connection.send(f"down {number} ä".encode())
                await peer.send(f"up {number} ä")
            got = [await peer.recv() for _ in range(100)]
            assert got == [f"down {number} ä" for number in range(100)]
            await until(lambda: len(end.messages) == 100)
            assert end.messages == [f"up {number} ä".encode() for number in range(100)]

    on_sockets(main)


def test_a_message_is_a_text_frame() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            end.connection.send(b'{"type":"x"}')
            assert isinstance(await peer.recv(), str)

    on_sockets(main)


def test_the_listener_hears_the_peers_close() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            await peer.close(4321, "enough")
            assert await end.ends() == Closing(4321, "enough")
            assert end.closings == [Closing(4321, "enough")]

    on_sockets(main)


def test_the_listener_hears_of_a_peer_that_vanishes() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            peer.transport.abort()
            assert (await end.ends()).code == 1006
            assert [closing.code for closing in end.closings] == [1006]

    on_sockets(main)


def test_close_sends_first_what_was_sent_before_it() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            for number in range(50):
                end.connection.send(b"%d" % number)
            end.connection.close(Closing(3000, "bad key"))
            end.connection.send(b"too late")
            got = [await peer.recv() for _ in range(50)]
            assert got == [str(number) for number in range(50)]
            with pytest.raises(ConnectionClosed):
                await peer.recv()
            assert (peer.close_code, peer.close_reason) == (3000, "bad key")
            assert await end.ends() == Closing(3000, "bad key")
            assert end.closings == []  # our own close

    on_sockets(main)


def test_nothing_is_received_after_close() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            end.connection.close()
            with suppress(ConnectionClosed):
                await peer.send("too late")
            await end.ends()
            assert end.messages == []

    on_sockets(main)


def test_code_1006_breaks_off_without_a_close_frame() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            end.connection.close(Closing(1006, "on purpose"))
            with pytest.raises(ConnectionClosed) as caught:
                await peer.recv()
            assert caught.value.rcvd is None
            assert await end.ends() == Closing(1006, "on purpose")

    on_sockets(main)


def test_a_reason_that_is_too_long_is_cut_between_characters() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            end.connection.close(Closing(4000, "ä" * 100))
            with pytest.raises(ConnectionClosed):
                await peer.recv()
            assert peer.close_reason == "ä" * 61

    on_sockets(main)


def test_binary_frames_are_no_messages() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            binary: list[bytes] = []
            end.connection.on_binary = binary.append
            await peer.send(b"\x00\x01")
            await peer.send("text")
            await until(lambda: bool(end.messages))
            assert (binary, end.messages) == ([b"\x00\x01"], [b"text"])

    on_sockets(main)


def test_text_that_is_not_utf_8_ends_the_connection() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            await peer.send(b"\xff\xfe", text=True)
            assert (await end.ends()).code == 1007

    on_sockets(main)


def test_a_peer_that_does_not_read_is_dropped_and_costs_what_it_may() -> None:
    async def main() -> None:
        async with linked(max_pending_bytes=100_000) as (peer, end):
            peer.transport.pause_reading()
            most = 0
            for _ in range(10_000):
                end.connection.send(b"x" * 10_000)
                most = max(most, end.connection.pending_bytes)
                await asyncio.sleep(0)
                if end.closings:
                    break
            assert end.closings[0].code == 1008
            assert most <= 110_000
            assert end.connection.pending_bytes == 0
            assert (await end.ends()).code == 1008
            assert len(end.closings) == 1

    on_sockets(main)


def test_sending_never_waits_and_the_listener_is_not_called_within_it() -> None:
    async def main() -> None:
        async with linked(max_pending_bytes=10) as (_, end):
            end.connection.send(b"x" * 11)
            assert end.closings == []
            await until(lambda: bool(end.closings))

    on_sockets(main)


def test_pieces_take_the_place_of_a_message() -> None:
    def split(message: bytes) -> Iterable[bytes]:
        return (message[i : i + 2] for i in range(0, len(message), 2))

    async def main() -> None:
        async with linked(split=split) as (peer, end):
            await peer.send("abcdef")
            await until(lambda: len(end.messages) == 3)
            assert end.messages == [b"ab", b"cd", b"ef"]

    on_sockets(main)


def test_who_takes_long_lets_others_have_their_turn() -> None:
    async def main() -> None:
        async with linked(split=lambda _: [b"piece"] * 20) as (peer, end):
            loop = asyncio.get_running_loop()
            turns: list[int] = []

            def take(message: bytes) -> None:
                end.messages.append(message)
                began_s = loop.time()
                while loop.time() < began_s + 0.004:
                    pass

            async def other() -> None:
                while len(end.messages) < 20:
                    turns.append(len(end.messages))
                    await asyncio.sleep(0)

            end.connection.set_receiver(take, end.closings.append)
            await peer.send("long")
            await other()
            assert set(range(1, 20)) <= set(turns)  # between any two pieces

    on_sockets(main)


def test_what_the_receiver_raises_breaks_the_connection_off() -> None:
    async def main() -> None:
        async with linked() as (peer, end):

            def fail(message: bytes) -> None:
                raise ZeroDivisionError(message)

            end.connection.set_receiver(fail)
            await peer.send("x")
            with pytest.raises(ZeroDivisionError):
                await end.ends()
            with pytest.raises(ConnectionClosed):
                await peer.recv()

    on_sockets(main)


def test_the_clients_end_is_the_same() -> None:
    async def main() -> None:
        async with socket_pair() as (ours, peer):
            end = End(WebSocketConnection(ours))
            end.connection.send(b"hello")
            assert await peer.recv() == "hello"
            await peer.send("welcome")
            await until(lambda: end.messages == [b"welcome"])
            end.connection.close()
            assert await end.ends() == Closing(1000, "")

    on_sockets(main)


def test_cancelling_breaks_off() -> None:
    async def main() -> None:
        async with linked() as (peer, end):
            await asyncio.sleep(0)
            end.running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await end.running
            with pytest.raises(ConnectionClosed):
                await peer.recv()

    on_sockets(main)
