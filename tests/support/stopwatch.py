"""A stopwatch that shows what a test says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest


class ShownWatch:
    """In the place of `clock.Stopwatch`; all of them share what they show."""

    shown: Iterator[float] = iter(())

    def elapsed_s(self) -> float:
        """Return the next reading."""
        return next(ShownWatch.shown)


def show(monkeypatch: pytest.MonkeyPatch, module: object, *seconds: float) -> None:
    """Let the stopwatches of a module show so many seconds, again and again."""
    ShownWatch.shown = cycle(seconds)
    monkeypatch.setattr(module, "Stopwatch", ShownWatch)
