"""Turn changes that take effect some time after the audio that decides them.

A detector knows that a turn is over with the frame that completes the silence. A
hosted server says so later: its frames are queued, scored in batches, passed on. What
a profile says of that time is charged here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeAlias

from voicelab.session.turn_detection import TurnEnd, TurnStart

TurnChange: TypeAlias = TurnStart | TurnEnd

DelayDraw: TypeAlias = Callable[[], int]
"""Draws the next delay in nanoseconds, 0 or more."""


def no_delay() -> int:
    """Return no delay at all, each time."""
    return 0


class DelayedTurns:
    """Turn changes on their way from the detector to the session, in order.

    Args:
        draw_ns: draws each change's delay. One that would overtake an earlier
            change waits for it.
    """

    def __init__(self, draw_ns: DelayDraw = no_delay) -> None:
        self._draw_ns = draw_ns
        self._waiting: deque[tuple[int, TurnChange]] = deque()

    def __bool__(self) -> bool:
        """Whether any change has not taken effect."""
        return bool(self._waiting)

    def put(self, change: TurnChange, now_ns: int) -> None:
        """Take a change that was decided at `now_ns`."""
        due_ns = now_ns + self._draw_ns()
        if self._waiting:
            due_ns = max(due_ns, self._waiting[-1][0])
        self._waiting.append((due_ns, change))

    def next_due_ns(self) -> int | None:
        """Return when the next change takes effect, None if none waits."""
        return self._waiting[0][0] if self._waiting else None

    def take(self, now_ns: int) -> Iterator[TurnChange]:
        """Yield the changes that have taken effect by `now_ns`, once each."""
        while self._waiting and self._waiting[0][0] <= now_ns:
            yield self._waiting.popleft()[1]

    def drop(self) -> None:
        """Forget what waits: its audio was committed, cleared or is not judged."""
        self._waiting.clear()
