from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.logs import one_answer
from tests.support.results import barge_in, make_run
from voicelab.cli import app


def compare(*arguments: Path | str) -> Result:
    words = ["compare", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return make_run(barge_in(), scenario={"seed": 1}).save(tmp_path / "a")


@pytest.fixture
def later(tmp_path: Path) -> Path:
    log = barge_in()
    log._lines = [(t + 8 if t > 4000 else t, *rest) for t, *rest in log._lines]  # type: ignore[misc]
    return make_run(log, scenario={"seed": 2}).save(tmp_path / "later")


def test_the_same_run_twice(a: Path) -> None:
    result = compare(a, a, "--max-median-ms", "0", "--max-p99-ms", "0")
    assert result.exit_code == 0
    assert "response.output_audio.delta" in result.stdout
    assert result.stdout.splitlines()[-1] == "The order of events is equal."
    assert result.stderr == ""


def test_limits(a: Path, later: Path) -> None:
    assert compare(a, later).exit_code == 0
    assert compare(a, later, "--max-p99-ms", "8").exit_code == 0
    result = compare(a, later, "--max-p99-ms", "7.5", "--max-median-ms", "8")
    assert result.exit_code == 1
    assert "The p99 is 8.000 ms, above the limit of 7.5 ms." in result.stdout
    assert "median is" not in result.stdout


def test_another_order(a: Path, tmp_path: Path) -> None:
    other = make_run(one_answer(), scenario={"seed": 1}).save(tmp_path / "other")
    result = compare(a, other)
    assert result.exit_code == 1
    assert "Only in one run" in result.stdout
    assert "only in a" in result.stdout


def test_json_holds_all(a: Path, later: Path) -> None:
    result = compare(a, later, "--json", "--max-p99-ms", "1")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["same_order"] is True
    assert told["server_lane"] is True
    assert told["timing"][0]["type"] == "all"
    assert told["timing"][0]["worst_ms"] == 8
    assert told["settings"] == [{"path": "seed", "a": "1", "b": "2"}]
    assert len(told["exceeded"]) == 1
    assert set(told) == {
        "same_order",
        "verdict",
        "exceeded",
        "server_lane",
        "timing",
        "unmatched",
        "order",
        "values",
        "settings",
    }


def test_runs_of_different_callers(a: Path, tmp_path: Path) -> None:
    scenario = {"seed": 1, "caller": {"audio": "x.wav"}}
    other = make_run(scenario=scenario).save(tmp_path / "other")
    result = compare(a, other)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "different callers: caller.audio" in result.stderr


def test_a_folder_that_is_no_run(a: Path, tmp_path: Path) -> None:
    result = compare(a, tmp_path)
    assert result.exit_code == 2
    assert "manifest.json is missing" in result.stderr
