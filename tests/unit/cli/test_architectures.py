"""`voicelab demo --compare`: what is printed and left of two architectures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicelab.cli import app
from voicelab.errors import EXIT_BAD_INPUT

SHORT = ("pizza-order", "hotel-cafe")
TWO = ("--profile", "measured-median", "--profile", "cascade-typical")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # all of them are run for the document that shows the table
    monkeypatch.setattr("voicelab.comparing.CONVERSATIONS", SHORT)


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["demo", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["demo", *arguments], catch_exceptions=False)
    assert result.exit_code == EXIT_BAD_INPUT
    assert result.stdout == ""
    return result.stderr


def cells(text: str, name: str) -> list[list[str]]:
    """Return the cells of the lines that begin with a name, table by table."""
    lines = [line.split() for line in text.splitlines()]
    return [line[1:] for line in lines if line[:1] == [name] and "(" not in line[1]]


def test_it_prints_both_tables_and_leaves_one_figure() -> None:
    text = call("--compare", *TWO)
    wait, rest = cells(text, "measured-median")
    staged, _ = cells(text, "cascade-typical")
    assert wait[8:11] == ["-", "-", "-"]  # stt, chat, tts
    assert staged[7] == "0"  # what is in no stage
    for row in (wait, staged):
        parts = [int(cell) for cell in row[5:] if cell != "-"]
        assert sum(parts) == pytest.approx(int(row[4]), abs=len(parts))
    assert rest[0] == "yes"  # modelled
    assert "measured-median (speech to speech, modelled): Median from" in text
    assert "cascade-typical (cascade, modelled): HZRelay" in text
    left = [path.as_posix() for path in Path().rglob("*") if path.is_file()]
    assert left == ["runs/architectures.png"]
    assert "Each wait by stage: runs/architectures.png" in text


def test_json_has_the_rows_and_the_seed_is_that_of_every_run() -> None:
    one = json.loads(call(*TWO[:2], "--json", "--seed", "3", "--out", "there"))
    (row,) = one["rows"]
    assert one["figure"] == "there/architectures.png"
    assert row["architecture"] == "measured-median"
    assert row["conversations"] == len(SHORT)
    (other,) = json.loads(call(*TWO[:2], "--json", "--seed", "4"))["rows"]
    assert row["response_latency_mean_ms"] != other["response_latency_mean_ms"]


def test_a_profile_that_is_not_there_ends_in_one_sentence() -> None:
    said = refused("--compare", "--profile", "cascade-typicl")
    assert "no architecture named 'cascade-typicl'" in said
    assert "cascade-typical" in said
    assert said.count("\n") == 1


def test_more_than_fit_into_the_figure_are_refused_before_anything_runs() -> None:
    said = refused("--compare", *TWO[:2] * 9)
    assert "9 architectures do not fit into one figure" in said
    assert "at most 8" in said


def test_a_folder_that_cannot_be_made_ends_in_one_sentence() -> None:
    Path("file").write_text("")
    said = refused("--compare", *TWO[:2], "--out", "file/inside")
    assert "the folder cannot be made" in said
    assert "--out" in said
