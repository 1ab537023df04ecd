"""Answers are kept by what was heard, in memory and on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VadFrontEnd
from voicelab.speech.cache import ArrayCache
from voicelab.speech.end_of_turn import CachedEndOfTurn, TurnAudio, cached, smart_turn
from voicelab.speech.end_of_turn.cached import probability_of


class Counting:
    """A model that tells the mean level, and how often it was asked."""

    name = "counting"

    def __init__(self, identity: str = "counting/1") -> None:
        self.identity = identity
        self.asked = 0

    def probability(self, samples: Samples) -> float:
        self.asked += 1
        return (
            float(np.abs(samples.astype(np.float64)).sum())
            / 32768
            / max(len(samples), 1)
        )


def audio_of(level: int, rate_hz: int = 24_000, frames: int = 3) -> TurnAudio:
    front_end = VadFrontEnd(rate_hz)
    samples = np.full(frames * front_end.frame_in_samples, level, np.int16)
    return TurnAudio(tuple(front_end.windows(samples)), rate_hz)


def test_the_same_audio_is_judged_once(tmp_path: Path) -> None:
    model = Counting()
    kept = CachedEndOfTurn(model, ArrayCache(tmp_path))
    answers = [kept.probability(np.full(100, 8192, np.int16)) for _ in range(3)]
    assert (answers, model.asked) == ([0.25] * 3, 1)
    kept.probability(np.full(101, 8192, np.int16))
    assert model.asked == 2


def test_another_process_finds_the_answers_on_disk(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    audio = audio_of(1000)
    before = CachedEndOfTurn(first, ArrayCache(tmp_path)).probability_of(audio)
    after = CachedEndOfTurn(second, ArrayCache(tmp_path)).probability_of(audio)
    assert before == after
    assert (first.asked, second.asked) == (1, 0)


def test_warming_up_asks_the_model_whatever_is_known(tmp_path: Path) -> None:
    model = Counting()
    kept = CachedEndOfTurn(model, ArrayCache(tmp_path))
    kept.warm_up()
    kept.warm_up()
    assert model.asked == 2


def test_another_model_has_answers_of_its_own(tmp_path: Path) -> None:
    other = Counting("counting/2")
    for model in (Counting(), other):
        CachedEndOfTurn(model, ArrayCache(tmp_path)).probability_of(audio_of(1000))
    assert other.asked == 1


def test_without_a_folder_answers_are_kept_in_memory() -> None:
    model = Counting()
    kept = CachedEndOfTurn(model, ArrayCache(None))
    assert kept.probability_of(audio_of(500)) == kept.probability_of(audio_of(500))
    assert model.asked == 1


def test_a_damaged_entry_is_judged_again(tmp_path: Path) -> None:
    CachedEndOfTurn(Counting(), ArrayCache(tmp_path)).probability_of(audio_of(1000))
    for file in tmp_path.rglob("*.npy"):
        file.write_bytes(file.read_bytes()[:-1])
    model = Counting()
    CachedEndOfTurn(model, ArrayCache(tmp_path)).probability_of(audio_of(1000))
    assert model.asked == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "KEPT_ANSWERS", 2)
    model = Counting()
    kept = CachedEndOfTurn(model, ArrayCache(None))
    for level in (1, 2, 3):
        kept.probability(np.full(9, level, np.int16))
    kept.probability(np.full(9, 3, np.int16))
    assert model.asked == 3
    kept.probability(np.full(9, 1, np.int16))
    assert model.asked == 4


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000])
def test_wire_audio_is_what_the_detector_s_frames_hold(rate_hz: int) -> None:
    rng = np.random.default_rng(rate_hz)
    front_end = VadFrontEnd(rate_hz)
    wire = rng.integers(-9000, 9000, 5 * front_end.frame_in_samples, dtype=np.int16)
    windows = front_end.windows(wire)
    frames = np.concatenate(VadFrontEnd(rate_hz).push(wire))
    audio = TurnAudio(tuple(windows), rate_hz)
    assert (audio.samples() == frames).all()
    assert probability_of(Counting(), audio) == Counting().probability(frames)


def test_digests_tell_audio_rate_and_length_apart() -> None:
    audios = [audio_of(1), audio_of(2), audio_of(1, frames=4), audio_of(1, 8_000)]
    audios.append(TurnAudio((), 24_000))
    assert len({audio.digest() for audio in audios}) == len(audios)
    assert audio_of(1).digest() == audio_of(1).digest()


def test_no_audio_is_an_empty_recording() -> None:
    assert TurnAudio((), 24_000).samples().shape == (0,)


def test_the_bundled_model_is_shared() -> None:
    assert smart_turn() is smart_turn()
    assert smart_turn().name == "smart-turn"
