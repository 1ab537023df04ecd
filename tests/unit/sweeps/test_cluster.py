"""A cluster that cannot be had is told at once, in one sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.sweeping import tiny
from voicelab.errors import EndpointError, SweepError
from voicelab.sweeps import cluster
from voicelab.sweeps.cell import Cell
from voicelab.sweeps.cluster import Cluster
from voicelab.sweeps.plan import Plan
from voicelab.sweeps.spec import make_plan

distributed = pytest.importorskip("distributed", reason="the extra cluster")


def local_cluster(workers: int) -> Any:
    """Return a cluster in this process, to be reached over loopback alone.

    Left to itself it looks for an address by which the internet can be reached.
    """
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address=None,
    )


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cluster.PATIENCE_S * 2 <= 10  # the scheduler, then its first worker
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.5)


@pytest.fixture
def chatterer() -> Iterator[str]:
    """The address of a server that is no scheduler."""

    def talk(listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=talk, args=(listener,), daemon=True).start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def test_a_dead_address_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(EndpointError) as error:
        Cluster(address)
    assert str(error.value) == (
        f"no Dask scheduler answers at {address}; start one with `dask scheduler`, "
        "or leave --executor out"
    )


def test_something_else_at_the_address_is_told(chatterer: str) -> None:
    with pytest.raises(EndpointError, match="no Dask scheduler answers"):
        Cluster(chatterer)


@pytest.mark.parametrize("address", ["nonsense", "foo://x:1", "tcp://x:port"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(SweepError, match="is no address of a scheduler"):
        Cluster(address)


def test_a_cluster_that_loses_its_workers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells that nobody can run would be waited for until somebody comes."""
    monkeypatch.setattr(cluster, "GLANCE_S", 0.2)
    monkeypatch.setattr(cluster, "ABANDONED_S", 0.5)
    monkeypatch.setattr(cluster, "PATIENCE_S", 30)
    plan = make_plan(tiny(tmp_path), repeats=5000)
    with local_cluster(workers=1) as local:
        cells = (plan.cell(index) for index in range(len(plan)))
        outcomes = Cluster(local.scheduler_address).outcomes(cells)
        first = next(outcomes)
        local.scale(0)
        with pytest.raises(EndpointError, match="has lost all its workers") as error:
            list(outcomes)
    assert first.status == "done"
    assert str(error.value).endswith(
        "none came back in 0.5 s; what is done is kept: go on with --resume"
    )


def test_a_cluster_without_workers_is_told(tmp_path: Path) -> None:
    plan = make_plan(tiny(tmp_path))
    with (
        local_cluster(workers=0) as local,
        pytest.raises(EndpointError, match="has no worker; start one with `dask work"),
    ):
        next(Cluster(local.scheduler_address).outcomes([plan.cell(0)]))


def test_a_cluster_that_goes_away_is_told(tmp_path: Path) -> None:
    plan = make_plan(tiny(tmp_path), repeats=200)
    local = local_cluster(workers=1)
    with local, closing(Cluster(local.scheduler_address).outcomes(cells(plan))) as told:
        assert next(told).status == "done"
        local.close()
        with pytest.raises(
            EndpointError, match="what is done is kept: go on with --re"
        ):
            list(told)


def cells(plan: Plan) -> Iterator[Cell]:
    return (plan.cell(index) for index in range(len(plan)))
