"""Faster and slower speech: how long, what pitch, and where things are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio.pcm import Samples
from voicelab.audio.stretch import (
    SEARCH_MS,
    STEP_MS,
    StretchCache,
    stretch,
    stretched_length,
)

RATES = (8_000, 16_000, 24_000)
SPEEDS = (0.25, 0.5, 0.8, 1.25, 1.5)


def voiced(rate_hz: int, pitch_hz: float, duration_s: float = 1.0) -> Samples:
    """Return a tone with three harmonics, as a vowel has."""
    t_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    parts = ((1, 9000, 0.0), (2, 4000, 0.3), (3, 2000, 1.0))
    wave = sum(
        peak * np.sin(2 * np.pi * number * pitch_hz * t_s + phase)
        for number, peak, phase in parts
    )
    return np.rint(wave).astype(np.int16)


def inner(samples: Samples, rate_hz: int, speed: float) -> Samples:
    """Return audio without its end, where the recording breaks off."""
    return samples[: -round(2 * STEP_MS * rate_hz / 1000 / min(speed, 1))]


def pitch_of(samples: Samples, rate_hz: int) -> float:
    """Return the pitch by the autocorrelation's first peak, between its samples."""
    wave = samples[: rate_hz // 2].astype(np.float64)
    spectrum = np.fft.rfft(wave, 2 * len(wave))
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)
    first, last = rate_hz // 400, rate_hz // 70
    lag = first + int(likeness[first:last].argmax())
    before, at, after = likeness[lag - 1 : lag + 2]
    return float(rate_hz / (lag + 0.5 * (before - after) / (before - 2 * at + after)))


def largest_step(samples: Samples) -> int:
    return int(np.abs(np.diff(samples.astype(np.int64))).max())


@pytest.mark.parametrize(
    ("samples", "speed", "length"),
    [(0, 0.5, 0), (1, 1.5, 1), (7, 0.5, 14), (1000, 1.5, 667), (24_000, 0.8, 30_000)],
)
def test_the_length_is_divided_by_the_speed(
    samples: int, speed: float, length: int
) -> None:
    assert stretched_length(samples, speed) == length
    assert len(stretch(noise(samples), 24_000, speed)) == length


def test_speed_one_is_the_recording_itself() -> None:
    recording = noise(5000)
    assert stretch(recording, 24_000, 1.0) is recording


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("pitch_hz", [85, 140, 260])
def test_the_pitch_stays(rate_hz: int, speed: float, pitch_hz: float) -> None:
    made = stretch(voiced(rate_hz, pitch_hz), rate_hz, speed)
    assert pitch_of(made, rate_hz) == pytest.approx(pitch_hz, rel=0.02)


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("speed", SPEEDS)
def test_nothing_clicks_where_pieces_join(rate_hz: int, speed: float) -> None:
    recording = voiced(rate_hz, 140)
    made = inner(stretch(recording, rate_hz, speed), rate_hz, speed)
    assert largest_step(made) <= 1.02 * largest_step(recording)


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_level_stays(speed: float) -> None:
    steady = np.full(24_000, -1234, np.int16)
    made = inner(stretch(steady, 24_000, speed), 24_000, speed)
    assert set(made.tolist()) == {-1234}
    wave = voiced(24_000, 140)
    loud = inner(stretch(wave, 24_000, speed), 24_000, speed)
    rms = [np.sqrt(np.mean(each.astype(np.float64) ** 2)) for each in (wave, loud)]
    assert rms[1] == pytest.approx(rms[0], rel=0.02)


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_sound_is_where_the_speed_puts_it(speed: float) -> None:
    rate_hz = 24_000
    parts = [np.zeros(rate_hz, np.int16), voiced(rate_hz, 140, 0.5)]
    made = stretch(np.concatenate([*parts, parts[0]]), rate_hz, speed)
    loud = np.flatnonzero(np.abs(made) > 3000) / rate_hz * 1000
    # faded in over a step, from a place in the recording that may be SEARCH_MS off
    slack_ms = SEARCH_MS / speed + STEP_MS
    assert loud[0] == pytest.approx(1000 / speed, abs=slack_ms)
    assert loud[-1] == pytest.approx(1500 / speed, abs=slack_ms)


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_loudest_sound_stays_within_its_bits(speed: float) -> None:
    square = np.where(tone(120, 24_000) > 0, 32_767, -32_768).astype(np.int16)
    made = inner(stretch(square, 24_000, speed), 24_000, speed)
    assert (made.min(), made.max()) == (-32_768, 32_767)


def test_silence_stays_silence() -> None:
    assert not stretch(np.zeros(9000, np.int16), 24_000, 0.7).any()


def test_the_cache_gives_the_same_by_content() -> None:
    cache, one = StretchCache(), noise(9000)
    made = cache(one, 24_000, 1.25)
    np.testing.assert_array_equal(made, stretch(one, 24_000, 1.25))
    assert cache(one.copy(), 24_000, 1.25) is made
    assert cache(one, 16_000, 1.25) is not made
    assert cache(one, 24_000, 1.0) is one
    assert cache(noise(9000, seed=1), 24_000, 1.25) is not made


def test_the_cache_lets_go_of_what_was_not_asked_for_longest() -> None:
    recordings = [noise(1000, seed=seed) for seed in range(3)]
    cache = StretchCache(kept_bytes=2 * 2 * 800)
    first, second = (cache(each, 24_000, 1.25) for each in recordings[:2])
    assert cache(recordings[0], 24_000, 1.25) is first
    cache(recordings[2], 24_000, 1.25)
    assert cache(recordings[0], 24_000, 1.25) is first
    assert cache(recordings[1], 24_000, 1.25) is not second
