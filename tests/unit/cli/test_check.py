"""`voicelab check` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from tests.support.results import barge_in, make_run
from voicelab.cli import app
from voicelab.result import Run

SECRET = "sk-a-secret"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def check(*arguments: Path | str) -> Result:
    words = ["check", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def a_run(run_id: str = "0123456789ab", seed: int = 7, **expect: Any) -> Run:
    scenario = {"seed": seed, "expect": expect, "session": {"instructions": SECRET}}
    live = {"url": "wss://example.org", "headers": ["Authorization"]}
    return make_run(barge_in(), run_id=run_id, seed=seed, scenario=scenario, live=live)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return a_run(cut_ins={"max": 3}).save(tmp_path / "good")


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    run = a_run(cut_ins={"max": -1}, response_latency_p95_ms={"max": 9999})
    return run.save(tmp_path / "bad")


def test_what_is_kept_passes(good: Path) -> None:
    result = check(good)
    assert result.exit_code == 0
    assert "cut_ins" in result.stdout
    assert result.stdout.splitlines()[-1] == (
        "1 run checked: 2 passed, 0 failed, 0 noted."
    )
    assert result.stderr == ""


def test_what_is_not_fails(bad: Path) -> None:
    result = check(bad)
    assert result.exit_code == 1
    assert "Failed: a <test> seed 7: cut_ins is 0, allowed is at most -1" in (
        result.stdout
    )
    assert "response_latency_p95_ms is not known: it takes 20 values" in result.stdout
    assert "::error" not in result.stdout


def test_a_folder_of_runs(tmp_path: Path) -> None:
    for number in (1, 2):
        a_run(f"run{number}", number, cut_ins={"max": 1}).save(tmp_path / "runs")
    assert "2 runs checked: 4 passed" in check(tmp_path / "runs").stdout


def test_a_long_table_is_cut(tmp_path: Path) -> None:
    expect: dict[str, Any] = {f"unknown-{n}": {"max": 1} for n in range(60)}
    result = check(a_run(**expect).save(tmp_path))
    assert "… and 10 more, which --json shows\n" in result.stdout
    assert result.stdout.count("Failed: ") == 60


def test_json_is_nothing_but_json(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = check(bad, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["passed"], told["runs"]) == (False, 1)
    assert {row["outcome"] for row in told["verdicts"]} == {"passed", "failed"}
    assert result.stderr.count("::error title=") == 2


def test_annotations_where_github_runs_it(
    bad: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(bad, "--annotations").stdout.count("::error title=") == 2
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert check(bad).stdout.count("\n::error title=") == 2
    assert "::error" not in check(good).stdout


def test_a_report_for_other_servers(bad: Path, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    assert check(bad, "--junit", file).exit_code == 1
    root = ET.parse(file).getroot()
    assert root.get("failures") == "2"


def test_what_was_found_is_told_though_no_report_can_be_written(
    bad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(target: Path, _: object) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("voicelab.record.whole_file.write_whole", full)
    result = check(bad, "--junit", tmp_path / "report.xml")
    assert result.exit_code == 2
    assert "1 run checked" in result.stdout
    assert result.stderr.endswith(
        "the JUnit report cannot be written (No space left on device); name another "
        "file\n"
    )


def test_no_secret_is_told(bad: Path, tmp_path: Path) -> None:
    junit, kept = tmp_path / "junit.xml", tmp_path / "kept.json"
    result = check(bad, "--junit", junit, "--annotations", "--json")
    saved = check(a_run().save(tmp_path / "plain"), "--save-baseline", kept)
    assert saved.exit_code == 0
    told = result.output + junit.read_text("utf-8") + kept.read_text("utf-8")
    assert SECRET not in told
    assert "example.org" not in told


def test_a_budget_file(good: Path, tmp_path: Path) -> None:
    file = tmp_path / "budget.yaml"
    file.write_text("voicelab: 1\npooled: {cut_in_rate: {max: 0.5}}", "utf-8")
    result = check(good, "--budget", file)
    assert result.exit_code == 1  # none in three turns is compatible with 56 %
    assert "0 of 3, which may be 0 to 0.561; none in 4 would show it" in result.stdout


def test_a_baseline_is_saved_and_compared_with(good: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    saved = check(good, "--save-baseline", file)
    assert saved.exit_code == 0
    assert saved.stdout.endswith("baseline.json holds their measures.\n")
    result = check(good, "--baseline", file)
    assert result.exit_code == 0
    assert check(good, "--baseline", good).stdout == result.stdout


def test_a_first_baseline_holds_no_part_of_a_run(tmp_path: Path) -> None:
    file, folder = tmp_path / "baseline.json", tmp_path / "runs"
    a_run().save(folder)
    make_run(run_id="1", partial="the server hung up").save(folder)
    saved = check(folder, "--save-baseline", file)
    assert saved.exit_code == 1
    assert "the conversation broke off (the server hung up)" in saved.stdout
    assert not file.exists()


def test_a_baseline_is_not_replaced_by_what_failed(
    good: Path, bad: Path, tmp_path: Path
) -> None:
    file = tmp_path / "baseline.json"
    check(good, "--save-baseline", file)
    before = file.read_bytes()
    result = check(bad, "--baseline", file, "--save-baseline", file)
    assert result.exit_code == 1
    assert result.stdout.endswith("baseline.json is left as it was.\n")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{plain}"], "nothing is checked: no scenario of these runs expects anything"),
        (["{none}"], "there is no such folder"),
        (["{plain}", "--budget", "{none}"], "there is no such file"),
        (["{plain}", "--baseline", "{old}"], "schema_version 0, and this voicelab"),
        (["{plain}", "--baseline", "{none}"], "the baseline cannot be read"),
        (["{plain}", "--tolerance", "cut_in=1"], "did you mean cut_ins?"),
        (["{plain}", "--save-baseline", "{none}/x"], "none: there is no such folder"),
        (["{plain}", "--junit", "{none}/x"], "none: there is no such folder; make it"),
    ],
)
def test_wrong_input_is_one_sentence(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    plain = a_run().save(tmp_path / "plain")
    old = tmp_path / "old.json"
    old.write_text('{"voicelab_baseline": 1, "schema_version": 0}', "utf-8")
    paths = {"plain": plain, "none": tmp_path / "none", "old": old}
    result = check(*(word.format(**paths) for word in arguments))
    assert result.exit_code == 2
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("Error: ")
    assert says in sentence
