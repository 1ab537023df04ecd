"""A server among clients that are killed, stopped, deaf, huge or simply too many.

The server and the worst of its clients are processes of their own.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager

import pytest
from websockets.asyncio.client import connect

from tests.support.doomed import DoomedClient
from tests.support.server_process import HAS_PROC, ServerProcess
from tests.support.serving import Client
from tests.support.sockets import SOON_S, on_sockets, until
from voicelab.protocol.limits import MAX_APPEND_BYTES

MAX_SESSIONS = 12
MEMORY_FOR_A_DEAF_CLIENT_MB = 64
"""8 MiB may wait for it; the rest is the longest messages on their way, and slack."""

pytestmark = pytest.mark.skipif(not HAS_PROC, reason="signals and /proc are needed")


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    options = ["--max-sessions", str(MAX_SESSIONS), "--profile", "realtime-paced"]
    with ServerProcess(*options) as process:
        yield process


@asynccontextmanager
async def a_client(server: ServerProcess) -> AsyncIterator[Client]:
    url = f"{server.url}?model=gpt-realtime"
    async with connect(url, compression=None, close_timeout=1, proxy=None) as websocket:
        client = Client(websocket)
        await client.until("session.created")
        yield client


async def still_answers(server: ServerProcess) -> None:
    """Ask something in text and take the beginning of the answer."""
    async with a_client(server) as client:
        content = [{"type": "input_text", "text": "Are you there?"}]
        item = {"type": "message", "role": "user", "content": content}
        await client.send("conversation.item.create", item=item)
        await client.send("response.create", response={"output_modalities": ["text"]})
        delta = await client.until("response.output_text.delta")
        assert delta["delta"]
        await client.send("response.cancel")
        done = await client.until("response.done")
        assert done["response"]["status"] == "cancelled"


async def until_measured(
    server: ServerProcess, name: str, holds: Callable[[float], bool]
) -> None:
    """Wait until a number that the server measures is so."""
    async with asyncio.timeout(SOON_S):
        while True:
            metrics = await asyncio.to_thread(server.metrics)
            if holds(metrics.get(name, 0.0)):
                return
            await asyncio.sleep(0.05)


async def until_open(server: ServerProcess, sessions: int) -> None:
    await until_measured(server, "voicelab_sessions_open", lambda n: n == sessions)


async def until_empty(server: ServerProcess) -> None:
    await until_open(server, 0)


def test_clients_killed_in_mid_response(server: ServerProcess) -> None:
    files_before = server.open_files
    broken_off = "voicelab_closes_total{code=1006}"
    broken_off_before = server.metrics().get(broken_off, 0)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(DoomedClient(server.port, "reads")) for _ in range(5)
        ]
        for client in clients:
            assert client.wait_for_word() == "speaking"
    on_sockets(lambda: until_empty(server))
    on_sockets(lambda: still_answers(server))
    assert server.metrics()[broken_off] == broken_off_before + len(clients)
    on_sockets(lambda: until(lambda: server.open_files == files_before))


def test_a_stopped_client_holds_nobody_up(server: ServerProcess) -> None:
    with DoomedClient(server.port, "reads") as client:
        assert client.wait_for_word() == "speaking"
        client.stop()
        on_sockets(lambda: still_answers(server))
        on_sockets(lambda: until_open(server, 1))
        client.go_on()
    on_sockets(lambda: until_empty(server))


def test_deaf_clients_are_dropped_and_cost_bounded_memory(
    server: ServerProcess,
) -> None:
    dropped = "voicelab_closes_total{code=1008}"
    before, memory_before_mb = server.metrics().get(dropped, 0), server.rss_mb
    with (
        DoomedClient(server.port, "deaf") as one,
        DoomedClient(server.port, "deaf") as other,
    ):
        on_sockets(lambda: still_answers(server))
        assert one.wait_for_word() == other.wait_for_word() == "asked"
        on_sockets(lambda: until_measured(server, dropped, lambda n: n == before + 2))
        memory_mb = server.rss_mb - memory_before_mb
    assert memory_mb < 2 * MEMORY_FOR_A_DEAF_CLIENT_MB
    on_sockets(lambda: until_empty(server))
    on_sockets(lambda: still_answers(server))


def test_the_longest_append_holds_nobody_up(server: ServerProcess) -> None:
    """Scoring five minutes takes long; whoever asks meanwhile is answered before."""
    audio = base64.b64encode(bytes(MAX_APPEND_BYTES)).decode()
    order: list[str] = []

    async def main() -> None:
        async with a_client(server) as huge, a_client(server) as other:

            async def be_huge() -> None:
                await huge.send("input_audio_buffer.append", audio=audio)
                await huge.send("input_audio_buffer.commit")
                await huge.until("input_audio_buffer.committed")
                order.append("huge")

            async def ask() -> None:
                for _ in range(5):
                    await other.send("input_audio_buffer.clear")
                    await other.until("input_audio_buffer.cleared")
                    order.append("other")

            await asyncio.gather(be_huge(), ask())

    on_sockets(main)
    assert order == ["other"] * 5 + ["huge"]


def test_a_flood_is_refused_in_so_many_words(server: ServerProcess) -> None:
    url = f"{server.url}?model=gpt-realtime"

    async def refusal() -> tuple[str, int | None]:
        async with connect(url, compression=None, proxy=None) as websocket:
            client = Client(websocket)
            error = await client.error()
            code, reason = await client.close_code()
            assert reason == f"{error['type']}.{error['code']}"
            assert str(MAX_SESSIONS) in error["message"]
            return error["code"], code

    async def main() -> None:
        async with asyncio.timeout(SOON_S):
            waiting = [a_client(server) for _ in range(MAX_SESSIONS)]
            for session in waiting:
                await session.__aenter__()
            refusals = await asyncio.gather(*(refusal() for _ in range(30)))
            assert set(refusals) == {("too_many_sessions", 1013)}
            for session in waiting:
                await session.__aexit__(None, None, None)
        await until_empty(server)

    on_sockets(main)
    on_sockets(lambda: still_answers(server))


def test_the_server_tells_all_that_it_is_well(server: ServerProcess) -> None:
    """After all that."""
    health = json.loads(server.get("/healthz"))
    assert health["status"] == "ok"
    assert health["sessions"] == 0
    assert server.process.poll() is None
