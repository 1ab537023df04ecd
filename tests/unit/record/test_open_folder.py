from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicelab.audio.wav import write_wav
from voicelab.errors import RunFormatError
from voicelab.record.open_folder import map_audio, read_manifest

MANIFEST: dict[str, Any] = {"schema_version": 1, "run_id": "abc"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "abc"
    made.mkdir()
    (made / "manifest.json").write_text(json.dumps(MANIFEST))
    (made / "events.jsonl").write_bytes(b"")
    (made / "audio.wav").write_bytes(b"")
    return made


def test_a_whole_folder_gives_its_manifest(folder: Path) -> None:
    assert read_manifest(folder) == MANIFEST


@pytest.mark.parametrize("name", ["manifest.json", "events.jsonl", "audio.wav"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(RunFormatError, match=f"{name} is missing"):
        read_manifest(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError, match="nowhere: there is no such folder"):
        read_manifest(tmp_path / "nowhere")


def test_a_file_is_not_a_folder(folder: Path) -> None:
    with pytest.raises(RunFormatError, match="is not a folder"):
        read_manifest(folder / "manifest.json")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not a manifest"),
        ("[]", "is not a manifest"),
        ('{"run_id": "abc"}', "schema version None"),
        ('{"schema_version": 99, "run_id": "abc"}', "schema version 99"),
        ('{"schema_version": 1}', "the run has no id"),
    ],
)
def test_a_wrong_manifest_is_refused(folder: Path, text: str, problem: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(RunFormatError, match=problem) as caught:
        read_manifest(folder)
    assert caught.value.fix


@pytest.mark.parametrize("samples", [0, 1, 5000])
def test_audio_comes_as_it_was_written(tmp_path: Path, samples: int) -> None:
    stereo = np.arange(2 * samples, dtype=np.int16).reshape(-1, 2)
    write_wav(tmp_path / "a.wav", [stereo], 24_000, channels=2)
    mapped = map_audio(tmp_path / "a.wav", 24_000)
    assert mapped.shape == (samples, 2)
    assert (mapped == stereo).all()


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def mono(file: Path) -> None:
    write_wav(file, [np.zeros(400, np.int16)], 24_000, channels=1)


def slow(file: Path) -> None:
    write_wav(file, [np.zeros((400, 2), np.int16)], 16_000, channels=2)


def text(file: Path) -> None:
    file.write_text("not a sound")


@pytest.mark.parametrize("damage", [truncated, mono, slow, text])
def test_damaged_audio_is_refused(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    file = tmp_path / "a.wav"
    write_wav(file, [np.zeros((400, 2), np.int16)], 24_000, channels=2)
    damage(file)
    with pytest.raises(RunFormatError, match=r"a\.wav"):
        map_audio(file, 24_000)


def test_a_recording_that_ends_in_its_header_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    write_wav(file, [np.zeros((400, 2), np.int16)], 24_000, channels=2)
    file.write_bytes(file.read_bytes()[:30])
    with pytest.raises(RunFormatError, match=r"of a run \(it is cut short\)"):
        map_audio(file, 24_000)
