"""The session behind a bridge: connected once, watched, and closed in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from voicelab.errors import RemoteProtocolError
from voicelab.lab.connecting import connect_to
from voicelab.lab.endpoint import Endpoint
from voicelab.serve.bridges.ending import DEFECT, Ending, upstream_failed
from voicelab.serve.logs import log_defect
from voicelab.transport.connection import Closing
from voicelab.transport.websocket import WebSocketConnection

HANG_UP_TIMEOUT_S = 5.0


class Upstream:
    """One connection to a Realtime server.

    Args:
        endpoint: where it is.
        on_end: told if the session cannot go on; never called after `hang_up`.
    """

    def __init__(self, endpoint: Endpoint, on_end: Callable[[Ending], None]) -> None:
        self._endpoint = endpoint
        self._on_end = on_end
        self._connection: WebSocketConnection | None = None
        self._reading: asyncio.Task[Closing] | None = None
        self._hung_up = False

    async def connect(self) -> WebSocketConnection:
        """Connect; what arrives is read from now on.

        Raises:
            EndpointError: the server cannot be reached, or lets nobody in.
            InputError: the file of certificates cannot be used.
        """
        websocket = await connect_to(self._endpoint)
        self._connection = WebSocketConnection(websocket)
        self._reading = asyncio.create_task(self._connection.run(), name="upstream")
        self._reading.add_done_callback(self._read)
        return self._connection

    async def hang_up(self) -> None:
        """Close the connection in good order, or else at once."""
        self._hung_up = True
        if self._connection is None or self._reading is None:
            return
        self._connection.close()
        with suppress(Exception):  # it was told before
            async with asyncio.timeout(HANG_UP_TIMEOUT_S):
                await self._reading

    def _read(self, reading: asyncio.Task[Closing]) -> None:
        """Take note of how reading ended; a close is told by the application."""
        if self._hung_up or reading.cancelled():
            return
        error = reading.exception()
        if isinstance(error, RemoteProtocolError):
            self._on_end(upstream_failed(f"the server broke the protocol: {error}"))
        elif error is not None:
            log_defect("call failed", error)
            self._on_end(DEFECT)


def end_of(closing: Closing) -> Ending:
    """Return how a call ends whose server hung up."""
    return upstream_failed(f"the agent's server hung up ({closing})")
