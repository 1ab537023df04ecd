"""The telephone's band, measured with tones and an impulse."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import tone
from voicelab.audio.band import TelephoneBand
from voicelab.audio.levels import dbfs, mean_power

RATES_HZ = (8_000, 16_000, 24_000)


def gain_db(frequency_hz: float, rate_hz: int) -> float:
    """Return how much louder a tone is behind the band than before it."""
    sent = tone(frequency_hz, rate_hz, duration_s=0.5)
    passed = TelephoneBand(rate_hz).process(sent)
    settled = slice(rate_hz // 10, None)
    return dbfs(mean_power(passed[settled])) - dbfs(mean_power(sent[settled]))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("frequency_hz", [300, 500, 1020, 2400, 3000, 3400])
def test_speech_passes_as_loud_as_it_was(frequency_hz: float, rate_hz: int) -> None:
    assert gain_db(frequency_hz, rate_hz) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("frequency_hz", [50, 60, 100, 3850, 5000, 7000, 11000])
def test_hum_and_hiss_do_not_pass(frequency_hz: float, rate_hz: int) -> None:
    if frequency_hz < rate_hz / 2:
        assert gain_db(frequency_hz, rate_hz) < -50


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_nothing_comes_much_later_than_it_was_sent(rate_hz: int) -> None:
    """The group delay of the impulse response, from 400 to 3000 Hz."""
    impulse = np.zeros(rate_hz // 10, np.int16)
    impulse[0] = 32_767
    response = TelephoneBand(rate_hz).process(impulse).astype(np.float64)
    points = 1 << 14
    whole = np.fft.rfft(response, points)
    ramped = np.fft.rfft(response * np.arange(len(response)), points)
    delay_ms = np.real(ramped / whole) * 1000 / rate_hz
    hz = np.fft.rfftfreq(points, 1 / rate_hz)
    within = delay_ms[(hz >= 400) & (hz <= 3000)]
    assert 0 < within.min() <= within.max() < 1.0


def test_what_overshoots_is_clipped_not_wrapped() -> None:
    square = np.where(np.arange(2400) // 20 % 2, 32_767, -32_768).astype(np.int16)
    passed = TelephoneBand(24_000).process(square)
    assert passed.max() == 32_767
    assert np.abs(np.diff(passed.astype(int))).max() < 32_768
