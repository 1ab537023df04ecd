"""A file appears whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.record.whole_file import write_whole


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
