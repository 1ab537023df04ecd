"""The streaming filter against sums of whole numbers, which know no rounding."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise
from voicelab.audio.fir import TAP_STEPS, Fir


def exact_sums(taps: list[int], samples: list[int]) -> list[int]:
    """Return the first outputs of a filter in Python's own whole numbers."""
    return [
        sum(taps[k] * samples[n - k] for k in range(min(len(taps), n + 1)))
        for n in range(len(samples))
    ]


@pytest.mark.parametrize("count", [1, 2, 37, 700])
def test_the_output_is_the_exact_convolution(count: int) -> None:
    """700 taps go through an FFT, fewer are summed directly."""
    random = np.random.default_rng(count)
    steps = random.integers(-TAP_STEPS // 40, TAP_STEPS // 40, count)
    samples = noise(900, peak=32_767, seed=count)
    expected = exact_sums(steps.tolist(), samples.tolist())
    filtered = Fir(steps / TAP_STEPS).process(samples) * TAP_STEPS
    assert filtered.tolist() == expected


def test_the_loudest_sound_through_the_longest_filter_is_exact() -> None:
    random = np.random.default_rng(1)
    taps = random.standard_normal(1 << 14)
    taps *= 4.0 / np.linalg.norm(taps) * (1 - 1e-5)
    samples = np.where(random.random(40_000) < 0.5, -32_768, 32_767).astype(np.int16)
    filtered = Fir(taps).process(samples) * TAP_STEPS
    steps = np.rint(taps * TAP_STEPS).astype(np.int64)
    for at in (0, 20_000, 39_999):
        past = samples[max(at - len(steps) + 1, 0) : at + 1][::-1].astype(np.int64)
        assert filtered[at] == int(np.dot(past, steps[: len(past)]))


def test_taps_are_used_as_whole_steps() -> None:
    fir = Fir([0.1, 0.2])
    assert fir.taps.tolist() == [
        round(0.1 * TAP_STEPS) / TAP_STEPS,
        round(0.2 * TAP_STEPS) / TAP_STEPS,
    ]


@pytest.mark.parametrize("taps", [[], [0.0] * ((1 << 14) + 1), [5.0]])
def test_what_cannot_be_exact_is_refused(taps: list[float]) -> None:
    with pytest.raises(ValueError, match="taps"):
        Fir(taps)
