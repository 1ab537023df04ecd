"""Finding a stretch of sound in a long one, held against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.lab.correlation import BLOCK_SAMPLES, CorrelationIndex, Signal, shifted

LENGTHS = (200, 700)


def music(count: int, seed: int = 3) -> Signal:
    """Return noise without the highest frequencies, which lie between samples."""
    white = np.random.default_rng(seed).standard_normal(count + 8)
    return np.convolve(white, np.hanning(9), "valid").astype(np.float32) * 1000


def likeness(signal: Signal, probe: Signal, at: int) -> float:
    """Return the normalised cross-correlation, by its definition."""
    under = signal[at : at + len(probe)].astype(np.float64)
    return float(under @ probe / np.linalg.norm(under) / np.linalg.norm(probe))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("at", [0, 1, 7_000, BLOCK_SAMPLES - 300, 2 * BLOCK_SAMPLES])
def test_a_part_of_the_signal_is_found_where_it_is(length: int, at: int) -> None:
    signal = music(3 * BLOCK_SAMPLES)
    index = CorrelationIndex(signal, LENGTHS)
    match = index.best(-0.0 + 0.1 * signal[at : at + length])
    assert match.position == pytest.approx(at, abs=0.02)
    assert match.similarity == pytest.approx(1, abs=0.01)


def test_what_lies_between_samples_is_found_there() -> None:
    signal = music(20_000)
    index = CorrelationIndex(signal, LENGTHS)
    for late in (0.25, 0.5, 0.8):
        probe = shifted(signal, -late)[5_000:5_700]
        match = index.best(probe)
        assert match.position == pytest.approx(5_000 + late, abs=0.05)
        assert match.similarity > 0.98


def test_the_best_place_is_the_one_that_the_definition_tells() -> None:
    signal = music(4_000)
    index = CorrelationIndex(signal, LENGTHS)
    probe = music(200, seed=9)
    match = index.best(probe)
    told = [likeness(signal, probe, at) for at in range(len(signal) - 200)]
    assert match.similarity >= max(told) - 0.01
    whole = round(match.position)
    assert likeness(signal, probe, whole) == pytest.approx(max(told), abs=0.1)


def test_a_loud_stranger_is_no_better_than_a_quiet_one() -> None:
    signal = music(8_000)
    signal[4_000:] *= 20
    probe = signal[1_000:1_200] * 3
    match = CorrelationIndex(signal, LENGTHS).best(probe)
    assert match.position == pytest.approx(1_000, abs=0.02)


def test_next_to_nothing_is_not_found_by_its_shape() -> None:
    signal = music(8_000)
    signal[:4_000] *= 0.001
    match = CorrelationIndex(signal, LENGTHS).best(signal[1_000:1_200])
    assert match.similarity < 0.5


def test_a_silent_signal_holds_nothing() -> None:
    index = CorrelationIndex(np.zeros(5_000, np.float32), LENGTHS)
    assert index.best(music(200)).similarity == 0


def test_shifting_by_nothing_changes_nothing() -> None:
    signal = music(999)
    np.testing.assert_allclose(shifted(signal, 0), signal, atol=0.05)
