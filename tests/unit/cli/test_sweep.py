"""`voicelab sweep`: what it prints, how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.sweeping import FAULTS, write_spec
from voicelab.cli import app
from voicelab.errors import EXIT_BAD_INPUT, EXIT_CHECK_FAILED, EXIT_FAR_SIDE
from voicelab.sweeps import cluster
from voicelab.sweeps.journal import JOURNAL
from voicelab.sweeps.table import CSV

GRID = {"client.player": ["browser", "ideal"]}
SERIAL = ("--executor", "serial")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["sweep", *arguments], catch_exceptions=False)


def test_it_writes_a_table_beside_where_it_is_called(tmp_path: Path) -> None:
    result = call(str(write_spec(tmp_path, grid=GRID)), *SERIAL)
    assert result.exit_code == 0
    assert result.stderr == ""  # no bar: nobody watches
    assert result.stdout == (
        f"2 cells: 2 done, 0 failed.\nTable: {Path('sweeps/sweep') / CSV}\n"
    )
    assert len(Path("sweeps/sweep", CSV).read_text("utf-8").splitlines()) == 3


def test_cells_that_fail_are_told_and_end_with_one(tmp_path: Path) -> None:
    spec = str(write_spec(tmp_path, grid={"faults": FAULTS}, repeats=6))
    result = call(spec, *SERIAL, "--out", "out")
    assert result.exit_code == EXIT_CHECK_FAILED
    lines = result.stdout.splitlines()
    assert lines[0] == "12 cells: 6 done, 6 failed."
    assert lines[1].startswith(
        '  scenario=tiny, faults=[{"kind":"expire","after_s":1}], seed=5: '
    )
    assert "s into the conversation" in lines[1]
    assert lines[6:] == ["  and 1 more, in the column error", f"Table: out/{CSV}"]
    again = call(spec, *SERIAL, "--out", "out", "--resume", "--json")
    assert again.exit_code == EXIT_CHECK_FAILED
    told = json.loads(again.stdout)
    assert (told["cells"], told["done"], told["failed"]) == (12, 6, 6)
    assert len(told["errors"]) == 6
    assert len(Path("out", JOURNAL).read_text("utf-8").splitlines()) == 13
    retried = call(spec, *SERIAL, "--out", "out", "--resume", "--retry-failed")
    assert retried.exit_code == EXIT_CHECK_FAILED
    assert len(Path("out", JOURNAL).read_text("utf-8").splitlines()) == 19


def test_a_field_that_a_failed_cell_leaves_alone_is_not_told(tmp_path: Path) -> None:
    entries = [{"faults": FAULTS[1]}, {"channel.uplink.delay_ms": 12.5}]
    result = call(str(write_spec(tmp_path, list=entries)), *SERIAL)
    assert result.stdout.splitlines()[1].startswith(
        '  scenario=tiny, faults=[{"kind":"expire","after_s":1}], seed=5: '
    )


def test_one_cell_is_one_cell(tmp_path: Path) -> None:
    result = call(str(write_spec(tmp_path)), *SERIAL, "--keep-runs")
    assert result.stdout.startswith("1 cell: 1 done, 0 failed.\n")
    assert len(list(Path("sweeps/sweep/runs").iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("none.yaml",), "none.yaml: there is no such file", EXIT_BAD_INPUT),
        (("--executor", "x"), "there is no executor 'x'", EXIT_BAD_INPUT),
        (("--retry-failed",), "give --resume as well", EXIT_BAD_INPUT),
        (("--out", "sweep.yaml"), "cannot be kept here", EXIT_BAD_INPUT),
        (("--executor", "dask=tcp://127.0.0.1:9"), "no Dask sched", EXIT_FAR_SIDE),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    says: str,
    code: int,
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.5)
    spec = str(write_spec(tmp_path))
    before = sorted(tmp_path.iterdir())
    named = arguments[0].endswith(".yaml")
    result = call(*(arguments if named else (spec, *arguments)))
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("Error: ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_second_sweep_in_a_folder_is_refused(tmp_path: Path) -> None:
    spec = str(write_spec(tmp_path))
    assert call(spec, *SERIAL).exit_code == 0
    result = call(spec, *SERIAL)
    assert result.exit_code == EXIT_BAD_INPUT
    assert "go on with it by --resume, or give another folder (--out)" in result.stderr
    other = call(str(write_spec(tmp_path, repeats=2)), *SERIAL, "--resume")
    assert "this folder holds another sweep" in other.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="it sends SIGINT")
def test_an_interrupt_ends_it_with_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, repeats=2000)
    command = [sys.executable, "-m", "voicelab", "sweep", str(spec), "--out", "out"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        journal = Path("out", JOURNAL)
        while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate()
    assert (process.returncode, printed) == (130, "")
    written = journal.read_bytes().count(b"\n") - 1
    assert told in {  # the line being written may be there and not yet counted
        f"Error: interrupted; {done} of 2000 cells are done and kept in out: the same "
        "command with --resume goes on\n"
        for done in (written - 1, written)
    }
