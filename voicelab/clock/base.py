"""What both clocks have in common: instants in nanoseconds, and timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol


class Timebase(Protocol):
    """What code that runs under either clock may ask of time."""

    def now_ns(self) -> int:
        """Return the present instant in integer nanoseconds."""
        ...

    def real_ns(self) -> int:
        """Return the clock's own time, which may be later than `now_ns`.

        In virtual time they are the same; see `WallTime`.
        """
        ...

    def call_at_ns(
        self, when_ns: int, callback: Callable[..., object], *args: Any
    ) -> asyncio.TimerHandle:
        """Arrange for `callback(*args)` at `when_ns`; return its handle."""
        ...
