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
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress

import msgspec

from voicelab.errors import EndpointError
from voicelab.sweeps.cell import Cell, Outcome
from voicelab.sweeps.worker import READY

_AHEAD = 2
"""Cells at hand for each worker, so that none waits for its next."""


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
        crew = _Crew()
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="sweep")
        pending: set[Future[Outcome]] = set()
        try:
            for cell in cells:
                pending.add(pool.submit(crew.run, cell))
                if len(pending) >= self.workers * _AHEAD:
                    ready, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (each.result() for each in ready)
            while pending:
                ready, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in ready)
        finally:
            crew.dismiss()  # threads that wait for a worker see it end
            pool.shutdown(cancel_futures=True)
            crew.clear_up()


class _Crew:
    """Workers, started as they are needed, each with one cell at a time."""

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._all: list[_Worker] = []
        self._dismissed = False

    def run(self, cell: Cell) -> Outcome:
        """Run a cell on an idle worker, or on a new one."""
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = self._hire()
        answer = worker.ask(msgspec.json.encode(cell))
        if answer is None:
            return self._lost(worker, cell)
        self._idle.put(worker)
        return msgspec.json.decode(answer, type=Outcome)

    def dismiss(self) -> None:
        """End all workers, whatever they are doing."""
        self._dismissed = True
        for worker in list(self._all):  # as one is lost, it is taken out
            worker.end()

    def clear_up(self) -> None:
        """Let go of workers that have ended; nobody may be waiting for one."""
        for worker in self._all:
            worker.how_it_ended()

    def _hire(self) -> _Worker:
        worker = _Worker()
        self._all.append(worker)
        if self._dismissed:
            worker.end()
        elif not worker.is_ready():
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
