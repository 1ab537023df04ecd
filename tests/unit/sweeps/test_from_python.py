"""`vl.sweep`: a file, or the same in Python; a folder, or none."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

import voicelab as vl
from tests.support.sweeping import FAULTS, tiny, write_spec
from voicelab.errors import InputError
from voicelab.sweeps.table import CSV


def test_a_file_and_python_say_the_same(tmp_path: Path) -> None:
    grid = {"client.player": ["browser", "ideal"]}
    file = write_spec(tmp_path, grid=grid, repeats=2, measures=["turns", "cut_ins"])
    read = vl.sweep(file, executor="serial", out=tmp_path / "read")
    said = vl.sweep(
        scenarios=tiny(tmp_path),
        grid=grid,
        repeats=2,
        measures=("turns", "cut_ins"),
        executor="serial",
        out=str(tmp_path / "said"),
    )
    assert repr(read) == repr(said) == "<Sweep cells=4 done=4>"
    csv = [(tmp_path / name / CSV).read_bytes() for name in ("read", "said")]
    assert csv[0] == csv[1]
    assert list(said.table)[-2:] == ["turns", "cut_ins"]
    again = vl.load_sweep(tmp_path / "read")
    assert again.table.equals(read.table)


def test_without_a_folder_it_lasts_as_long_as_the_object(tmp_path: Path) -> None:
    swept = vl.sweep(scenarios=tiny(tmp_path), executor="serial")
    folder = swept.folder
    assert len(swept.table) == 1
    assert folder.is_dir()
    del swept
    gc.collect()
    assert not folder.exists()


def test_a_failed_cell_raises_nothing(tmp_path: Path) -> None:
    swept = vl.sweep(
        scenarios=tiny(tmp_path), list=[{"faults": FAULTS[1]}], executor="serial"
    )
    assert len(swept.failed) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "there is nothing to sweep; give a sweep file, or scenarios"),
        ({"spec": "s.yaml", "repeats": 2}, "and so does repeats; give one or the"),
        ({"spec": "s.yaml", "scenarios": "dentist"}, "and so does scenarios"),
        ({"scenarios": "dentist", "resume": True}, "out: without a folder nothing"),
        ({"scenarios": "dentist", "keep_runs": True}, "out: without a folder nothing"),
        ({"scenarios": "dentits"}, r"did you mean dentist\?"),
        ({"scenarios": []}, "scenarios: "),
        ({"scenarios": "dentist", "repeats": "2"}, "repeats: '2' is text"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        vl.sweep(**arguments)
