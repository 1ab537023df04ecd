"""Baselines: kept, read again, and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.budgets import a_run
from tests.support.results import barge_in, make_run
from voicelab.budgets import (
    Baseline,
    baseline_of,
    load_baseline,
    measured_runs,
    read_baseline,
    save_baseline,
)
from voicelab.errors import BudgetError, RunFormatError


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    runs = [a_run("b", cut_ins=2), a_run("a", 2), a_run("a", 1, cut_ins=None)]
    return save_baseline(
        tmp_path / "baseline.json", baseline_of(run.kept() for run in runs)
    )


def test_what_is_kept_is_read_again(saved: Path) -> None:
    found = load_baseline(saved)
    assert [(run.name, run.seed) for run in found.runs] == [
        ("a", 1),
        ("a", 2),
        ("b", 1),
    ]
    assert found.runs[2].measures["cut_ins"] == 2
    assert found.runs[0].measures["cut_ins"] is None
    assert [file.name for file in saved.parent.iterdir()] == ["baseline.json"]


@pytest.mark.parametrize("place", ["none/x.json", "folder"])
def test_where_none_can_be_written_nothing_is_left(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    baseline = baseline_of([a_run().kept()])
    with pytest.raises(BudgetError, match=f"{place}: the baseline cannot be written"):
        save_baseline(tmp_path / place, baseline)
    assert [file.name for file in tmp_path.rglob("*")] == ["folder"]


@pytest.mark.parametrize("key", ["voicelab_baseline", "schema_version"])
def test_another_version_is_refused(saved: Path, key: str) -> None:
    told = json.loads(saved.read_text("utf-8"))
    told[key] = 99
    told["runs"] = "of another kind altogether"
    saved.write_text(json.dumps(told), "utf-8")
    with pytest.raises(BudgetError, match=f"{key} 99, and this voicelab compares"):
        load_baseline(saved)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no baseline"),
        ("[]", "is no baseline"),
        ("{}", "voicelab_baseline is missing"),
        ('{"voicelab_baseline": 1, "schema_version": 1}', "is no baseline"),
        (
            '{"voicelab_baseline": 1, "schema_version": 1, "runs": []}',
            "holds no run; make it again",
        ),
    ],
)
def test_what_is_no_baseline(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, "utf-8")
    with pytest.raises(BudgetError, match=says):
        load_baseline(file)


def test_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BudgetError, match="cannot be read"):
        read_baseline(tmp_path / "none.json")
    with pytest.raises(BudgetError, match="there is none"):
        baseline_of([])


def test_a_baseline_may_be_runs(tmp_path: Path, saved: Path) -> None:
    run = make_run(barge_in())
    folder = run.save(tmp_path / "runs")
    expected = baseline_of(each.kept() for each in measured_runs(run))
    for source in (run, [run], folder, str(folder), folder.parent, expected):
        assert read_baseline(source) == expected
    assert isinstance(read_baseline(saved), Baseline)
    assert read_baseline(saved) != expected


def test_each_run_counts_once(tmp_path: Path) -> None:
    run = make_run(barge_in())
    assert len(measured_runs([run, run.save(tmp_path)])) == 1


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError, match="holds no whole run"):
        measured_runs(tmp_path)
