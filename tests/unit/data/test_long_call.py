"""Long conversations are the bundled ones, one after the other."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from voicelab.scenario.labels import load_labels

DATA = Path(__file__).parents[3] / "data"


def _long_call() -> ModuleType:
    """Import the script by its path, as benchmarks do."""
    path = DATA / "build" / "long_call.py"
    spec = importlib.util.spec_from_file_location("long_call", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def long_call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = _long_call().build_long(
        10.0, tmp_path_factory.mktemp("long") / "sub" / "long.wav"
    )
    return out


def test_it_is_as_long_as_asked(long_call: Path) -> None:
    info = soundfile.info(long_call)
    assert (info.samplerate, info.channels, info.subtype) == (16_000, 2, "PCM_16")
    assert 600 <= info.duration < 720


def test_its_labels_are_valid(long_call: Path) -> None:
    duration_ms = soundfile.info(long_call).duration * 1000
    labels = load_labels(long_call.with_suffix(".json"), duration_ms=duration_ms)
    assert len(labels.turns) > 120


def test_its_parts_are_the_bundled_conversations(long_call: Path) -> None:
    audio, _ = soundfile.read(long_call, dtype="int16")
    document = json.loads(long_call.with_suffix(".json").read_text("utf-8"))
    names = sorted(
        file.stem
        for file in (DATA / "conversations").glob("*.json")
        if ".reply-" not in file.name
    )
    position = seen = 0
    for name in (*names, names[0]):
        folder = DATA / "conversations"
        part, _ = soundfile.read(folder / f"{name}.wav", dtype="int16")
        turns = json.loads((folder / f"{name}.json").read_text("utf-8"))["turns"]
        assert np.array_equal(audio[position : position + len(part)], part)
        for turn, moved in zip(turns, document["turns"][seen:], strict=False):
            assert moved["text"] == turn["text"]
            assert moved["start_ms"] == turn["start_ms"] + position / 16
            assert moved["words"][-1]["end_ms"] == turn["words"][-1]["end_ms"] + (
                position / 16
            )
        position += len(part)
        seen += len(turns)


def test_the_same_length_gives_the_same_bytes(long_call: Path, tmp_path: Path) -> None:
    again: Path = _long_call().build_long(10.0, tmp_path / "long.wav")
    assert again.read_bytes() == long_call.read_bytes()


@pytest.mark.parametrize("minutes", [0.0, -1.0])
def test_no_length_is_refused(minutes: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be built"):
        _long_call().build_long(minutes, tmp_path / "long.wav")
    assert not (tmp_path / "long.wav").exists()
