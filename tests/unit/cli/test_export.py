"""`voicelab export` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.results import barge_in, make_run
from voicelab.cli import app


def export(*arguments: Path | str) -> Result:
    words = ["export", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(barge_in()).save(tmp_path / "runs")


def test_it_prints_what_it_wrote(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = export(run.parent, "--to", "rttm", "--to", "textgrid", "--out", out)
    assert result.exit_code == 0
    printed = [Path(line) for line in result.stdout.splitlines()]
    assert set(printed) == set(out.iterdir())
    assert [file.suffix for file in printed] == [".rttm", ".rttm", ".TextGrid"]


def test_nothing_is_written_if_one_format_is_wrong(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = export(run, "--to", "rttm", "--to", "praat", "--out", out)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: to: there is no format 'praat'; give ")
    assert not out.exists()


@pytest.mark.parametrize("place", ["none", "runs"])
def test_where_there_is_no_single_run(run: Path, tmp_path: Path, place: str) -> None:
    make_run(barge_in(), run_id="another").save(run.parent)
    result = export(tmp_path / place, "--to", "rttm", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
