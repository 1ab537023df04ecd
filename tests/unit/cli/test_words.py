"""`voicelab words`: speech against text in a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import voicelab as vl
from voicelab.cli import app
from voicelab.errors import EXIT_BAD_INPUT


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["words", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def test_it_prints_the_same_bytes_twice() -> None:
    assert call() == call()
    assert call() != call("--seed", "1")


def test_a_row_for_each_length() -> None:
    told = call("30", "70")
    assert [line.split()[0] for line in told.splitlines()[3:5]] == ["30", "70"]
    assert "words on, reading is faster" in told
    assert "the middle 90 %" in told


def test_json_holds_the_tables() -> None:
    told: dict[str, Any] = json.loads(call("30", "--json", "--set", "speed=1.25"))
    known = vl.modality.assume(speed=1.25)
    rows = vl.modality.trade_off([30], known).to_dict("records")
    assert told["trade_off"] == rows
    assert told["break_even"] == vl.modality.break_even(known).to_dict("records")
    speed = next(row for row in told["assumptions"] if row["name"] == "speed")
    assert (speed["low"], speed["source"]) == (1.25, "given by the user")


def test_what_is_never_reached_is_said_so() -> None:
    slow = ("--set", "reading_wpm=60")
    assert "Reading is faster at no length.\nFrom " in call(*slow)
    (reading, _) = json.loads(call(*slow, "--json"))["break_even"]
    assert (reading["words_p50"], reading["never_rate"]) == (None, 1)


def test_what_always_holds_is_said_so() -> None:
    silent = ("--voice-input", "none", "--text-input", "none")
    waits = ("--set", "voice_latency_s=5", "--set", "text_latency_s=1")
    assert "Skimming is faster at any length." in call(*silent, *waits)


def test_assumptions_are_listed_with_their_sources() -> None:
    told = call("--assumptions")
    for name in vl.modality.Assumptions().table["name"]:
        assert f"\n{name} " in told
    assert "Brysbaert 2019" in told


def test_what_fast_speech_loses_is_printed_when_asked_for() -> None:
    told = call("--intelligibility")
    assert told.startswith(call())
    added = told.removeprefix(call()).splitlines()
    speeds = [line.split()[0] for line in added if ")  " in line]
    assert speeds == ["0.5", "0.75", "1", "1.25", "1.5", "1.75", "2"]
    assert "stands in for a listener and is none" in " ".join(added)
    assert "524 words a cell, spoken by heart, joe." in " ".join(added)
    assert max(map(len, added)) <= 80


def test_json_holds_every_cell() -> None:
    told = json.loads(call("--intelligibility", "--json"))["intelligibility"]
    cells = vl.modality.intelligibility(vl.modality.bundled_listening())
    assert len(told) == len(cells)
    assert told[0]["word_error_rate"] == cells["word_error_rate"].iloc[0]
    assert {row["snr_db"] for row in told} == {None, 10}
    assert "intelligibility" not in json.loads(call("--json"))


def test_runs_are_measured(tmp_path: Path) -> None:
    run = vl.run("bank-card", out=tmp_path)
    told = json.loads(call("--json", "--runs", str(tmp_path), "--set", "speed=1.5"))
    by_name = {row["name"]: row for row in told["assumptions"]}
    gross = run.speech_rate["wpm_gross"].iloc[1]
    assert by_name["listening_wpm"]["likely"] == pytest.approx(gross)
    assert by_name["speed"]["likely"] == 1.5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["0"], "an answer of 0 words; give 1 to 1000000"),
        ([str(10**26)], "give 1 to 1000000"),
        (["--set", "reading_wpm=nan"], "Error: reading_wpm: nan, nan, nan words/min"),
        (["--set", "reeding_wpm=1"], "did you mean reading_wpm?"),
        (["--set", "reading_wpm"], "'reading_wpm' is not NAME=VALUE"),
        (["--set", "reading_wpm=fast"], "'reading_wpm=fast' is not NAME=VALUE"),
        (["--set", "speed=2"], "not between 0.25 and 1.5"),
        (["--voice-input", "singing"], "no input 'singing'"),
        (["--seed", "-1"], "negative"),
        (["--runs", "none"], "none: there is no such folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_ends_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["words", *arguments], catch_exceptions=False)
    assert result.exit_code == EXIT_BAD_INPUT
    assert result.stdout == ""
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
