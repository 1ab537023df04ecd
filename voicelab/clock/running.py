"""Runs a program on one of the two clocks."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

from voicelab.clock.base import Timebase
from voicelab.clock.virtual import VirtualLoop
from voicelab.clock.wall import WallLoop, WallTime

T = TypeVar("T")
ClockKind = Literal["virtual", "wall"]


def timebase(loop: asyncio.AbstractEventLoop | None = None) -> Timebase:
    """Return the time of `loop`, by default of the running one."""
    loop = loop or asyncio.get_running_loop()
    return loop if isinstance(loop, VirtualLoop) else WallTime(loop)


async def sleep_until_ns(when_ns: int) -> None:
    """Sleep until an instant of the running loop's timebase."""
    loop = asyncio.get_running_loop()
    woken = loop.create_future()
    timer = timebase(loop).call_at_ns(when_ns, _wake, woken)
    try:
        await woken
    finally:
        timer.cancel()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def run(main: Callable[[], Coroutine[Any, Any, T]], clock: ClockKind = "virtual") -> T:
    """Run `main()` to its end on the chosen clock and return its result.

    Inside a running event loop (a notebook cell) the work is done in a thread
    of its own, so callers never need to know.

    Raises:
        DeadlockError: in virtual time, when nothing can ever happen again.
        BaseException: whatever `main`, or an unawaited task of it, raised.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(main, clock)
    return _run_in_thread(main, clock)


def _run_here(main: Callable[[], Coroutine[Any, Any, T]], clock: ClockKind) -> T:
    if clock == "wall":
        return _run_on_the_wall_clock(main)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        result = runner.run(main())
        loop = runner.get_loop()
        if isinstance(loop, VirtualLoop):
            loop.raise_unretrieved()
        return result


def _run_on_the_wall_clock(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    async def watched() -> T:
        loop = asyncio.get_running_loop()
        if isinstance(loop, WallLoop):
            loop.watch(asyncio.current_task())
        return await main()

    with asyncio.Runner(loop_factory=WallLoop) as runner:
        loop = runner.get_loop()
        try:
            return runner.run(watched())
        finally:
            if isinstance(loop, WallLoop) and loop.broken is not None:
                raise loop.broken


def _run_in_thread(main: Callable[[], Coroutine[Any, Any, T]], clock: ClockKind) -> T:
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()

    def work() -> None:
        try:
            outcome.set_result(_run_here(main, clock))
        except BaseException as error:  # noqa: BLE001  # handed to the caller
            outcome.set_exception(error)

    thread = threading.Thread(target=work, name="voicelab-run", daemon=True)
    thread.start()
    result = outcome.result()
    thread.join()
    return result
