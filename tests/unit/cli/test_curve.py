"""`voicelab curve`: what is printed, written and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import voicelab as vl
from voicelab.cli import app


def curve(*arguments: Path | str) -> Result:
    words = ["curve", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


FEW = ("--threshold", "0.5", "--silence", "200", "--silence", "500")


def test_the_front_and_the_best_are_printed() -> None:
    result = curve("bank-card", "directions", *FEW, "--max-cut-in-rate", "1")
    assert result.exit_code == 0
    assert "2 settings, 2 conversations with 9 turns, 1 condition" in result.stdout
    assert "default" in result.stdout
    assert "Fastest with at most 100.0% cut-ins: silero, threshold 0.5" in result.stdout
    assert "200 ms of silence" in result.stdout
    assert "SNR" not in result.stdout  # no noise: no column for it


def test_semantic_vad_is_shown_by_its_eagerness() -> None:
    eager = ("--detector", "semantic_vad", "--eagerness", "high", "--transcribed")
    result = curve("dentist", *eager, "--max-cut-in-rate", "1")
    assert result.exit_code == 0
    best = "Fastest with at most 100.0% cut-ins: semantic_vad, eagerness high.\n"
    assert best in result.stdout
    both = curve("dentist", *FEW, *eager, "--detector", "silero")
    assert "eager-" in both.stdout
    assert "high" in both.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--eagerness", "high"), "--eagerness: none of the detectors goes by it; add"),
        (("--detector", "silero", "--transcribed"), "--transcribed: none of the"),
        (("--detector", "semantic_vad", "--silence", "300"), "--silence: none of the"),
    ],
)
def test_what_no_detector_goes_by_is_refused(
    arguments: tuple[str, ...], says: str
) -> None:
    result = curve("dentist", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_the_whole_table_is_written(tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    result = curve(
        "directions", *FEW, "--padding", "0", "--padding", "300", "--out", file
    )
    assert result.stdout.splitlines()[-1] == str(file)
    written = pd.read_csv(file)
    table = vl.operating_curve(
        "directions", thresholds=[0.5], silences_ms=[200, 500], paddings_ms=[0, 300]
    ).table
    assert list(written.columns) == list(table.columns)
    assert written["cut_ins"].tolist() == table["cut_ins"].tolist()


def test_json_holds_rows_and_the_best() -> None:
    result = curve("directions", *FEW, "--json")
    told = json.loads(result.stdout)
    assert len(told["rows"]) == 2
    assert told["best"]["threshold"] == 0.5
    assert told["why_no_best"] is None


def test_conditions_and_parts_have_columns() -> None:
    noisy = ("--noise", "cafe", "--snr", "none", "--snr", "5", "--codec", "pcmu")
    result = curve("bank-card", "directions", *FEW, *noisy, "--by", "speaker")
    assert result.exit_code == 0
    for told in ("speaker", "am_fenrir", "cafe", "SNR", "2 conditions"):
        assert told in result.stdout
    assert (
        "in the slowest of 2 conditions" in result.stdout or "No best" in result.stdout
    )


def test_a_budget_that_is_asked_for_and_not_kept_fails() -> None:
    result = curve("bank-card", *FEW, "--max-cut-in-rate", "0")
    assert result.exit_code == 1
    assert "No best: none of 2 settings keeps cut-ins at 0.0% or below" in result.stdout
    assert curve("bank-card", *FEW).exit_code == 0  # nobody asked


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["dentits"], "did you mean dentist"),
        (["dentist", "--threshold", "7"], "thresholds: 7.0 is out of range; give 0"),
        (["dentist", "--silence", "-5"], "silences_ms: -5 is out of range"),
        (["dentist", "--detector", "x"], "there is no detector 'x'; choose of silero"),
        (["dentist", "--noise", "cafe"], "a noise has a level"),
        (["dentist", "--noise", "cafe", "--snr", "x"], "--snr: 'x' is no level"),
        (["dentist", "--noise", "cfe", "--snr", "5"], "cfe"),
        (["dentist", "--max-cut-in-rate", "2"], "2.0 is no rate; give 0 to 1"),
        (["dentist-echo"], "channel.echo: what the caller's microphone picks up"),
        (["dentist", *FEW, "--by", "sex"], "no parts by 'sex'; choose of speaker"),
        (
            ["dentist", *FEW, "--out", "none/x.csv"],
            "none: there is no such folder; make",
        ),
        (["dentist", *FEW, "--out", "."], "this is a folder; name a file in it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_ends_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = curve(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
