"""Recognisers by name, and what is said where one is not there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from voicelab.errors import MissingPartError, ScenarioError
from voicelab.speech.stt import RECOGNISER_NAMES, make_recogniser, model_files
from voicelab.speech.stt.model_files import check_files, package_folder

COMMAND = "pip install 'voicelab-realtime[speech]'"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ScenarioError) as caught:
        make_recogniser("whisker")
    assert str(caught.value) == (
        "there is no recogniser named 'whisker'; choose one of moonshine, whisper"
    )
    assert RECOGNISER_NAMES == ("moonshine", "whisper")


@pytest.mark.parametrize(
    ("name", "package"),
    [("moonshine", "moonshine_voice"), ("whisper", "faster_whisper")],
)
def test_a_missing_package_is_one_sentence_with_the_command(
    monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setattr(model_files, "find_spec", lambda _: None)
    with pytest.raises(MissingPartError) as caught:
        make_recogniser(name)
    assert str(caught.value) == (
        f"the recogniser {name} needs the package {package}, which is not installed; "
        f"{COMMAND}"
    )


def test_the_folder_of_a_package_is_found_without_importing_it() -> None:
    assert package_folder("voicelab", "a test").name == "voicelab"
    with pytest.raises(MissingPartError, match="a test needs the package no_such"):
        package_folder("no_such_package", "a test")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"whole")
    wanted = {"model.bin": hashlib.sha256(b"whole").hexdigest()}
    check_files(tmp_path, wanted, "the recogniser x")
    file.write_bytes(b"hole")
    with pytest.raises(MissingPartError) as caught:
        check_files(tmp_path, wanted, "the recogniser x")
    assert str(caught.value).startswith(
        f"{file}: is damaged, or not the model that the recogniser x needs (sha256 "
    )
    assert str(caught.value).endswith(
        "; pip install --force-reinstall 'voicelab-realtime[speech]'"
    )


def test_so_is_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError) as caught:
        check_files(tmp_path, {"model.bin": ""}, "the recogniser x")
    assert "model.bin: a file of the recogniser x cannot be read" in str(caught.value)
