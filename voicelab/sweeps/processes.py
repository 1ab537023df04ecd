"""Worker processes on this machine.

Each worker is a Python of its own that reads cells from its standard input and writes
outcomes to its standard output, JSON, one a line. Nothing is forked and no main module
is imported again, so it works from scripts, notebooks and threads alike. A worker whose
parent is gone, however it went, reads the end of its input and ends. A worker that dies
takes one cell with it, which is known, and another takes its place.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from _thread import get_ident, start_new_thread
from collections.abc import Generator, Iterable
from contextlib import suppress

import msgspec

from voicelab.errors import EndpointError
from voicelab.sweeps.cell import Cell, Outcome
from voicelab.sweeps.worker import READY

_AHEAD = 2
"""Cells at hand for each worker, so that none waits for its next."""

_GLANCE_S = 0.1
"""So often is looked whether all threads have gone, should one not have said so."""


class Processes:
    """Runs cells in worker processes of this machine.

    Args:
        workers: how many; None takes as many as this process has cores.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or _cores()

    def outcomes(self, cells: Iterable[Cell]) -> Generator[Outcome, None, None]:
        """Yield the outcome of each cell as it is ready.

        Raises:
            EndpointError: a worker process cannot be started.
        """
        crew = _Crew(self.workers)
        try:
            try:
                yield from self._outcomes(crew, cells)
            finally:
                crew.dismiss()
        except KeyboardInterrupt:  # it may have come while they were dismissed
            crew.dismiss()
            raise

    def _outcomes(
        self, crew: _Crew, cells: Iterable[Cell]
    ) -> Generator[Outcome, None, None]:
        at_hand = 0
        for cell in cells:
            crew.give(cell)
            at_hand += 1
            if at_hand >= self.workers * _AHEAD:
                yield crew.take()
                at_hand -= 1
        for _ in range(at_hand):
            yield crew.take()


class _Crew:
    """Workers, started as they are needed, each with a thread that waits for it.

    An interrupt may come between any two steps of the thread that gives and takes, and
    a lock that is written in Python, as that of a starting `threading.Thread`, would
    then stay locked for good. So it meets none: threads are started, and talked to
    through queues, in C.

    Args:
        most: how many workers there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: list[int] = []
        self._cells: queue.SimpleQueue[Cell | None] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()
        self._gone: list[int] = []
        self._leaving: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._all: list[_Worker] = []
        self._dismissed = False

    def give(self, cell: Cell) -> None:
        """Have a cell run by whoever is free first."""
        self._cells.put(cell)
        if len(self._threads) < self._most:
            self._threads.append(start_new_thread(self._serve, ()))

    def take(self) -> Outcome:
        """Return the next outcome, as soon as there is one.

        Raises:
            EndpointError: a worker process cannot be started.
        """
        told = self._told.get()
        if isinstance(told, Exception):
            raise told
        return told

    def dismiss(self) -> None:
        """End all workers, whatever they are doing, and wait until they have.

        It can be done again if it is interrupted.
        """
        self._dismissed = True
        for worker in list(self._all):  # as one is lost, it is taken out
            worker.end()  # the thread that waits for it sees it end
        for _ in range(self._most):
            self._cells.put(None)
        while len(self._gone) < len(self._threads):
            with suppress(queue.Empty):
                self._leaving.get(timeout=_GLANCE_S)
        for worker in self._all:
            worker.how_it_ended()

    # -- in the threads ------------------------------------------------------

    def _serve(self) -> None:
        """Run cells on one worker, and on another when that one is lost."""
        try:
            worker: _Worker | None = None
            while (cell := self._cells.get()) is not None and not self._dismissed:
                worker = worker or self._hire()
                answer = worker.ask(msgspec.json.encode(cell))
                if answer is None:
                    self._told.put(self._lost(worker, cell))
                    worker = None
                else:
                    self._told.put(msgspec.json.decode(answer, type=Outcome))
        except Exception as error:  # noqa: BLE001 -- raised where outcomes are taken
            self._told.put(error)
        finally:
            self._gone.append(get_ident())
            self._leaving.put(None)

    def _hire(self) -> _Worker:
        worker = _Worker()
        self._all.append(worker)
        if self._dismissed:
            worker.end()
        elif not worker.is_ready() and not self._dismissed:
            raise EndpointError(
                f"a worker process cannot be started ({worker.how_it_ended()}); "
                "run the sweep with the executor serial to see why"
            )
        return worker

    def _lost(self, worker: _Worker, cell: Cell) -> Outcome:
        self._all.remove(worker)
        how = worker.how_it_ended()
        error = f"the worker process that ran this cell ended ({how})"
        return Outcome(index=cell.index, status="failed", error=error)


class _Worker:
    """One worker process."""

    def __init__(self) -> None:
        # Out of the terminal's reach: an interrupt is for the parent to deal with.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "voicelab.sweeps.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )

    def is_ready(self) -> bool:
        """Wait until the worker can take cells; tell whether it can."""
        assert self._process.stdout is not None
        return self._process.stdout.readline() == READY

    def ask(self, line: bytes) -> bytes | None:
        """Return the answer to a line; None if the worker ended over it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except OSError:
            return None
        answer = self._process.stdout.readline()
        return answer if answer.endswith(b"\n") else None

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()

    def how_it_ended(self) -> str:
        """Return in words how the process ended; one that waits for a cell ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # what it was yet to be told
            self._process.stdin.close()
        code = self._process.wait()
        self._process.stdout.close()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
