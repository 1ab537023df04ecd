"""Who runs the cells: this process, processes on this machine, or a cluster.

An executor takes cells and gives outcomes back in whatever order they are ready. It
holds a few cells at a time, never all, so memory does not grow with the sweep. Leaving
it early, by closing the iterator, ends what is under way.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Protocol

from voicelab.errors import SweepError
from voicelab.sweeps.cell import Cell, Outcome, run_cell

SERIAL, PROCESSES, DASK = "serial", "processes", "dask="


class Executor(Protocol):
    """Runs cells."""

    def outcomes(self, cells: Iterable[Cell]) -> Generator[Outcome, None, None]:
        """Yield the outcome of each cell, once, as it is ready.

        Raises:
            EndpointError: the workers cannot be reached, or went away.
        """


class Serial:
    """Runs one cell after the other in this process."""

    def outcomes(self, cells: Iterable[Cell]) -> Generator[Outcome, None, None]:
        """Yield the outcome of each cell, in order."""
        for cell in cells:
            yield run_cell(cell)


def make_executor(name: str, workers: int | None = None) -> Executor:
    """Return the executor of a name.

    Args:
        name: `processes`, `serial`, or `dask=` and the address of a scheduler.
        workers: how many processes; None takes as many as this process has cores.

    Raises:
        SweepError: there is none of that name, or no such number of workers.
        MissingPartError: a cluster is asked for and its package is not installed.
        EndpointError: no scheduler answers at the address.
    """
    if workers is not None and (workers < 1 or name != PROCESSES):
        raise SweepError(
            f"{workers} workers cannot be had from {name}",
            path="workers",
            fix=f"give 1 or more, with the executor {PROCESSES}",
        )
    if name == SERIAL:
        return Serial()
    if name == PROCESSES:
        from voicelab.sweeps.processes import Processes  # noqa: PLC0415 -- one of three

        return Processes(workers)
    if name.startswith(DASK) and name != DASK:
        from voicelab.sweeps.cluster import Cluster  # noqa: PLC0415 -- an extra

        return Cluster(name.removeprefix(DASK))
    raise SweepError(
        f"there is no executor {name!r}",
        path="executor",
        fix=f"give {PROCESSES}, {SERIAL} or {DASK}ADDRESS, such as "
        f"{DASK}tcp://127.0.0.1:8786",
    )
