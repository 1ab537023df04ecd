"""The server that is put to the test, and what a client needs to reach it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect

from tests.support.server_process import ServerProcess
from voicelab.session.config import DEFAULT_MODEL

API_KEY = "a-key-for-the-soak"
SETTLE_S = 60.0
"""How long the server may take until it has noticed that a client is gone: two pings
that a client does not answer, and time to close."""

_POLL_S = 0.1


@dataclass(frozen=True)
class Target:
    """A running server.

    Attributes:
        server: its process.
    """

    server: ServerProcess

    @property
    def url(self) -> str:
        """Where sessions are opened."""
        return f"{self.server.url}?model={DEFAULT_MODEL}"

    def connecting(self, api_key: str = API_KEY) -> connect:
        """Return what connects; it sends no pings and takes messages of any size."""
        return connect(
            self.url,
            compression=None,
            proxy=None,
            max_size=None,
            ping_interval=None,
            close_timeout=1,
            open_timeout=30,
            additional_headers={"Authorization": f"Bearer {api_key}"},
        )

    async def opened(self) -> ClientConnection:
        """Open a session and take its greeting."""
        websocket = await self.connecting()
        await websocket.recv()
        return websocket

    async def open_sessions(self) -> int:
        """Return how many sessions the server holds."""
        metrics = await asyncio.to_thread(self.server.metrics)
        return int(metrics["voicelab_sessions_open"])

    async def settle(self) -> None:
        """Wait until no session is open.

        Raises:
            TimeoutError: that takes too long.
        """
        async with asyncio.timeout(SETTLE_S):
            while await self.open_sessions():  # noqa: ASYNC110 -- another process
                await asyncio.sleep(_POLL_S)
        await asyncio.sleep(_POLL_S)  # for the sockets behind them
