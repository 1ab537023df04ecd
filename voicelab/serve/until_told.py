"""Runs a server until the operating system tells it to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from contextlib import suppress

from voicelab.clock import WallLoop
from voicelab.serve.server import RealtimeServer

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve_until_told(server: RealtimeServer, on_listening: Callable[[], None]) -> None:
    """Serve; at SIGTERM or SIGINT drain, at a second one stop at once.

    A defect in one session ends that session only, so nothing but a signal ends
    this.

    Args:
        server: the server, not started.
        on_listening: called when clients can connect.

    Raises:
        InputError: the address cannot be listened on.
    """
    with asyncio.Runner(loop_factory=WallLoop) as runner:
        runner.run(_serve(server, on_listening))


async def _serve(server: RealtimeServer, on_listening: Callable[[], None]) -> None:
    told = asyncio.Event()

    def stop() -> None:
        if told.is_set():
            server.hurry()
        told.set()

    _listen_for_signals(stop)
    await server.start()
    gc.collect()
    gc.freeze()  # what lives as long as the server is not looked through time and again
    on_listening()
    with suppress(asyncio.CancelledError):  # SIGINT where loops take no signals
        await told.wait()
    await server.stop()


def _listen_for_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        with suppress(NotImplementedError):  # on Windows
            loop.add_signal_handler(number, stop)
