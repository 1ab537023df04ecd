"""The cache saves time and does nothing else, whatever happens to it."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path

import numpy as np
import pytest

from tests.support.recordings import speech_like_frames
from voicelab.speech import (
    ArrayCache,
    EnergyScorer,
    Frames,
    Scores,
    cache_folder,
    cached_score_file,
)
from voicelab.speech.cache import AnyArray, cache_key

ARRAYS: list[AnyArray] = [np.arange(5, dtype=np.float32), np.eye(3, dtype=np.uint8)]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class CountingScorer(EnergyScorer):
    """Counts how often it has to score a file."""

    files = 0

    def score_file(self, frames: Frames) -> Scores:
        self.files += 1
        return super().score_file(frames)


def test_the_folder_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("VOICELAB_CACHE", "")
    assert cache_folder() is None


@pytest.mark.parametrize(
    ("platform", "variable", "rest"),
    [
        ("linux", "XDG_CACHE_HOME", "home/.cache/voicelab"),
        ("darwin", "UNUSED", "home/Library/Caches/voicelab"),
        ("win32", "LOCALAPPDATA", "home/AppData/Local/voicelab"),
    ],
)
def test_the_folder_is_the_platform_s(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    platform: str,
    variable: str,
    rest: str,
) -> None:
    monkeypatch.delenv("VOICELAB_CACHE", raising=False)
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert cache_folder() == tmp_path / rest
    if variable != "UNUSED":
        monkeypatch.setenv(variable, str(tmp_path / "named"))
        assert cache_folder() == tmp_path / "named/voicelab"


def test_without_a_home_there_is_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("VOICELAB_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None


def test_arrays_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    cache = ArrayCache(folder)
    assert cache.load("k") is None
    assert not folder.exists()
    cache.store("k", *ARRAYS)
    loaded = ArrayCache(folder).load("k")
    assert loaded is not None
    for array, original in zip(loaded, ARRAYS, strict=True):
        assert array.dtype == original.dtype
        np.testing.assert_array_equal(array, original)
    assert len(files(folder)) == 1


def test_a_later_entry_replaces_an_earlier_one(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path)
    cache.store("k", ARRAYS[0])
    cache.store("k", ARRAYS[1])
    loaded = cache.load("k")
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0], ARRAYS[1])


@pytest.mark.parametrize("keep", [0, 1, 15, 16, 17, 200])
def test_a_cut_entry_is_not_found(tmp_path: Path, keep: int) -> None:
    cache = ArrayCache(tmp_path)
    cache.store("k", *ARRAYS)
    [file] = files(tmp_path)
    file.write_bytes(file.read_bytes()[:keep])
    assert cache.load("k") is None


def test_an_entry_with_any_changed_byte_is_not_found(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path)
    cache.store("k", *ARRAYS)
    [file] = files(tmp_path)
    whole = file.read_bytes()
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 0x10
        file.write_bytes(changed)
        assert cache.load("k") is None
    file.write_bytes(whole)
    assert cache.load("k") is not None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("in the way")
    for folder in (occupied, occupied / "below", None):
        cache = ArrayCache(folder)
        cache.store("k", *ARRAYS)
        assert cache.load("k") is None
    assert files(tmp_path) == [occupied]


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    ArrayCache(tmp_path).store("k", *ARRAYS)
    assert files(tmp_path) == []


def store_and_load(folder: Path, value: int) -> bool:
    cache = ArrayCache(folder)
    for _ in range(30):
        cache.store("k", np.full(5_000, value, np.float32))
        loaded = cache.load("k")
        if loaded is None or len(set(loaded[0].tolist())) != 1:
            return False
    return True


def test_processes_that_write_the_same_entry_always_find_a_whole_one(
    tmp_path: Path,
) -> None:
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert all(pool.map(store_and_load, [tmp_path] * 4, range(4)))
    assert len(files(tmp_path)) == 1


def test_keys_tell_parts_apart() -> None:
    texts = [("a", "b"), ("ab",), ("ab", ""), ("a", "b", ""), ("b", "a")]
    assert len({cache_key(*parts) for parts in texts}) == len(texts)
    samples = np.arange(4, dtype=np.int16)
    assert cache_key(samples.data) == cache_key(samples.copy().data)
    assert cache_key(samples.data) != cache_key(samples[:3].data)


def test_a_file_is_scored_once(tmp_path: Path) -> None:
    frames, cache, scorer = speech_like_frames(), ArrayCache(tmp_path), CountingScorer()
    cold = cached_score_file(scorer, frames, cache)
    warm = cached_score_file(scorer, frames.copy(), cache)
    assert scorer.files == 1
    assert cold.tobytes() == warm.tobytes() == scorer.score_file(frames).tobytes()


def test_other_audio_and_other_settings_are_scored_anew(tmp_path: Path) -> None:
    frames, cache = speech_like_frames(), ArrayCache(tmp_path)
    cached_score_file(EnergyScorer(), frames, cache)
    changed = frames.copy()
    changed[100, 100] ^= 1
    other, settings = CountingScorer(), CountingScorer(margin_db=3.0)
    cached_score_file(other, changed, cache)
    cached_score_file(settings, frames, cache)
    assert (other.files, settings.files) == (1, 1)


def test_an_entry_of_another_kind_is_scored_anew(tmp_path: Path) -> None:
    frames, cache, scorer = speech_like_frames(), ArrayCache(tmp_path), CountingScorer()
    key = cache_key("file", scorer.identity, frames.data)
    cache.store(key, np.zeros(3, np.float32))
    scores = cached_score_file(scorer, frames, cache)
    assert len(scores) == len(frames)
    assert scorer.files == 1


def test_by_default_the_environment_s_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    cached_score_file(EnergyScorer(), speech_like_frames())
    assert len(files(tmp_path)) == 1
