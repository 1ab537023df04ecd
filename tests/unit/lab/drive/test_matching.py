"""How alike audio is, and where it is found."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.lab.drive import matching
from voicelab.lab.drive.matching import find, likeness, loudness

NOISE = np.random.default_rng(1).normal(0, 1000, 20_000).astype(np.float32)


def test_likeness_is_the_correlation_whatever_the_gain() -> None:
    assert likeness(NOISE, 0.1 * NOISE) == pytest.approx(1.0)
    assert likeness(NOISE, -NOISE) == pytest.approx(-1.0)
    assert abs(likeness(NOISE[:10_000], NOISE[10_000:])) < 0.05
    assert likeness(NOISE, 0 * NOISE) == 0.0


def test_loudness_is_the_root_mean_square() -> None:
    assert loudness(np.array([3, -4, 3, -4], np.float32)) == pytest.approx(12.5**0.5)
    assert loudness(NOISE[:0]) == 0.0


@pytest.mark.parametrize("direct", [0, 1 << 40])
def test_audio_is_found_where_it_stands(
    direct: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_DIRECT_PRODUCTS", direct)
    wanted = 0.5 * NOISE[12_345:13_000]
    found = find(wanted, NOISE, 0, len(NOISE))
    assert found is not None
    assert found.position == 12_345
    assert found.likeness == pytest.approx(1.0, abs=1e-5)


def test_only_places_in_the_range_are_tried() -> None:
    wanted = NOISE[500:600]
    found = find(wanted, NOISE, 501, 600)
    assert found is not None
    assert found.likeness < 0.5
    assert find(wanted, NOISE, 600, 600) is None
    assert find(wanted, NOISE[:50], 0, 50) is None
    assert find(np.zeros(10, np.float32), NOISE, 0, 100) is None


def test_silence_is_like_nothing() -> None:
    line = np.concatenate([np.full(5_000, 1e-3, np.float32), NOISE])
    found = find(NOISE[:500], line, 0, len(line))
    assert found is not None
    assert found.position == 5_000
