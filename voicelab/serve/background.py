"""A server in a thread of its own, for tests and notebooks."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from voicelab.clock import WallLoop
from voicelab.serve.options import ServeOptions
from voicelab.serve.server import RealtimeServer
from voicelab.serve.sessions import SessionSource


class BackgroundServer:
    """Serves while a `with` block runs.

    ```python
    with BackgroundServer(sessions, ServeOptions(port=0)) as server:
        client = OpenAI(base_url=server.http_url, api_key="any")
    ```

    Args:
        sessions: makes a session for each client.
        options: see `ServeOptions`.

    Raises:
        InputError: at the beginning of the block: the address cannot be listened on.
    """

    def __init__(
        self, sessions: SessionSource, options: ServeOptions | None = None
    ) -> None:
        self._server = RealtimeServer(sessions, options)
        self._started: Future[None] = Future()

    @property
    def url(self) -> str:
        """Where clients open sessions."""
        return self._server.url

    @property
    def http_url(self) -> str:
        """The base URL of the REST calls."""
        return self._server.http_url

    def __repr__(self) -> str:
        return f"<BackgroundServer {self.url}>"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._work, name="voicelab-serve")
        self._thread.start()
        try:
            self._started.result()
        except BaseException:
            self._thread.join()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=WallLoop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        try:
            await self._server.start()
        except BaseException as error:  # noqa: BLE001 -- handed to the block
            self._started.set_exception(error)
            return
        self._started.set_result(None)
        await self._ended.wait()
        await self._server.stop(drain_s=0)
