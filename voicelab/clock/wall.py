"""The machine's clock: a loop with exact timers, and what else there is to read.

asyncio's loop rounds every wait up to a whole millisecond, because `epoll_wait` takes
no less. A microphone frame or a chunk of audio would always leave up to a millisecond
late; here it leaves within the resolution of the system's timers, some 0.1 ms.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from voicelab.units import NS_PER_MS, NS_PER_S, ns_to_s, s_to_ns

_MOST_SELECTED = 1024
"""`select` takes only descriptors below this number (FD_SETSIZE)."""

if sys.platform == "linux":

    class _ExactSelector(selectors.EpollSelector):
        """Waits as long as asked, to the microsecond.

        `select` takes microseconds and can wait for the epoll descriptor itself,
        which is readable when any of its own are.
        """

        def select(
            self, timeout: float | None = None
        ) -> list[tuple[selectors.SelectorKey, int]]:
            """Wait for a descriptor, at most `timeout` seconds."""
            own = self.fileno()
            if timeout is not None and timeout > 0 and own < _MOST_SELECTED:
                select.select((own,), (), (), timeout)
                timeout = 0
            return super().select(timeout)

else:  # other systems' selectors wait exactly as it is
    _ExactSelector = selectors.DefaultSelector


class WallLoop(asyncio.SelectorEventLoop):
    """An asyncio loop with exact timers, in which no failure goes unseen.

    Attributes:
        broken: the first exception of a callback or task that nobody retrieved.
    """

    def __init__(self) -> None:
        super().__init__(_ExactSelector())
        self.broken: BaseException | None = None
        self._main: asyncio.Task[Any] | None = None

    def watch(self, main: asyncio.Task[Any] | None) -> None:
        """Say which task to cancel if something fails; None if none."""
        self._main = main

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """End the main task with the exception instead of only logging it."""
        error = context.get("exception")
        if self._main is None or not isinstance(error, BaseException):
            super().call_exception_handler(context)
            return
        if self.broken is None:
            self.broken = error
            self._main.cancel()


ON_TIME_NS = 5 * NS_PER_MS
"""A timer that fires within this of its instant counts as having fired at it. On an
idle machine timers are some 0.1 ms late; more than this is a hitch, and it shows."""


class WallTime:
    """The machine's monotonic clock, read through a running asyncio loop.

    While a timer's callback runs, `now_ns` is the instant for which the timer was set,
    as in virtual time. So what the lab simulates (a caller, a player, a network) keeps
    exact time and its small delays do not add up. `real_ns` is always the machine's
    own time: what comes from outside, and what is measured, goes by that.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due_ns: int | None = None
        self._told_ns = 0

    def now_ns(self) -> int:
        """Return the present instant in integer nanoseconds; it never goes back."""
        now_ns = self.real_ns() if self._due_ns is None else self._due_ns
        self._told_ns = max(now_ns, self._told_ns)
        return self._told_ns

    def real_ns(self) -> int:
        """Return the loop's time in integer nanoseconds."""
        return s_to_ns(self._loop.time())

    def call_at_ns(
        self, when_ns: int, callback: Callable[..., object], *args: Any
    ) -> asyncio.TimerHandle:
        """Arrange for `callback(*args)` at `when_ns`; return its handle."""
        return self._loop.call_at(ns_to_s(when_ns), self._fire, when_ns, callback, args)

    def _fire(
        self, when_ns: int, callback: Callable[..., object], args: tuple[Any, ...]
    ) -> None:
        if self.real_ns() - when_ns <= ON_TIME_NS:
            self._due_ns = when_ns
        try:
            callback(*args)
        finally:
            self._due_ns = None


class Stopwatch:
    """Wall-clock seconds since construction; for manifests, never for events."""

    def __init__(self) -> None:
        self._start_ns = time.perf_counter_ns()

    def elapsed_s(self) -> float:
        """Return the wall-clock seconds since construction."""
        return (time.perf_counter_ns() - self._start_ns) / NS_PER_S


def utc_now() -> str:
    """Return date and time of day in UTC, to the millisecond, as ISO 8601."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return f"{now.isoformat(timespec='milliseconds')}Z"


def unix_s() -> int:
    """Return the whole seconds since 1970-01-01T00:00Z."""
    return int(time.time())
