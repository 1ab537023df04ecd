"""The features are what the definition of each step says, worked out another way."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.speech.end_of_turn.log_mel import (
    BANDS,
    HEARD_SAMPLES,
    RATE_HZ,
    STEPS,
    Features,
    log_mel,
)


def tone(frequency_hz: float, seconds: float = 8.0, level: float = 8000) -> Features:
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    samples = level * np.sin(2 * np.pi * frequency_hz * t_s)
    return log_mel(samples.astype(np.int16))


def slaney_mel(frequency_hz: float) -> float:
    """200/3 Hz a mel below 1 kHz; 27 mel for each factor of 6.4 above."""
    if frequency_hz < 1000:
        return frequency_hz * 3 / 200
    return float(15 + 27 * np.log(frequency_hz / 1000) / np.log(6.4))


@pytest.mark.parametrize("frequency_hz", [150.0, 440.0, 990.0, 2000.0, 5000.0, 7500.0])
def test_a_tone_is_loudest_in_the_band_around_it(frequency_hz: float) -> None:
    loudest = int(tone(frequency_hz)[:, STEPS // 2].argmax())
    between_bands = slaney_mel(8000) / (BANDS + 1)
    assert abs(slaney_mel(frequency_hz) / between_bands - 1 - loudest) <= 1


def test_shape_and_range() -> None:
    features = tone(440)
    assert features.shape == (BANDS, STEPS)
    assert features.dtype == np.float32
    # 80 dB are 8 decades of power, divided by 4
    assert features.max() - features.min() == pytest.approx(2, abs=1e-6)


def test_loudness_says_nothing() -> None:
    np.testing.assert_allclose(tone(440), tone(440, level=16_000), atol=2e-3)


def test_the_newest_eight_seconds_count() -> None:
    rng = np.random.default_rng(6)
    long = rng.normal(0, 3000, 10 * RATE_HZ).astype(np.int16)
    assert (log_mel(long) == log_mel(long[-HEARD_SAMPLES:])).all()


def test_less_is_padded_in_front() -> None:
    rng = np.random.default_rng(6)
    short = rng.normal(0, 3000, 2 * RATE_HZ).astype(np.int16)
    silence = np.zeros(HEARD_SAMPLES - len(short), np.int16)
    assert (log_mel(short) == log_mel(np.concatenate([silence, short]))).all()
    quiet, loud = log_mel(short)[:, :590], log_mel(short)[:, 610:]
    assert quiet.max() < loud.min()


@pytest.mark.parametrize("samples", [0, 1, 160])
def test_hardly_any_audio_has_features_too(samples: int) -> None:
    features = log_mel(np.zeros(samples, np.int16))
    assert features.shape == (BANDS, STEPS)
    assert np.isfinite(features).all()


def test_one_step_against_the_transform_written_out() -> None:
    """Step 400 of noise: window, transform and bands as sums, without an FFT."""
    rng = np.random.default_rng(7)
    samples = rng.normal(0, 3000, HEARD_SAMPLES).astype(np.int16)
    wave = samples / 32768
    wave = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
    n = np.arange(400)
    piece = wave[400 * 160 - 200 : 400 * 160 + 200] * np.sin(np.pi * n / 400) ** 2
    bins = np.arange(201)
    power = np.abs(np.exp(-2j * np.pi * np.outer(bins, n) / 400) @ piece) ** 2
    mel = np.array([slaney_mel(40.0 * each) for each in range(201)])
    hertz = 40.0 * bins
    expected = []
    corners_mel = np.linspace(0, slaney_mel(8000), BANDS + 2)
    corners = np.where(
        corners_mel < 15,
        corners_mel * 200 / 3,
        1000 * 6.4 ** ((corners_mel - 15) / 27),
    )
    for low, middle, high in zip(corners, corners[1:], corners[2:], strict=False):
        weight = np.interp(hertz, [low, middle, high], [0, 1, 0]) * 2 / (high - low)
        expected.append(np.log10(max(float(weight @ power), 1e-10)))
    assert (np.diff(mel) > 0).all()
    found = log_mel(samples)[:, 400] * 4 - 4
    np.testing.assert_allclose(found, expected, atol=1e-4)
