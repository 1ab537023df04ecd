"""Levels against definitions, and sums at full scale."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio.levels import active_power, dbfs, mean_power, saturated

RATE_HZ = 24_000


def test_a_sine_of_full_scale_is_three_decibels_below_a_square() -> None:
    square = np.tile(np.array([-32_768, -32_768], np.int16), 500)
    assert dbfs(mean_power(square)) == 0.0
    sine = tone(1000, RATE_HZ, peak=1.0)
    assert dbfs(mean_power(sine)) == pytest.approx(-3.0103, abs=0.001)


def test_silence_has_no_level() -> None:
    silence = np.zeros(RATE_HZ, np.int16)
    assert mean_power(silence) == active_power(silence, RATE_HZ) == 0.0
    assert dbfs(0.0) == -math.inf
    assert mean_power(silence[:0]) == active_power(silence[:0], RATE_HZ) == 0.0


def test_the_active_level_of_steady_noise_is_its_level() -> None:
    steady = noise(3 * RATE_HZ)
    assert active_power(steady, RATE_HZ) == pytest.approx(mean_power(steady))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_the_active_level_of_bursts_is_that_of_a_burst(share: float) -> None:
    """However rare they are, and although it is not quite silent between them."""
    quiet = noise(10 * RATE_HZ, peak=30)
    burst = noise(10 * RATE_HZ, seed=1)
    active = np.arange(10 * RATE_HZ) % RATE_HZ < share * RATE_HZ
    mixed = np.where(active, burst, quiet).astype(np.int16)
    expected = dbfs(mean_power(burst[active]))
    assert dbfs(active_power(mixed, RATE_HZ)) == pytest.approx(expected, abs=0.2)


def test_audio_shorter_than_a_stretch_has_its_mean_level() -> None:
    short = noise(100)
    assert active_power(short, RATE_HZ) == mean_power(short)


def test_sums_beyond_full_scale_are_clipped_and_counted() -> None:
    exact = np.array([0.4, -0.6, 32_767.4, 32_767.6, 40_000.0, -32_768.4, -32_769.0])
    samples, clipped = saturated(exact)
    assert samples.dtype == np.int16
    assert samples.tolist() == [0, -1, 32_767, 32_767, 32_767, -32_768, -32_768]
    assert clipped == 3
