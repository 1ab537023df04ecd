"""Packages that models are read from, and their files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from voicelab.errors import MissingPartError
from voicelab.speech.model_files import Part

PART = Part("the voice ann", ("ann",))
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_folder_of_a_package_is_found_without_importing_it() -> None:
    part = Part("a test", ("voicelab", "no_such_package"), "speech-gpl")
    assert part.folder("voicelab").name == "voicelab"
    with pytest.raises(MissingPartError) as error:
        part.require()
    assert str(error.value) == (
        "a test needs the package no_such_package, which is not installed; "
        "pip install 'voicelab-realtime[speech-gpl]'"
    )
    Part("a test", ("voicelab",)).require()


def test_files_are_read_as_one(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    files[0].write_bytes(b"ab")
    files[1].write_bytes(b"c")
    assert PART.read(files, ABC) == b"abc"


def test_files_are_checked_one_by_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode())
    wanted = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b")}
    PART.check(tmp_path, wanted)
    (tmp_path / "b").write_bytes(b"abc")
    with pytest.raises(MissingPartError, match=f"{tmp_path / 'b'}: is damaged"):
        PART.check(tmp_path, wanted)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"xyz")
    with pytest.raises(MissingPartError) as error:
        PART.read([file], ABC)
    assert str(error.value) == (
        f"{file}: is damaged, or not what the voice ann needs (sha256 "
        "3608bca1e44ea6c4..., wanted ba7816bf8f01cfea...); "
        "pip install --force-reinstall 'voicelab-realtime[speech]'"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError) as error:
        PART.check(tmp_path, {"a": ABC})
    assert str(error.value).startswith(
        f"{tmp_path / 'a'}: a file of the voice ann cannot be read (No such file"
    )
