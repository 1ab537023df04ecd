"""Work that takes time: recognising, writing, speaking, judging.

A session has no threads and no clock. What a model has to do is given to a `Work`,
which says when the result counts. In virtual time the model runs at once and its result
counts after what it is charged for: computing costs no virtual time, so a run comes out
the same on any machine. On a real port the model runs elsewhere and its result counts
when it is there; whoever does the work then wakes the session's host.

Either way a session only has to wait for `due_ns`, and to look again when told to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Generic, Protocol, TypeAlias, TypeVar, cast

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


Fatal: TypeAlias = tuple[type[Exception], ...]
"""What a task raises only where no session can go on without it being mended."""


class Job(Protocol[T_co]):
    """One task, begun."""

    def due_ns(self) -> int | None:
        """Return when its result counts; None while that is not known."""
        ...

    def result(self) -> T_co:
        """Return what the task returned; raise what it raised. Ask when it is due."""
        ...

    def cancel(self) -> None:
        """Let it never begin if it has not, and its result never count."""
        ...


class Flow(Protocol[T_co]):
    """A task that gives one thing after another, begun."""

    @property
    def finished(self) -> bool:
        """Whether everything has been taken, or the task was cancelled."""
        ...

    def next_due_ns(self) -> int | None:
        """Return when the next thing, or the end, counts; None while unknown."""
        ...

    def take(self, now_ns: int) -> Sequence[tuple[int, T_co]]:
        """Return what counts by `now_ns`, each with its instant, once each.

        Raises:
            Exception: what the task raised, once everything before it was taken.
        """
        ...

    def cancel(self) -> None:
        """Stop as soon as possible; nothing will be taken any more."""
        ...


class Work(Protocol):
    """Does tasks."""

    @property
    def charges(self) -> bool:
        """Whether results wait for what they are charged, not for the machine."""
        ...

    def begin(self, task: Callable[[], T], now_ns: int, charged_ns: int = 0) -> Job[T]:
        """Begin a task at `now_ns`, for which `charged_ns` are charged."""
        ...

    def each(
        self,
        source: Callable[[], Iterator[T]],
        now_ns: int,
        charged_ns: Callable[[int, T], int],
    ) -> Flow[T]:
        """Begin a task that gives one thing after another.

        Args:
            source: makes the iterator; it is called where the task is done.
            now_ns: when it begins.
            charged_ns: what each thing is charged, counted from the one before it;
                told its place, from 0, and itself.
        """
        ...


class Once(Generic[T]):
    """A task that is done when it is first called; every call returns its result.

    It may be called from several threads: one does it, the others wait.

    Args:
        task: what is to be done.
    """

    def __init__(self, task: Callable[[], T]) -> None:
        self._task: Callable[[], T] | None = task
        self._value: T | None = None
        self._error: Exception | None = None
        self._alone = Lock()

    def __call__(self) -> T:
        """Return what the task returned.

        Raises:
            Exception: what it raised.
        """
        with self._alone:
            task, self._task = self._task, None
            if task is not None:
                try:
                    self._value = task()
                except Exception as error:  # noqa: BLE001 -- raised to all who ask
                    self._error = error
        if self._error is not None:
            raise self._error
        return cast("T", self._value)


class _Later(Generic[T]):
    """A task that is done when its result is asked for, which is not before it counts.

    What is cancelled before that is never computed.
    """

    def __init__(self, task: Callable[[], T], due_ns: int) -> None:
        self.result = Once(task)
        self._due_ns = due_ns

    def due_ns(self) -> int | None:
        return self._due_ns

    def cancel(self) -> None:
        """Nothing runs that could be stopped."""


class _AllThere(Generic[T]):
    """Things that are all there, each of which counts at its own instant."""

    def __init__(self, began_ns: int) -> None:
        self.end_ns = began_ns
        self.things: deque[tuple[int, T]] = deque()
        self.error: Exception | None = None

    @property
    def finished(self) -> bool:
        return not self.things and self.error is None

    def next_due_ns(self) -> int | None:
        if self.finished:
            return None
        return self.things[0][0] if self.things else self.end_ns

    def take(self, now_ns: int) -> Sequence[tuple[int, T]]:
        taken = []
        while self.things and self.things[0][0] <= now_ns:
            taken.append(self.things.popleft())
        if not taken and not self.things and self.error is not None:
            error, self.error = self.error, None
            raise error
        return taken

    def cancel(self) -> None:
        self.things.clear()
        self.error = None


class InlineWork:
    """Does every task itself; the result counts when what it is charged is over."""

    charges = True

    def begin(self, task: Callable[[], T], now_ns: int, charged_ns: int = 0) -> Job[T]:
        """Return a task that is done when its result, due by then, is asked for."""
        return _Later(task, now_ns + charged_ns)

    def each(
        self,
        source: Callable[[], Iterator[T]],
        now_ns: int,
        charged_ns: Callable[[int, T], int],
    ) -> Flow[T]:
        """Do a task; what it gives counts one after the other, as charged."""
        flow = _AllThere[T](now_ns)
        try:
            for place, thing in enumerate(source()):
                flow.end_ns += charged_ns(place, thing)
                flow.things.append((flow.end_ns, thing))
        except Exception as error:  # noqa: BLE001 -- told when it is due
            flow.error = error
        return flow


INLINE = InlineWork()
"""Work without threads: for virtual runs, and for what takes no time worth one."""
