"""The journal: whole lines, whatever happens; one sweep in one folder at a time."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.sweeping import done, failed
from voicelab.errors import SweepError
from voicelab.sweeps.cell import Outcome
from voicelab.sweeps.journal import (
    JOURNAL,
    Header,
    Journal,
    read_header,
    read_outcomes,
)
from voicelab.sweeps.lock import LOCK
from voicelab.sweeps.plan import Origin, Plan

PLAN = Plan(origins=(Origin(name="a", scenario={"seed": 1}, base="/"),), repeats=9)
HEADER = Header(version="1", digest="d", plan=PLAN)


def write(folder: Path, *outcomes: Outcome, resumes: bool = False) -> None:
    with Journal(folder, HEADER, resumes=resumes) as journal:
        for outcome in outcomes:
            journal.add(outcome)


def refused(folder: Path, header: Header = HEADER, *, resumes: bool = True) -> str:
    before = (folder / JOURNAL).read_bytes()
    with pytest.raises(SweepError) as error:
        Journal(folder, header, resumes=resumes)
    assert (folder / JOURNAL).read_bytes() == before
    return str(error.value)


def test_what_is_added_is_read_back_in_its_order(tmp_path: Path) -> None:
    outcomes = [done(3, turns=4, overlap_ms=1.25), failed(0), done(1)]
    write(tmp_path / "new" / "sweep", *outcomes)
    assert read_header(tmp_path / "new" / "sweep") == HEADER
    assert list(read_outcomes(tmp_path / "new" / "sweep")) == outcomes


def test_it_is_on_the_disk_before_the_next(tmp_path: Path) -> None:
    with Journal(tmp_path, HEADER, resumes=False) as journal:
        for index in range(3):
            journal.add(done(index))
            assert len((tmp_path / JOURNAL).read_bytes().splitlines()) == index + 2


def test_resuming_knows_what_is_done_and_what_failed(tmp_path: Path) -> None:
    write(tmp_path, done(3), failed(0), failed(1))
    write(tmp_path, done(1), resumes=True)
    with Journal(tmp_path, HEADER, resumes=True) as journal:
        assert (journal.done, journal.failed) == ({1, 3}, {0})


@pytest.mark.parametrize("cut", [1, 2, 60])
def test_a_torn_last_line_is_dropped(tmp_path: Path, cut: int) -> None:
    write(tmp_path, done(0), done(1))
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole[:-cut])
    assert [each.index for each in read_outcomes(tmp_path)] == [0]
    with Journal(tmp_path, HEADER, resumes=True) as journal:
        assert journal.done == {0}
        journal.add(done(1))
    assert (tmp_path / JOURNAL).read_bytes() == whole


def test_a_sweep_that_was_killed_before_its_first_outcome_begins_anew(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    whole = (tmp_path / JOURNAL).read_bytes()
    for left in (whole, whole[:40], b""):
        (tmp_path / JOURNAL).write_bytes(left)
        write(tmp_path, done(2))
        assert [each.index for each in read_outcomes(tmp_path)] == [2]
        (tmp_path / JOURNAL).unlink()


def test_a_folder_with_a_sweep_is_not_written_over(tmp_path: Path) -> None:
    write(tmp_path, done(0), failed(1))
    assert refused(tmp_path, resumes=False) == (
        f"{tmp_path}: this folder holds a sweep already (1 of 9 cells done); go on "
        "with it by --resume, or give another folder (--out)"
    )


def test_the_journal_of_another_sweep_is_refused(tmp_path: Path) -> None:
    write(tmp_path, done(0))
    other = Header(version="1", digest="e", plan=PLAN)
    assert "holds another sweep" in refused(tmp_path, other)
    newer = Header(version="2", digest="d", plan=PLAN)
    assert "begun with voicelab 1, and this is 2" in refused(tmp_path, newer)


@pytest.mark.parametrize("text", [b"name,age\n", b'{"voicelab_sweep": 2}\n', b"{}\n"])
def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path, text: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(text)
    assert f"{JOURNAL}:1: this is no journal of a sweep" in refused(tmp_path)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    write(tmp_path, done(0), done(1))
    lines = (tmp_path / JOURNAL).read_bytes().splitlines(keepends=True)
    (tmp_path / JOURNAL).write_bytes(lines[0] + b"{broken}\n" + lines[2])
    sentence = refused(tmp_path)
    assert f"{JOURNAL}:2: this line is no outcome of a cell" in sentence
    assert sentence.endswith("delete the line: its cell is run again with --resume")


def test_a_folder_without_a_sweep_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SweepError, match="there is no sweep in this folder"):
        read_header(file)
    with pytest.raises(SweepError, match="there is no sweep in this folder"):
        read_header(tmp_path)


def test_a_folder_in_use_is_refused_and_free_afterwards(tmp_path: Path) -> None:
    with Journal(tmp_path, HEADER, resumes=False) as journal:
        journal.add(done(0))
        with pytest.raises(SweepError, match="another process runs a sweep in this"):
            Journal(tmp_path, HEADER, resumes=True)
        journal.add(done(1))
    write(tmp_path, done(2), resumes=True)
    assert len(list(read_outcomes(tmp_path))) == 3


def test_a_folder_that_was_refused_is_free_again(tmp_path: Path) -> None:
    write(tmp_path, done(0))
    refused(tmp_path, resumes=False)
    write(tmp_path, done(1), resumes=True)


@pytest.mark.parametrize("taken", [JOURNAL, LOCK])
def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).mkdir()
    with pytest.raises(SweepError, match=r"cannot be kept here \(Is a directory\)"):
        Journal(tmp_path, HEADER, resumes=False)


def test_a_full_disk_leaves_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is out, and half of it on the disk, when the system finds it full."""

    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Journal(tmp_path, HEADER, resumes=False) as journal:
        journal.add(done(0))
        whole = (tmp_path / JOURNAL).read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(SweepError) as error:
                journal.add(done(1))
        assert str(error.value) == (
            f"{tmp_path}: the sweep cannot be kept here (No space left on device); "
            "make room, then go on with --resume"
        )
        assert (tmp_path / JOURNAL).read_bytes() == whole
        assert journal.done == {0}
        journal.add(done(1))
    assert [each.index for each in read_outcomes(tmp_path)] == [0, 1]
