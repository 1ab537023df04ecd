"""A progress bar on a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich import progress
from rich.console import Console
from rich.text import Text


class Bar:
    """A bar on the error stream that is gone when its work is done.

    Args:
        total: pieces of work.
        done: how many of them were done before.
        rated: whether to show how many are done in a second, and how long the rest
            takes at that rate.
    """

    def __init__(self, total: int, *, done: int = 0, rated: bool = False) -> None:
        rates = (_Rate(), progress.TimeRemainingColumn()) if rated else ()
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            *rates,
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, completed=done)

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

    def show(self, done: int, total: int) -> None:
        """Show how many pieces are done, where their number is found out late."""
        self._bar.update(self._task, completed=done, total=total)

    def advance(self) -> None:
        """Count one piece of work as done."""
        self._bar.advance(self._task)


class _Rate(progress.ProgressColumn):
    """How many pieces of work are done in a second."""

    def render(self, task: progress.Task) -> Text:
        """Return the rate; nothing as long as it is not known."""
        return Text("" if task.speed is None else f"{task.speed:.1f}/s")
