"""Workers of a Dask cluster (the extra `cluster`).

Only bytes cross the network: a cell as JSON goes out, its outcome as JSON comes back.
The workers need the same voicelab, and see the scenarios' files under the same paths.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from voicelab.clock import Stopwatch
from voicelab.errors import EndpointError, MissingPartError, SweepError
from voicelab.record.folder import package_versions
from voicelab.sweeps.cell import Cell, Outcome, run_encoded

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE_S = 5
"""How long the scheduler, and then its first worker, may take to be there."""

GLANCE_S = 5
"""So often it is looked whether there are still workers, while no outcome comes."""

ABANDONED_S = 60
"""How long a sweep waits for a worker when the last one has gone."""

_AHEAD = 3
"""Cells at hand for each thread of a worker: one is run, the others are on the way."""


class Cluster:
    """Runs cells on a Dask cluster.

    Args:
        address: the scheduler's, such as `tcp://127.0.0.1:8786`.

    Raises:
        MissingPartError: the package `distributed` is not installed.
        SweepError: the address is none.
        EndpointError: no scheduler answers there.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed  # noqa: F401, PLC0415 -- an extra
        except ImportError as error:
            raise MissingPartError(
                "a sweep on a Dask cluster needs the package distributed",
                fix='pip install "voicelab-realtime[cluster]"',
            ) from error
        self._address = address
        with _quiet():
            self._check_scheduler()

    def outcomes(self, cells: Iterable[Cell]) -> Generator[Outcome, None, None]:
        """Yield the outcome of each cell as it is ready.

        Raises:
            EndpointError: the cluster cannot be reached, has no worker or another
                voicelab, or goes away, or all of its workers do.
        """
        with self._connected() as client:
            waiting = iter(cells)
            ahead = _AHEAD * _threads(client)
            yield from self._run(client, waiting, ahead)

    def _run(
        self, client: Client, cells: Iterator[Cell], ahead: int
    ) -> Generator[Outcome, None, None]:
        from distributed import TimeoutError as Late  # noqa: PLC0415 -- an extra
        from distributed import as_completed  # noqa: PLC0415 -- an extra

        begun = {_submit(client, cell): cell.index for cell in islice(cells, ahead)}
        alone: Stopwatch | None = None
        ready = as_completed(begun, loop=client.loop, timeout=GLANCE_S)
        while begun:
            try:
                future = next(ready)
            except Late:
                alone = self._check_not_abandoned(client, alone)
                ready = as_completed(begun, loop=client.loop, timeout=GLANCE_S)
                continue
            index = begun.pop(future)
            yield self._outcome(future, index)
            for cell in islice(cells, 1):
                begun[following := _submit(client, cell)] = cell.index
                ready.add(following)

    def _check_not_abandoned(
        self, client: Client, alone: Stopwatch | None
    ) -> Stopwatch | None:
        """Return since when there has been no worker; None if there is one.

        Raises:
            EndpointError: that has been too long.
        """
        if client.nthreads():
            return None
        alone = alone or Stopwatch()
        if alone.elapsed_s() > ABANDONED_S:
            raise EndpointError(
                f"the cluster at {self._address} has lost all its workers, and none "
                f"came back in {ABANDONED_S:g} s; what is done is kept: go on with "
                "--resume"
            )
        return alone

    def _outcome(self, future: Future[bytes], index: int) -> Outcome:
        from distributed import KilledWorker  # noqa: PLC0415 -- an extra

        if future.status == "finished":
            return msgspec.json.decode(future.result(), type=Outcome)
        error = None if future.cancelled() else future.exception()
        if isinstance(error, KilledWorker):
            told = "the workers that ran this cell ended, one after the other"
            return Outcome(index=index, status="failed", error=told)
        why = "it went away" if error is None else f"{type(error).__name__}: {error}"
        raise EndpointError(
            f"the cluster at {self._address} could not finish ({why}); what is done is "
            "kept: go on with --resume"
        )

    @contextmanager
    def _connected(self) -> Iterator[Client]:
        from distributed import Client  # noqa: PLC0415 -- an extra

        with _quiet():
            try:
                client = Client(self._address, timeout=PATIENCE_S, set_as_default=False)
            except OSError as error:
                raise self._nobody() from error
            with client:
                self._check_workers(client)
                yield client

    def _check_scheduler(self) -> None:
        """See that something that speaks like a scheduler is there.

        A client that meets anything else stays half made and complains later.
        """
        try:
            with ThreadPoolExecutor(1) as apart:  # a notebook's loop runs in ours
                apart.submit(asyncio.run, _knock(self._address)).result()
        except ValueError as error:
            raise SweepError(
                f"{self._address!r} is no address of a scheduler",
                path="executor",
                fix="write it like dask=tcp://127.0.0.1:8786",
            ) from error
        except Exception as error:
            raise self._nobody() from error

    def _nobody(self) -> EndpointError:
        return EndpointError(
            f"no Dask scheduler answers at {self._address}; start one with "
            "`dask scheduler`, or leave --executor out"
        )

    def _check_workers(self, client: Client) -> None:
        from distributed import TimeoutError as Late  # noqa: PLC0415 -- an extra

        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except Late as error:
            raise EndpointError(
                f"the Dask cluster at {self._address} has no worker; start one with "
                f"`dask worker {self._address} --nthreads 1`"
            ) from error
        ours = _version()
        try:
            theirs = client.run(_version)
        except Exception as error:
            raise EndpointError(
                f"the workers at {self._address} cannot run voicelab "
                f"({type(error).__name__}: {error}); install it there"
            ) from error
        for worker, version in theirs.items():
            if version != ours:
                raise EndpointError(
                    f"the worker {worker} has voicelab {version}, and here is {ours}; "
                    "install the same"
                )


async def _knock(address: str) -> None:
    from distributed.comm.core import connect  # noqa: PLC0415 -- an extra

    (await connect(address, timeout=PATIENCE_S)).abort()


def _submit(client: Client, cell: Cell) -> Future[bytes]:
    return client.submit(run_encoded, msgspec.json.encode(cell), pure=False)


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _version() -> str:
    return package_versions()["voicelab-realtime"]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the cluster's log off the terminal: what matters is told in one sentence."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
