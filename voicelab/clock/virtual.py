"""An event loop that never waits.

When no callback is ready it moves an integer-nanosecond clock to the next timer, so
a conversation of ten minutes takes as long as its callbacks take to compute, and the
order of events depends on nothing but the program:

* timers due at the same instant fire in the order in which they were set;
* while a job runs in an executor the clock stands still, and finished jobs are
  handed back in the order in which they were submitted;
* an exception that nobody retrieves, in a task or in a callback, ends the run;
* when every task waits for something that cannot come, the run ends with a
  `DeadlockError` that says what each of them waits for.

Sockets have no place on a virtual clock (their bytes take machine time), so
registering one raises `ClockError`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar, TypeVarTuple

from voicelab.errors import ClockError, DeadlockError
from voicelab.units import ns_to_s, s_to_ns

T = TypeVar("T")
Args = TypeVarTuple("Args")

# How long the loop's thread sleeps between two looks at callbacks that foreign
# threads may have added while it waits for an executor job.
_JOB_POLL_S = 0.05


class _VirtualTimer(asyncio.TimerHandle):
    """A timer that knows its due instant exactly."""

    __slots__ = ("when_ns",)

    def __init__(
        self,
        when_ns: int,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: VirtualLoop,
        context: Context | None,
    ) -> None:
        # The base class spends most of its time on debug support, and a timer is
        # set for every frame and every message; its own fields are set directly.
        self._context = context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None
        self._when = ns_to_s(when_ns)
        self._scheduled = False
        self.when_ns = when_ns


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on simulated time; see the module's description."""

    _ready: deque[asyncio.Handle]
    _stopping: bool

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._timers: list[tuple[int, int, _VirtualTimer]] = []
        self._timers_set = 0
        self._jobs: deque[tuple[concurrent.futures.Future[Any], Any]] = deque()
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        self._failed: list[asyncio.Task[Any]] = []
        self._broken: BaseException | None = None
        self._sockets_allowed = True  # for the base class's own wake-up pipe
        super().__init__()
        self._sockets_allowed = False
        self.set_task_factory(_watched_task)  # type: ignore[arg-type]

    # -- time ---------------------------------------------------------------

    def now_ns(self) -> int:
        """Return the virtual clock in integer nanoseconds."""
        return self._now_ns

    real_ns = now_ns

    def time(self) -> float:
        """Return the virtual clock in seconds, as asyncio expects it."""
        return ns_to_s(self._now_ns)

    def call_at_ns(
        self,
        when_ns: int,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Arrange for `callback(*args)` at `when_ns`; return its handle.

        Without a context the callback runs in the loop's own, which spares the
        frames of a conversation a copy each; asyncio's own timers copy theirs.
        """
        timer = _VirtualTimer(when_ns, callback, args, self, context)
        self._timers_set += 1
        heapq.heappush(self._timers, (when_ns, self._timers_set, timer))
        return timer

    def call_at(
        self,
        when: float,
        callback: Callable[[*Args], object],
        *args: *Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Arrange for a callback at `when` seconds (nearest nanosecond)."""
        context = context or copy_context()
        return self.call_at_ns(s_to_ns(when), callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Args], object],
        *args: *Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Arrange for a callback in `delay` seconds (nearest nanosecond)."""
        when_ns = self._now_ns + s_to_ns(delay)
        context = context or copy_context()
        return self.call_at_ns(when_ns, callback, *args, context=context)

    # -- the heart ----------------------------------------------------------

    def _run_once(self) -> None:
        """Run what is ready; if nothing is, move the clock and run what is due."""
        ready = self._ready
        if ready or self._stopping:
            for _ in range(len(ready)):
                handle = ready.popleft()
                if not handle._cancelled:  # noqa: SLF001
                    handle._run()  # noqa: SLF001
        else:
            self._advance()
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken

    def _advance(self) -> None:
        """Hand back a finished job, else go to the next timers and run them."""
        if self._failed:
            self.raise_unretrieved()
        if self._jobs:
            self._hand_back_oldest_job()
            return
        timers = self._timers
        while timers:
            due_ns, _, timer = heapq.heappop(timers)
            if timer._cancelled:  # noqa: SLF001
                continue
            self._now_ns = now_ns = max(self._now_ns, due_ns)
            # those set from here on for this instant come after all of these
            due = [timer]
            while timers and timers[0][0] <= now_ns:
                due.append(heapq.heappop(timers)[2])
            for timer in due:
                if timer._cancelled:  # noqa: SLF001
                    continue
                if timer._context is None:  # noqa: SLF001
                    timer._callback(*timer._args)  # noqa: SLF001
                else:
                    timer._run()  # noqa: SLF001
            return
        raise DeadlockError(self._now_ns, _what_tasks_wait_for(self))

    def raise_unretrieved(self) -> None:
        """Raise the first exception of a finished task that nobody retrieved.

        Called whenever the clock is about to move: whoever awaits the task has
        had every chance to run by then.
        """
        failed, self._failed = self._failed, []
        for task in failed:
            if task._log_traceback:  # noqa: SLF001
                error = task.exception()
                if error is not None:
                    raise error

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """End the run with the exception instead of only logging it."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._broken = error
        else:
            super().call_exception_handler(context)

    # -- executor jobs ------------------------------------------------------

    def run_in_executor(  # type: ignore[override]
        self,
        executor: concurrent.futures.Executor | None,
        func: Callable[..., T],
        *args: Any,
    ) -> asyncio.Future[T]:
        """Run `func(*args)` in an executor while the clock stands still."""
        if executor is None:
            if self._pool is None:
                self._pool = concurrent.futures.ThreadPoolExecutor(
                    thread_name_prefix="voicelab"
                )
            executor = self._pool
        future: asyncio.Future[T] = self.create_future()
        self._jobs.append((executor.submit(func, *args), future))
        return future

    def _hand_back_oldest_job(self) -> None:
        job, future = self._jobs[0]
        while not job.done():
            if self._ready:  # a foreign thread, or a signal, wants the loop
                return
            concurrent.futures.wait([job], timeout=_JOB_POLL_S)
        self._jobs.popleft()
        if future.cancelled():
            return
        error = job.exception()
        if error is None:
            future.set_result(job.result())
        else:
            future.set_exception(error)

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109  # the base class's name
    ) -> None:
        """Wait for the worker threads; no virtual time passes."""
        del timeout  # jobs are finite work: they are waited for, not abandoned
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    # -- sockets ------------------------------------------------------------

    def _add_reader(self, fd: Any, callback: Any, *args: Any) -> Any:
        self._refuse_socket()
        return super()._add_reader(fd, callback, *args)  # type: ignore[misc]

    def _add_writer(self, fd: Any, callback: Any, *args: Any) -> Any:
        self._refuse_socket()
        return super()._add_writer(fd, callback, *args)  # type: ignore[misc]

    def _refuse_socket(self) -> None:
        if not self._sockets_allowed:
            raise ClockError(
                "a socket cannot be waited for in virtual time; use the memory "
                "transport, or run on the wall clock"
            )


def _watched_task(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T], **kwargs: Any
) -> asyncio.Task[T]:
    """Make a task whose failure the virtual loop hears of."""
    task = asyncio.Task(coro, loop=loop, **kwargs)
    task.add_done_callback(_note_failure)
    return task


def _note_failure(task: asyncio.Task[Any]) -> None:
    if task._log_traceback:  # noqa: SLF001
        task.get_loop()._failed.append(task)  # type: ignore[attr-defined]  # noqa: SLF001


def _what_tasks_wait_for(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Return one line for each unfinished task: its name and where it waits."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    return [f"{task.get_name()} waits {_where(task)}" for task in tasks]


def _where(task: asyncio.Task[Any]) -> str:
    """Return the innermost place of our code and what is awaited there."""
    place = "at its start"
    awaited: Any = task.get_coro()
    calls: list[str] = []
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            break
        calls.append(frame.f_code.co_qualname)
        place = f"at {frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"
        awaited = getattr(awaited, "cr_await", None) or getattr(
            awaited, "gi_yieldfrom", None
        )
    return f"in {' > '.join(calls) or repr(task)} {place}"
