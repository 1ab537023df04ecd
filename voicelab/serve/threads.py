"""Work for live sessions: in threads, so that nobody else's session waits for it.

Models let go of Python's lock while they compute. How many may do so at once is
bounded: more of them than cores would make all of them late.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from voicelab.clock import Timebase, timebase

T = TypeVar("T")

COMPUTING_THREADS = 2
"""Models that compute at once."""

WAITING_THREADS = 32
"""Tasks that mostly wait for somebody else: one for each answer that is written."""

Landing = Callable[[], None]


class Threads:
    """The threads of one server, shared by its sessions; made when first needed.

    Args:
        computing: how many tasks may compute at once.
        waiting: how many may wait for others at once.
    """

    def __init__(
        self, computing: int = COMPUTING_THREADS, waiting: int = WAITING_THREADS
    ) -> None:
        self.computing = ThreadPoolExecutor(computing, thread_name_prefix="model")
        self.waiting = WaitingThreads(waiting)

    def close(self) -> None:
        """Drop what has not begun; what runs ends by itself."""
        self.computing.shutdown(wait=False, cancel_futures=True)
        self.waiting.drop()


class WaitingThreads:
    """Threads for tasks that may wait for long; the process does not wait for them.

    An executor would: at its end it waits for all that its threads wait for, be it a
    server that says nothing. Each of these threads lives as long as there is a task.

    Args:
        limit: how many there may be.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0
        self._tasks: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()

    def submit(self, task: Callable[[], None]) -> None:
        """Have a task done, as soon as a thread is free. It must not raise."""
        with self._lock:
            self._tasks.append(task)
            if self._count == self._limit:
                return
            self._count += 1
        threading.Thread(target=self._work, name="answer", daemon=True).start()

    def drop(self) -> None:
        """Drop what has not begun."""
        with self._lock:
            self._tasks.clear()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._tasks:
                    self._count -= 1
                    return
                task = self._tasks.popleft()
            task()


class ThreadWork:
    """The work of one session, done in threads.

    Results count at the instant at which they land on the session's event loop. Nothing
    is begun before it is attached to what is to be woken: nobody would wait for it.

    Args:
        threads: where it is done.
    """

    charges = False

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._wake: Callable[[], None] = _nobody
        self._loop: asyncio.AbstractEventLoop | None = None
        self._time: Timebase | None = None

    def attach(self, wake: Callable[[], None]) -> None:
        """Wake somebody on the running event loop when a result has landed."""
        self._loop = asyncio.get_running_loop()
        self._time = timebase()
        self._wake = wake

    def begin(self, task: Callable[[], T], now_ns: int, charged_ns: int = 0) -> _Job[T]:
        """Begin a task in a thread; nothing is charged."""
        del charged_ns
        job: _Job[T] = _Job(now_ns)
        if self._loop is None:
            return job
        future = self._threads.computing.submit(task)
        job.future = future
        future.add_done_callback(lambda _future: self._land(job.land))
        return job

    def each(
        self,
        source: Callable[[], Iterator[T]],
        now_ns: int,
        charged_ns: Callable[[int, T], int],
    ) -> _Flow[T]:
        """Begin a task that gives one thing after another; nothing is charged."""
        del charged_ns
        flow: _Flow[T] = _Flow(now_ns)

        def run() -> None:
            error: Exception | None = None
            if flow.stopped.is_set():
                return
            try:
                for thing in source():
                    if flow.stopped.is_set():
                        return
                    self._land(partial(flow.land, thing=thing))
            except Exception as raised:  # noqa: BLE001 -- told to who takes from it
                error = raised
            self._land(partial(flow.end, error=error))

        if self._loop is not None:
            self._threads.waiting.submit(run)
        return flow

    def _land(self, landed: Callable[[int], None]) -> None:
        """Have something land on the loop; called in a thread."""
        if self._loop is None or self._loop.is_closed():
            return
        try:
            self._loop.call_soon_threadsafe(self._landed, landed)
        except RuntimeError:  # closed meanwhile: nobody waits any more
            return

    def _landed(self, landed: Callable[[int], None]) -> None:
        assert self._time is not None
        landed(self._time.now_ns())
        self._wake()


class _Job(Generic[T]):
    """A task in a thread."""

    def __init__(self, began_ns: int) -> None:
        self.future: Future[T] | None = None
        self._began_ns = began_ns
        self._due_ns: int | None = None

    def land(self, at_ns: int) -> None:
        self._due_ns = max(at_ns, self._began_ns)

    def due_ns(self) -> int | None:
        return self._due_ns

    def result(self) -> T:
        assert self.future is not None
        return self.future.result()

    def cancel(self) -> None:
        if self.future is not None:
            self.future.cancel()


class _Flow(Generic[T]):
    """A task in a thread that gives one thing after another."""

    def __init__(self, began_ns: int) -> None:
        self.stopped = threading.Event()
        self.finished = False
        self._last_ns = began_ns
        self._landed: deque[tuple[int, T]] = deque()
        self._ended = False
        self._error: Exception | None = None

    def land(self, at_ns: int, thing: T) -> None:
        self._last_ns = max(at_ns, self._last_ns)
        if not self.finished:
            self._landed.append((self._last_ns, thing))

    def end(self, at_ns: int, error: Exception | None) -> None:
        self._last_ns = max(at_ns, self._last_ns)
        self._ended = True
        self._error = error

    def next_due_ns(self) -> int | None:
        if self.finished:
            return None
        if self._landed:
            return self._landed[0][0]
        return self._last_ns if self._ended else None

    def take(self, now_ns: int) -> Sequence[tuple[int, T]]:
        taken = []
        while self._landed and self._landed[0][0] <= now_ns:
            taken.append(self._landed.popleft())
        over = self._ended and not self._landed and not self.finished
        if over and (self._error is None or not taken):
            self.finished = True
            if self._error is not None:
                raise self._error
        return taken

    def cancel(self) -> None:
        self.finished = True
        self.stopped.set()
        self._landed.clear()


def _nobody(*_: Any) -> None:
    """Wake nobody."""
