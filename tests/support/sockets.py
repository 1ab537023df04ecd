"""Real sockets on loopback, and a loop that leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from voicelab.clock import WallLoop

T = TypeVar("T")

SOON_S = 10.0
"""How long a test waits for what comes at once unless something is broken."""


def on_sockets(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main()` on the wall clock; fail if it leaves a task behind."""

    async def checked() -> T:
        async with asyncio.timeout(60):
            result = await main()
        for _ in range(5):  # what was told to end has its turn
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"left behind: {left}"
        return result

    with asyncio.Runner(loop_factory=WallLoop) as runner:
        return runner.run(checked())


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SOON_S):
        while not condition():  # noqa: ASYNC110 -- nothing of it can be awaited
            await asyncio.sleep(0.001)


@asynccontextmanager
async def socket_pair(
    **client_options: Any,
) -> AsyncIterator[tuple[ClientConnection, ServerConnection]]:
    """Yield both ends of an open WebSocket."""
    arrived: asyncio.Future[ServerConnection] = asyncio.Future()
    over = asyncio.Event()

    async def hold(websocket: ServerConnection) -> None:
        arrived.set_result(websocket)
        await over.wait()

    async with serve(
        hold, "127.0.0.1", 0, compression=None, close_timeout=1, ping_interval=None
    ) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}"
        options = {"compression": None, "close_timeout": 1} | client_options
        async with connect(url, **options) as client:
            try:
                yield client, await arrived
            finally:
                over.set()
