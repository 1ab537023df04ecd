"""Whole recordings at another rate."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio import resample


def test_equal_rates_change_nothing() -> None:
    samples = noise(100)
    assert resample(samples, 16_000, 16_000) is samples


@pytest.mark.parametrize(("from_hz", "to_hz"), [(24_000, 8_000), (8_000, 24_000)])
def test_a_tone_stays_where_it_was(from_hz: int, to_hz: int) -> None:
    result = resample(tone(1_003, from_hz), from_hz, to_hz)
    wanted = tone(1_003, to_hz)
    assert result.dtype == np.int16
    assert len(result) == len(wanted)
    inner = slice(to_hz // 10, -to_hz // 10)
    assert np.abs(result[inner].astype(float) - wanted[inner]).max() <= 2


def test_what_the_lower_rate_cannot_hold_is_gone() -> None:
    result = resample(tone(5_000, 24_000), 24_000, 8_000)
    assert np.abs(result[1_000:-1_000]).max() <= 2


def test_overshoot_is_clipped_not_wrapped() -> None:
    square = np.where(np.arange(2_400) // 40 % 2, 32_767, -32_768).astype(np.int16)
    result = resample(square, 24_000, 16_000).astype(int)
    middle_of_plateaus = result[13::27][:40]
    assert np.abs(middle_of_plateaus).min() > 20_000
    expected = np.where((np.arange(13, 13 + 40 * 27, 27) * 3 // 2) // 40 % 2, 1, -1)
    np.testing.assert_array_equal(np.sign(middle_of_plateaus), expected[:40])
