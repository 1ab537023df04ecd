"""A progress bar on a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich import progress
from rich.console import Console


class Bar:
    """A bar on the error stream that is gone when its work is done.

    Args:
        total: pieces of work.
    """

    def __init__(self, total: int) -> None:
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def begin(self, name: str) -> None:
        """Say what is worked on now."""
        self._bar.update(self._task, description=name)

    def advance(self) -> None:
        """Count one piece of work as done."""
        self._bar.advance(self._task)
