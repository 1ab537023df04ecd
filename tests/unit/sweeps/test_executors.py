"""Executors by name, and the one that needs nobody else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.sweeping import tiny
from voicelab.errors import MissingPartError, SweepError
from voicelab.sweeps.cell import run_cell
from voicelab.sweeps.executors import Serial, make_executor
from voicelab.sweeps.processes import Processes
from voicelab.sweeps.spec import make_plan


def test_names_lead_to_executors() -> None:
    assert isinstance(make_executor("serial"), Serial)
    made = make_executor("processes", 3)
    assert isinstance(made, Processes)
    assert made.workers == 3
    usual = make_executor("processes")
    assert isinstance(usual, Processes)
    assert usual.workers >= 1


@pytest.mark.parametrize(
    ("name", "workers", "says"),
    [
        ("threads", None, "there is no executor 'threads'; give processes, serial or"),
        ("dask=", None, "there is no executor 'dask='"),
        ("dask", None, "there is no executor 'dask'"),
        ("processes", 0, "give 1 or more, with the executor processes"),
        ("serial", 2, "2 workers cannot be had from serial"),
    ],
)
def test_what_there_is_not_is_refused(
    name: str, workers: int | None, says: str
) -> None:
    with pytest.raises(SweepError, match=says):
        make_executor(name, workers)


def test_a_cluster_without_its_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPartError, match=r"voicelab-realtime\[cluster\]"):
        make_executor("dask=tcp://127.0.0.1:9")


def test_in_this_process_cells_are_run_in_order_when_asked_for(tmp_path: Path) -> None:
    plan = make_plan(tiny(tmp_path), repeats=3)
    cells = (plan.cell(index) for index in range(3))
    outcomes = Serial().outcomes(cells)
    assert next(outcomes) == run_cell(plan.cell(0))
    assert next(cells).index == 1  # not taken before it is its turn
    assert [each.index for each in outcomes] == [2]
