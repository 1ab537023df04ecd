"""A bridge of which a test says each frame: the page's side of the wire, alone."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import voicelab
from voicelab.audio.pcm import Samples

PAGE = Path(voicelab.__file__).parent / "serve" / "bridges" / "browser" / "page"
RATE_HZ = 16_000
SOON_S = 8.0
"""Long on any machine; what is waited for takes a moment."""


class StubBridge:
    """Serves the page, and one connection at a time, while a `with` block runs.

    Attributes:
        url: the page's.
        received: the frames that the page sent on its latest connection.
    """

    def __enter__(self) -> Self:
        self.received: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._socket: ServerConnection | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,))
        self._thread.start()
        assert started.wait(SOON_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(SOON_S)

    # -- what a test says ---------------------------------------------------------

    def send(self, **frame: Any) -> None:
        """Send a frame of one key."""
        assert self._socket is not None
        self._do(self._socket.send(json.dumps(frame)))

    def event(self, kind: str, **fields: Any) -> None:
        """Send an event of the session."""
        self.send(event={"type": kind, "event_id": "event_x", **fields})

    def mark(self, name: str, item_id: str, audio_ms: int) -> None:
        """Send a mark."""
        self.send(mark={"name": name, "item_id": item_id, "audio_ms": audio_ms})

    def audio(self, samples: Samples) -> None:
        """Send what the agent says, 20 ms a frame."""
        step = RATE_HZ // 50
        for start in range(0, len(samples), step):
            data = samples[start : start + step].astype("<i2").tobytes()
            self.send(audio=base64.b64encode(data).decode())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        assert self._socket is not None
        self._do(self._socket.close(code, reason))

    def forget(self) -> None:
        """Forget what the page sent: only what comes next counts."""
        with self._changed:
            self.received = []

    # -- what the page said -------------------------------------------------------

    def wait(self, holds: Callable[[list[dict[str, Any]]], object]) -> None:
        """Wait until what the page sent is so."""
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self.received), SOON_S), [
                frame for frame in self.received if "audio" not in frame
            ]

    def wait_for(self, key: str) -> Any:
        """Wait for the first frame with a key, and return what it holds."""
        self.wait(lambda frames: any(key in frame for frame in frames))
        return next(frame[key] for frame in self.received if key in frame)

    @property
    def marks(self) -> list[str]:
        """The names of the marks that the page acknowledged."""
        return [frame["mark"]["name"] for frame in self.received if "mark" in frame]

    # -- how ------------------------------------------------------------------------

    def _do(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(SOON_S)

    def _run(self, started: threading.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(started))

    async def _serve(self, started: threading.Event) -> None:
        async with serve(
            self._take, "127.0.0.1", 0, process_request=self._page
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            self.url = f"http://127.0.0.1:{port}/"
            started.set()
            await self._stop.wait()

    def _page(self, _: ServerConnection, request: Request) -> Response | None:
        """Answer with a file of the page, under a strict policy."""
        if request.path == "/voice":
            return None
        path = PAGE / (request.path.lstrip("/") or "index.html")
        if not path.is_file():
            return Response(HTTPStatus.NOT_FOUND, "Not Found", Headers(), b"")
        headers = Headers(
            {
                "Content-Type": guess_type(path)[0] or "application/octet-stream",
                "Content-Security-Policy": "default-src 'self'",
            }
        )
        return Response(HTTPStatus.OK, "OK", headers, path.read_bytes())

    async def _take(self, socket: ServerConnection) -> None:
        with self._changed:
            self.received = []
            self._socket = socket
        try:
            async for message in socket:
                with self._changed:
                    self.received.append(json.loads(message))
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
