"""Finding noises, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.audio.noises import find_noise, is_noise_path, noise_names
from voicelab.errors import AudioError


def test_the_bundled_noises_are_found_by_name() -> None:
    assert noise_names() == ["cafe", "cough", "keyboard", "street"]
    assert all(find_noise(name).stem == name for name in noise_names())


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AudioError) as caught:
        find_noise("caffe")
    assert "'caffe'" in caught.value.problem
    assert "cafe, cough, keyboard, street" in str(caught.value.fix)


def test_a_path_is_relative_to_its_base(tmp_path: Path) -> None:
    (tmp_path / "rain.wav").touch()
    assert find_noise("rain.wav", base=tmp_path) == tmp_path / "rain.wav"
    with pytest.raises(AudioError, match=r"snow\.wav does not exist"):
        find_noise("snow.wav", base=tmp_path)
    (tmp_path / "sleet.flac").mkdir()
    with pytest.raises(AudioError, match="is a folder"):
        find_noise("./sleet.flac", base=tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cafe", False), ("a/cafe", True), ("cafe.WAV", True), ("x.flac", True)],
)
def test_paths_are_told_from_names(text: str, expected: bool) -> None:
    assert is_noise_path(text) is expected
