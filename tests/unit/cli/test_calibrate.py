from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import voicelab as vl
from tests.support.results import make_run
from voicelab.calibration import cascade
from voicelab.cli import app
from voicelab.cli.run_folders import run_folder, run_folders
from voicelab.errors import RunFormatError
from voicelab.responders.profile import load_profile


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traces")
    for seed in (1, 2):
        vl.run("dentist", seed=seed, out=folder)
    return folder


def calibrate(*arguments: Path | str) -> Result:
    words = ["calibrate", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_a_folder_of_runs_becomes_a_profile(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "hosted.yaml"
    result = calibrate(runs, "--out", file)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "time_to_first_audio_ms" in result.stdout
    assert "Note: " in result.stdout
    assert result.stdout.splitlines()[-1] == str(file)
    profile = load_profile(str(file))
    assert profile.name == "hosted"
    assert profile.fitted is not None
    assert profile.fitted.runs == 2
    assert vl.run("card-game", agent={"profile": str(file)}).summary.answered


def test_json_holds_all(runs: Path, tmp_path: Path) -> None:
    traces = sorted(runs.iterdir())
    options = ("--out", tmp_path / "p.yaml", "--name", "mine", "--json")
    told = json.loads(calibrate(*traces, *options).stdout)
    assert told["profile"]["name"] == "mine"
    assert told["file"] == str(tmp_path / "p.yaml")
    assert sum(told["responses"].values()) == told["profile"]["fitted"]["responses"]
    assert [row["quantity"] for row in told["quantities"]] == [
        "time_to_first_audio_ms",
        "speed",
    ]


def test_only_a_fitted_profile_is_replaced(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for _ in range(2):
        assert calibrate(runs, "--out", file).exit_code == 0
    file.write_text("voicelab: 1\n", "utf-8")
    result = calibrate(runs, "--out", file)
    assert result.exit_code == 2
    assert "is there, and is no fitted profile" in result.stderr
    assert file.read_text("utf-8") == "voicelab: 1\n"


@pytest.mark.parametrize("content", [None, "voicelab: 1\n"])
def test_where_nothing_can_be_written_nothing_is_measured(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cascade, "calibrate_cascade", None)
    out = tmp_path
    if content is not None:
        out = tmp_path / "mine.yaml"
        out.write_text(content, "utf-8")
    result = calibrate("--cascade", "--out", out)
    assert result.exit_code == 2
    assert str(out) in result.stderr


def test_stages_are_named_for_a_cascade_only(runs: Path, tmp_path: Path) -> None:
    result = calibrate(runs, "--voice", "joe", "--out", tmp_path / "p.yaml")
    assert result.exit_code == 2
    assert "--voice is for measuring a cascade; add --cascade" in result.stderr


@pytest.mark.parametrize("of", ["--cascade", "no-such-run"])
def test_its_folder_must_be_there(of: str, tmp_path: Path) -> None:
    result = calibrate(of, "--out", tmp_path / "none" / "p.yaml")
    assert result.exit_code == 2
    assert f"{tmp_path / 'none'}: there is no such folder; make it" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_too_few_responses_leave_no_file(tmp_path: Path) -> None:
    trace = make_run().save(tmp_path)
    result = calibrate(trace, "--out", tmp_path / "p.yaml")
    assert result.exit_code == 2
    assert "2 of 2 responses in 1 recorded run were audible" in result.stderr
    assert not (tmp_path / "p.yaml").exists()


def test_a_trace_that_is_no_run(tmp_path: Path) -> None:
    result = calibrate(tmp_path, "--out", tmp_path / "p.yaml")
    assert result.exit_code == 2
    assert "manifest.json is missing" in result.stderr


def test_run_folders(runs: Path, tmp_path: Path) -> None:
    both = sorted(runs.iterdir())
    assert run_folders(runs) == both
    assert run_folders(both[0]) == [run_folder(both[0])] == [both[0]]
    assert run_folders(tmp_path) == [tmp_path]
    with pytest.raises(RunFormatError, match="holds 2 runs; give the folder of one"):
        run_folder(runs)
