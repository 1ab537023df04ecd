"""A file appears whole, or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from voicelab.errors import InputError
from voicelab.record.whole_file import check_target, write_output, write_whole

unix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of Unix")


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    target = tmp_path / "told.csv"
    target.write_text("before")
    write_whole(target, lambda file: file.write_text("now"))
    assert target.read_text() == "now"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "told.csv"
    target.write_text("before")

    def broken(file: Path) -> None:
        assert file.name == "told.csv"  # writers that go by the suffix still can
        file.write_text("ha")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(target, broken)
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


@unix
def test_a_link_stays_one(tmp_path: Path) -> None:
    link, target = tmp_path / "latest.csv", tmp_path / "told.csv"
    link.symlink_to(target.name)
    write_whole(link, lambda file: file.write_text("now"))
    assert link.is_symlink()
    assert target.read_text() == "now"


@unix
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)  # opened so, it waits for nobody
    try:
        write_whole(pipe, lambda file: file.write_text("now"))
        assert os.read(reader, 10) == b"now"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_file_that_cannot_be_written_is_told_of_before(tmp_path: Path) -> None:
    check_target(tmp_path / "told.csv")
    with pytest.raises(InputError, match="this is a folder; name a file in it"):
        check_target(tmp_path)
    with pytest.raises(InputError, match="there is no such folder; make it"):
        check_target(tmp_path / "none" / "told.csv")


def test_a_text_is_written_whole_or_the_error_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "told.csv"
    write_output(target, ["a,b\n", "1,2\n"], what="table")
    assert target.read_bytes() == b"a,b\n1,2\n"
    with pytest.raises(InputError) as caught:
        write_output(tmp_path / "none" / "x.csv", [""], what="table")
    assert str(caught.value).startswith(f"{tmp_path / 'none' / 'x.csv'}: the table")
