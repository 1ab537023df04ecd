"""What every scorer promises, asked of each of them."""

from __future__ import annotations

import numpy as np
import pytest
import webrtcvad

from tests.support.recordings import noise, speech_like, speech_like_frames, tone
from voicelab.errors import InputError, MissingPartError, ScenarioError
from voicelab.speech import (
    SCORER_NAMES,
    EnergyScorer,
    SnapshotScorer,
    VadScorer,
    make_scorer,
)

LOUD, SILENT = tone(300, 16_000), np.zeros(512, np.int16)


@pytest.fixture(params=SCORER_NAMES)
def scorer(request: pytest.FixtureRequest) -> VadScorer:
    return make_scorer(request.param)


def test_frame_by_frame_equals_the_file(scorer: VadScorer) -> None:
    frames = speech_like_frames()
    scores = scorer.score_file(frames)
    assert scores.dtype == np.float32
    assert scores.shape == (len(frames),)
    scorer.reset()
    # Equal as Python numbers: a score has no digits that float32 cannot hold.
    assert [scorer.score(frame) for frame in frames] == scores.tolist()


def test_scores_are_from_0_to_1_and_tell_speech_from_silence(scorer: VadScorer) -> None:
    frames = speech_like_frames()
    scores = scorer.score_file(frames)
    assert scores.min() >= 0
    assert scores.max() <= 1
    talking = np.abs(frames).max(axis=1) > 3_000
    assert scores[talking].mean() > scores[~talking].mean() + 0.3


def test_the_file_leaves_the_scorer_behind_its_last_frame(scorer: VadScorer) -> None:
    frames = speech_like_frames()
    whole = scorer.score_file(frames)
    scorer.score_file(frames[:150])
    assert [scorer.score(frame) for frame in frames[150:160]] == whole[150:160].tolist()


def test_no_frames_have_no_scores(scorer: VadScorer) -> None:
    assert scorer.score_file(np.empty((0, 512), np.int16)).shape == (0,)


@pytest.mark.parametrize("shape", [(511,), (1,), (1, 512), (0,)])
def test_other_shapes_are_refused(scorer: VadScorer, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(512,\)"):
        scorer.score(np.zeros(shape, np.int16))


def test_a_scorer_says_what_it_is(scorer: VadScorer) -> None:
    assert scorer.name in SCORER_NAMES
    assert scorer.frame_samples == 512
    assert scorer.identity == make_scorer(scorer.name).identity
    assert isinstance(scorer, SnapshotScorer) == scorer.name.startswith("silero")


def test_identities_differ_wherever_scores_may() -> None:
    scorers = [make_scorer(name) for name in SCORER_NAMES]
    scorers += [make_scorer("webrtc", mode=3), make_scorer("energy", margin_db=5)]
    assert len({scorer.identity for scorer in scorers}) == len(scorers)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match="silero, silero-onnx, webrtc, energy"):
        make_scorer("silera")


def test_an_unknown_option_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match="'margin'; it has margin_db, softness_db"):
        make_scorer("energy", margin=3)
    with pytest.raises(ScenarioError, match="'mode'; it has none"):
        make_scorer("silero", mode=3)


@pytest.mark.parametrize("mode", [-1, 4, 1.5])
def test_webrtc_has_four_modes(mode: float) -> None:
    with pytest.raises(InputError, match="choose 0 to 3"):
        make_scorer("webrtc", mode=mode)


@pytest.mark.parametrize(
    ("name", "module"), [("webrtc", "webrtcvad"), ("silero-onnx", "onnxruntime")]
)
def test_a_missing_engine_is_named_with_its_package(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(MissingPartError, match=f"{module} is not installed; pip"):
        make_scorer(name)


@pytest.mark.parametrize("mode", range(4))
def test_webrtc_carries_what_is_left_over_to_the_next_frame(mode: int) -> None:
    samples = speech_like()
    detector = webrtcvad.Vad(mode)
    parts = samples[: len(samples) // 2_560 * 2_560].reshape(-1, 160)
    voiced = [detector.is_speech(part.tobytes(), 16_000) for part in parts]
    scores = make_scorer("webrtc", mode=mode).score_file(speech_like_frames())
    # Five frames are sixteen parts: 3, 3, 3, 3 and 4 of them end in each.
    ends = np.arange(len(voiced)) * 160 + 159
    for index in range(len(voiced) * 160 // 512):
        inside = [v for v, end in zip(voiced, ends, strict=True) if end // 512 == index]
        assert scores[index] == np.float32(sum(inside) / len(inside))


def test_energy_is_one_half_at_the_margin() -> None:
    # 100 squared over full scale squared is -50.3 dB; three times that is 9.5 dB more.
    floor, louder = np.full(512, 100, np.int16), np.full(512, 300, np.int16)
    scorer = EnergyScorer(margin_db=20 * np.log10(3), softness_db=1.0, rise_db_s=0.0)
    scorer.score(floor)
    assert scorer.score(louder) == pytest.approx(0.5, abs=1e-6)
    assert EnergyScorer().score(SILENT) < 0.02


def test_energy_gets_used_to_a_noise_that_stays() -> None:
    scorer = EnergyScorer(margin_db=9.0, rise_db_s=4.0)
    hiss = noise(31 * 20 * 512, peak=2_000).reshape(-1, 512)
    scores = [scorer.score(frame) for frame in hiss]
    assert scores[0] > 0.9
    assert scores[-1] < 0.1
    assert scorer.score(LOUD[:512]) > 0.5


def test_energy_does_not_hear_a_whisper_in_digital_silence() -> None:
    scorer = EnergyScorer()
    for _ in range(50):
        scorer.score(SILENT)
    assert scorer.score(noise(512, peak=2)) < 0.1
