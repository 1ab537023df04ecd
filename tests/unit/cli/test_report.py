from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.results import make_run
from voicelab.cli import app


def report(*arguments: Path | str) -> Result:
    words = ["report", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_a_page_of_a_folder(tmp_path: Path) -> None:
    make_run().save(tmp_path / "runs")
    page = tmp_path / "page.html"
    result = report(tmp_path / "runs", "--out", page, "--sound", "none")
    assert result.exit_code == 0
    assert result.stderr == ""
    path, size, unit = result.stdout.split()
    assert Path(path) == page
    assert abs(float(size) - page.stat().st_size / 1e6) < 0.1
    assert unit == "MB"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--sound", "ogg"], "sound is kept as mp3, flac, none, not as 'ogg'"),
        (["--out", "."], "this is a folder"),
        (["--out", "none/x.html"], "none: there is no such folder"),
        (["lost"], "lost"),
    ],
)
def test_wrong_input_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make_run().save(tmp_path / "runs")
    result = report("runs", *more)
    assert result.exit_code == 2
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("Error: ")
    assert says in sentence
    assert [each.name for each in tmp_path.iterdir()] == ["runs"]
