"""What is asked of a finished sweep, on numbers worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.sweeping import done, failed, listed
from voicelab.errors import StatisticsError, SweepError
from voicelab.metrics.statistics import cluster_bootstrap, mean
from voicelab.sweeps.cell import Outcome
from voicelab.sweeps.journal import Header, Journal
from voicelab.sweeps.plan import Origin, Plan
from voicelab.sweeps.result import Sweep, load_sweep

ORIGINS = tuple(Origin(name=name, scenario={"seed": 1}, base="/") for name in "ab")
GRID: dict[str, tuple[Any, ...]] = {"x": ("p", "q"), "y": (10, 20)}
VALUE = "overlap_ms"
# in the plan's order: per scenario p10 p10 p20 p20 q10 q10 q20 q20
VALUES = (1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0, 8.0) * 2


def sweep(folder: Path, outcomes: list[Outcome], **parts: Any) -> Sweep:
    told: dict[str, Any] = {"origins": ORIGINS, "grid": GRID, "repeats": 2}
    plan = Plan(**told | parts)
    header = Header(version="1", digest="d", plan=plan)
    with Journal(folder, header, resumes=False) as journal:
        for outcome in outcomes:
            journal.add(outcome)
    return load_sweep(folder)


@pytest.fixture
def swept(tmp_path: Path) -> Sweep:
    outcomes = [
        failed(i) if i == 15 else done(i, overlap_ms=value)
        for i, value in enumerate(VALUES)
    ]
    return sweep(tmp_path, outcomes[::-1])


def test_pivot_counts_what_it_is_made_of(swept: Sweep) -> None:
    pivot = swept.pivot("x", "y", VALUE)
    assert pivot.values.index.tolist() == [10, 20]
    assert pivot.values.columns.tolist() == ["p", "q"]
    assert (pivot.values.index.name, pivot.values.columns.name) == ("y", "x")
    assert pivot.values.to_numpy().tolist() == [[1.5, 5.5], [3.0, 22 / 3]]
    assert pivot.n.to_numpy().tolist() == [[4, 4], [2, 3]]
    # twice no value was measured, once the cell failed
    assert pivot.missing.to_numpy().tolist() == [[0, 0], [2, 1]]
    assert repr(pivot) == "<Pivot the mean of overlap_ms rows=2 columns=2 n=13>"
    shown = pivot._repr_html_()
    assert "<p>the mean of overlap_ms</p>" in shown
    assert "7.333 (n = 3)" in shown


def test_a_percentile_of_too_few_is_refused_and_says_how_many(swept: Sweep) -> None:
    pivot = swept.pivot("x", "y", VALUE, "p75")
    assert listed(pivot.values.p) == [1.25 + 0.75, None]  # 4 values are enough, 2 not
    assert "- (n = 2)" in pivot._repr_html_()


def test_pivot_by_scenario(swept: Sweep) -> None:
    pivot = swept.pivot("scenario", "x", VALUE, "median")
    assert pivot.values.to_numpy().tolist() == [[2.0, 2.0], [6.5, 6.0]]


def test_what_was_never_run_counts_nothing(tmp_path: Path) -> None:
    swept = sweep(tmp_path, [done(0, overlap_ms=1.0), done(6, overlap_ms=2.0)])
    pivot = swept.pivot("x", "y", VALUE)
    assert pivot.n.to_numpy().tolist() == [[1, 0], [0, 1]]
    assert pivot.values.isna().to_numpy().tolist() == [[False, True], [True, False]]


def test_groups_draw_whole_scenarios(swept: Sweep) -> None:
    table = swept.grouped("x", VALUE)
    assert list(table) == [
        *("x", "n", "missing", "scenarios", "estimate", "low", "high")
    ]
    assert table.x.tolist() == ["p", "q"]
    assert table.n.tolist() == [6, 7]
    assert table.missing.tolist() == [2, 1]
    assert table.scenarios.tolist() == [2, 2]
    values = [np.array([5.0, 6, 7, 8]), np.array([5.0, 6, 7])]
    expected = cluster_bootstrap(values, mean, seed=0)
    assert table.estimate[1] == expected.estimate == 44 / 7
    assert (table.low[1], table.high[1]) == (expected.low, expected.high)
    # both scenarios measured the same of p, so nothing is drawn but that
    assert (table.low[0], table.estimate[0], table.high[0]) == (2.0, 2.0, 2.0)


def test_one_scenario_gives_an_estimate_and_no_interval(tmp_path: Path) -> None:
    outcomes = [done(i, overlap_ms=float(i)) for i in range(8)]
    table = sweep(tmp_path, outcomes, origins=ORIGINS[:1]).grouped(["x", "y"], VALUE)
    assert table[["x", "y"]].to_numpy().tolist() == [
        ["p", 10],
        ["p", 20],
        ["q", 10],
        ["q", 20],
    ]
    assert table.estimate.tolist() == [0.5, 2.5, 4.5, 6.5]
    assert table.low.isna().all()
    assert table.high.isna().all()


def test_a_group_without_any_value_is_a_row(tmp_path: Path) -> None:
    table = sweep(tmp_path, [failed(i) for i in range(16)]).grouped("x", VALUE)
    assert table.n.tolist() == [0, 0]
    assert table.missing.tolist() == [8, 8]
    assert all(math.isnan(each) for each in table.estimate)


def test_an_entry_that_sets_nothing_is_a_group(tmp_path: Path) -> None:
    entries: tuple[dict[str, Any], ...] = ({}, {"x": "p"})
    outcomes = [done(i, overlap_ms=float(i)) for i in range(8)]
    swept = sweep(tmp_path, outcomes, entries=entries, grid={})
    table = swept.grouped("x", VALUE)
    assert listed(table.x) == [None, "p"]
    assert table.estimate.tolist() == [2.5, 4.5]


@pytest.mark.parametrize("value", ["p", 5, 20.5])
def test_an_entry_that_sets_nothing_is_a_column_of_a_pivot(
    tmp_path: Path, value: object
) -> None:
    entries: tuple[dict[str, Any], ...] = ({"x": value}, {})
    outcomes = [done(i, overlap_ms=float(i)) for i in range(8)]
    pivot = sweep(tmp_path, outcomes, entries=entries, grid={}).pivot(
        "x", "scenario", VALUE
    )
    assert listed(pivot.values.columns.to_series()) == [value, None]
    assert pivot.values.to_numpy().tolist() == [[0.5, 2.5], [4.5, 6.5]]
    assert pivot.n.to_numpy().tolist() == [[2, 2], [2, 2]]


def test_a_table_has_two_sides_and_groups_have_a_field(swept: Sweep) -> None:
    with pytest.raises(SweepError, match="both sides of the table are x"):
        swept.pivot("x", "x", VALUE)
    with pytest.raises(SweepError, match="no field to group by"):
        swept.grouped([], VALUE)


def test_failed_cells_tell_what_they_were(swept: Sweep) -> None:
    assert swept.failed.to_dict("records") == [
        {"scenario": "b", "x": "q", "y": 20, "seed": 2, "error": "it broke"}
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("z", "y", VALUE), "the table has no field 'z'; known: scenario, x, y, seed"),
        (("x", "y", "overlap"), "no measure 'overlap'; did you mean overlap_ms?"),
        (("x", "y", "status"), "no measure 'status'"),
    ],
)
def test_a_column_that_there_is_not_is_refused(
    swept: Sweep, arguments: tuple[str, str, str], says: str
) -> None:
    with pytest.raises(SweepError, match=says.replace("?", r"\?")):
        swept.pivot(*arguments)


@pytest.mark.parametrize("name", ["mode", "p", "p0", "p100", "pq", "p1.2.3"])
def test_a_statistic_that_there_is_not_is_refused(swept: Sweep, name: str) -> None:
    with pytest.raises(StatisticsError):
        swept.grouped("x", VALUE, name)


def test_it_shows_itself(swept: Sweep, tmp_path: Path) -> None:
    assert repr(swept) == "<Sweep cells=16 done=15 failed=1>"
    shown = swept._repr_html_()
    assert "&lt;Sweep cells=16 done=15 failed=1&gt;" in shown
    assert shown.count("<tr") == 17
    assert "<th>overlap_ms</th>" in shown
    assert "<th>turns</th>" in shown  # 0, but missing where the cell failed
    assert "<th>underruns</th>" not in shown  # known of no run
    (tmp_path / "more").mkdir()
    many = sweep(tmp_path / "more", [done(i) for i in range(30)], repeats=20)
    assert repr(many) == "<Sweep cells=160 done=30>"
    assert "<p>and 10 more rows</p>" in many._repr_html_()
    assert "<th>turns</th>" not in many._repr_html_()  # 0 of each
    assert "<th>error</th>" not in many._repr_html_()
