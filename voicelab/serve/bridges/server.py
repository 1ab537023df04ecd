"""The server that calls come to: an application on a TCP port, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from voicelab.clock import WallLoop
from voicelab.errors import InputError
from voicelab.legs import MAX_MESSAGE_CHARACTERS
from voicelab.serve.bridges.settings import BridgeSettings
from voicelab.serve.bridges.switchboard import Switchboard
from voicelab.serve.logs import log

PING_INTERVAL_S = 20.0
"""How often the caller's side is pinged, and how long an answer may take."""

RECORDS_TIMEOUT_S = 60.0
"""How long records of calls that were ended may take to be written."""

_GRACE_S = 2
_PEER_TIMEOUT_MS = 30_000
_BACKLOG = 128
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOWN_INSTEAD = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class BridgeServer:
    """Serves a bridge's application.

    Args:
        app: made by `bridge_application`.

    Attributes:
        port: the port that it listens on, once it does.
        switchboard: its calls.
    """

    def __init__(self, app: FastAPI) -> None:
        self._settings: BridgeSettings = app.state.settings
        self.switchboard: Switchboard = app.state.switchboard
        self._places: dict[str, str] = app.state.places
        self.port = self._settings.port
        self._hurry = asyncio.Event()
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level=logging.CRITICAL,  # its lines hold URLs, and those hold tokens
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_CHARACTERS,
            ws_ping_interval=PING_INTERVAL_S,
            ws_ping_timeout=PING_INTERVAL_S,
            ws_per_message_deflate=False,  # the base64 of speech hardly shrinks
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._uvicorn = _Uvicorn(config)

    @property
    def http_url(self) -> str:
        """Where the application is, as a program on this machine sees it."""
        return f"http://{self._authority}"

    @property
    def places(self) -> dict[str, str]:
        """Where what is, by name; such as `voice_url`."""
        return {
            name: place.replace(":", f"://{self._authority}", 1)
            for name, place in self._places.items()
        }

    @property
    def _authority(self) -> str:
        host = _SHOWN_INSTEAD.get(self._settings.host, self._settings.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            InputError: the address cannot be listened on.
        """
        listeners = _listeners(self._settings.host, self._settings.port)
        self.port = int(listeners[0].getsockname()[1])
        self._serving = asyncio.create_task(self._uvicorn.serve(listeners))
        await self._uvicorn.listening.wait()
        log(logging.INFO, "listening", host=self._settings.host, port=self.port)

    async def stop(self, drain_s: float | None = None) -> None:
        """Take no more calls, let those there are go on for a while, then end them.

        Args:
            drain_s: how long they may go on; by default what the settings say.
        """
        drain_s = self._settings.drain_s if drain_s is None else drain_s
        switchboard = self.switchboard
        log(logging.INFO, "draining", calls=switchboard.calls, at_most_s=drain_s)
        await switchboard.without_calls(drain_s, self._hurry)
        switchboard.end_all()
        await switchboard.without_calls(RECORDS_TIMEOUT_S, asyncio.Event())
        self._uvicorn.should_exit = True
        await self._serving
        log(logging.INFO, "stopped")

    def hurry(self) -> None:
        """Let the calls go on no longer."""
        self._hurry.set()


class _Uvicorn(uvicorn.Server):
    """Leaves signals alone, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to `serve_bridge`."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.listening.set()


def serve_bridge(
    make: Callable[[], FastAPI], on_listening: Callable[[BridgeServer], None]
) -> None:
    """Serve; at SIGTERM or SIGINT let calls go on for a while, at a second end them.

    Args:
        make: makes the application, on the loop that it will run on.
        on_listening: called when calls can come in.

    Raises:
        InputError: the address cannot be listened on.
    """
    with asyncio.Runner(loop_factory=WallLoop) as runner:
        runner.run(_serve(make, on_listening))


async def _serve(
    make: Callable[[], FastAPI], on_listening: Callable[[BridgeServer], None]
) -> None:
    server = BridgeServer(make())
    told = asyncio.Event()

    def stop() -> None:
        if told.is_set():
            server.hurry()
        told.set()

    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        with contextlib.suppress(NotImplementedError):  # on Windows
            loop.add_signal_handler(number, stop)
    await server.start()
    on_listening(server)
    with contextlib.suppress(asyncio.CancelledError):
        await told.wait()
    await server.stop()


def _listeners(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on every address of a host, on the same port of each.

    Raises:
        InputError: one of them cannot be listened on.
    """
    listeners: list[socket.socket] = []
    with contextlib.ExitStack() as on_failure:
        try:
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            for family, kind, protocol, _, address in dict.fromkeys(found):
                listener = socket.socket(family, kind, protocol)
                on_failure.callback(listener.close)
                _prepare(listener)
                listener.bind((address[0], port, *address[2:]))
                port = int(listener.getsockname()[1])  # a free one is free for all
                listener.listen(_BACKLOG)
                listeners.append(listener)
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        on_failure.pop_all()
    return listeners


def _prepare(listener: socket.socket) -> None:
    listener.setblocking(False)
    if listener.family == socket.AF_INET6:  # the other family has a socket of its own
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # What a provider that reads nothing has not taken by then is given up: a closed
    # connection would wait for it, and nothing in an application can break it off.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_TIMEOUT_MS
        )


def _cannot_listen(host: str, port: int, error: OSError) -> InputError:
    place = f"port {port} of {host or 'this machine'}"
    if error.errno == errno.EADDRINUSE:
        return InputError(
            f"{place} is in use", fix="give another --port; 0 takes one that is free"
        )
    return InputError(
        f"cannot listen on {place} ({error.strerror or error})",
        fix="give another --host or --port",
    )
