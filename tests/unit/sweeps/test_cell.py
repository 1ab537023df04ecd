"""One cell: its summary is that of the run, its failure one sentence."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest

import voicelab as vl
from tests.support.sweeping import FAULTS, tiny
from voicelab.errors import InputError
from voicelab.result import Run, load_run
from voicelab.sweeps import cell as cells
from voicelab.sweeps.cell import Cell, Outcome, run_cell, run_encoded
from voicelab.sweeps.spec import make_plan


def one(
    folder: Path, settings: dict[str, Any] | None = None, keep: Path | None = None
) -> Cell:
    plan = make_plan(tiny(folder), list=[settings or {}])
    return plan.cell(0, sweep="s", keep=None if keep is None else str(keep))


def test_a_cell_is_the_run_of_its_settings(tmp_path: Path) -> None:
    outcome = run_cell(one(tmp_path, {"client.player": "ideal"}))
    other = vl.run(tmp_path / "tiny.yaml")
    assert outcome.summary != other.summary  # the browser's buffer is heard later
    same = vl.run(tmp_path / "tiny.yaml", client={"player": "ideal"}, out=tmp_path)
    assert outcome == Outcome(
        index=0, status="done", run_id=same.run_id, summary=same.summary
    )
    assert outcome.summary is not None
    assert outcome.summary.answered == 3


def test_a_cell_goes_through_json_unchanged(tmp_path: Path) -> None:
    cell = one(tmp_path, {"client.frame_ms": 40})
    answer = run_encoded(msgspec.json.encode(cell))
    assert msgspec.json.decode(answer, type=Outcome) == run_cell(cell)


def test_a_conversation_that_breaks_off_is_a_failed_cell(tmp_path: Path) -> None:
    outcome = run_cell(one(tmp_path, {"faults": FAULTS[1]}))
    assert outcome.status == "failed"
    assert outcome.summary is None
    assert outcome.run_id is not None
    assert "s into the conversation" in (outcome.error or "")


def test_settings_that_make_no_scenario_are_a_failed_cell(tmp_path: Path) -> None:
    cell = one(tmp_path)
    wrong = msgspec.structs.replace(cell, settings={"client.frame_ms": 5})
    outcome = run_cell(wrong)
    assert (outcome.status, outcome.run_id) == ("failed", None)
    assert "client.frame_ms: 5 is out of range" in (outcome.error or "")


def test_a_file_that_has_gone_is_a_failed_cell(tmp_path: Path) -> None:
    cell = one(tmp_path)
    (tmp_path / "call.wav").unlink()
    assert "call.wav does not exist" in (run_cell(cell).error or "")


def test_a_defect_is_a_failed_cell_of_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(cells, "simulate", broken)
    outcome = run_cell(one(tmp_path))
    assert outcome.status == "failed"
    assert outcome.error == "ZeroDivisionError: by zero"


def test_a_run_is_kept_if_it_shall_be(tmp_path: Path) -> None:
    outcome = run_cell(one(tmp_path, keep=tmp_path / "kept"))
    (kept,) = (tmp_path / "kept").iterdir()
    assert kept.name == outcome.run_id
    assert load_run(kept).summary == outcome.summary


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_no_failure_of_the_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(*_: object) -> NoReturn:
        raise InputError("no room", file=tmp_path) from OSError(code, "full")

    monkeypatch.setattr(Run, "save", full)
    outcome = run_cell(one(tmp_path, keep=tmp_path / "kept"))
    assert (outcome.status, outcome.error) == ("stopped", f"{tmp_path}: no room")


def test_what_cells_share_lasts_as_long_as_a_sweep(tmp_path: Path) -> None:
    """A recording that is changed between two sweeps is read again."""
    cell = one(tmp_path)
    before = run_cell(cell)
    (tmp_path / "call.wav").write_bytes((tmp_path / "reply.wav").read_bytes())
    again = run_cell(cell)
    after = run_cell(msgspec.structs.replace(cell, sweep="another"))
    assert again == before
    assert after.run_id != before.run_id
