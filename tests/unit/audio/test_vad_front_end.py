"""The way to 16 kHz: exact, flat where speech is, and never late."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio import Samples, VadFrontEnd, vad_frames

RATES_HZ = [24_000, 16_000, 8_000]
UP_DOWN = {24_000: (2, 3), 16_000: (1, 1), 8_000: (2, 1)}


def impulse_response(rate_hz: int) -> npt.NDArray[np.float64]:
    """Measure the filter at its own rate, from one impulse at each phase."""
    up, down = UP_DOWN[rate_hz]
    start = 300  # a multiple of `down`
    response = np.zeros(8 * 256)
    for shift in range(down):
        samples = np.zeros(rate_hz // 10, np.int16)
        samples[start + shift] = 16_384
        output = vad_frames(samples, rate_hz).reshape(-1)[start * up // down :]
        taps = down * np.arange(200) - up * shift
        inside = taps >= 0
        response[taps[inside]] = output[:200][inside] / 16_384
    return response


def level_db(frequency_hz: float, rate_hz: int, at_hz: float) -> float:
    """Return the level at `at_hz` that a tone of `frequency_hz` comes out with."""
    output = vad_frames(tone(frequency_hz, rate_hz, 2.0, 0.6), rate_hz).reshape(-1)
    inner = output[4_000:28_000] / (0.6 * 32_767)
    turning = np.exp(-2j * np.pi * at_hz * np.arange(len(inner)) / 16_000)
    return float(20 * np.log10(2 * abs((inner * turning).mean()) + 1e-9))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_frame_comes_with_its_last_sample(rate_hz: int) -> None:
    front_end = VadFrontEnd(rate_hz)
    need = front_end.frame_in_samples
    assert need == rate_hz * 32 // 1000
    samples = noise(3 * need)
    assert front_end.push(samples[: need - 1]) == []
    assert len(front_end.push(samples[need - 1 : need])) == 1
    assert len(front_end.push(samples[need:])) == 2


def test_16_khz_goes_through_untouched() -> None:
    samples = noise(2_048)
    np.testing.assert_array_equal(vad_frames(samples, 16_000).reshape(-1), samples)


@pytest.mark.parametrize("frequency_hz", [60, 300, 1_000, 2_500, 4_000, 5_500, 6_500])
def test_the_pass_band_from_24_khz_is_flat(frequency_hz: float) -> None:
    assert level_db(frequency_hz, 24_000, frequency_hz) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("frequency_hz", [9_500, 9_800, 10_500, 11_300, 11_900])
def test_what_would_fold_into_speech_is_60_db_down(frequency_hz: float) -> None:
    assert level_db(frequency_hz, 24_000, 16_000 - frequency_hz) < -60


@pytest.mark.parametrize("frequency_hz", [60, 300, 1_000, 2_000, 2_900])
def test_the_telephone_band_is_flat_and_its_image_gone(frequency_hz: float) -> None:
    assert level_db(frequency_hz, 8_000, frequency_hz) == pytest.approx(0, abs=0.1)
    assert level_db(frequency_hz, 8_000, 8_000 - frequency_hz) < -60


@pytest.mark.parametrize(("rate_hz", "delay_ms"), [(24_000, 0.75), (8_000, 1.0)])
def test_the_filter_is_symmetric_about_its_delay(rate_hz: int, delay_ms: float) -> None:
    up, _ = UP_DOWN[rate_hz]
    response = impulse_response(rate_hz)
    middle = round(delay_ms * rate_hz * up / 1000)
    assert VadFrontEnd(rate_hz).delay_samples == middle // up
    assert np.argmax(response) == middle
    head, tail = response[:middle][::-1], response[middle + 1 :]
    np.testing.assert_allclose(head, tail[: len(head)], atol=1e-4)
    assert not tail[len(head) :].any()


@pytest.mark.parametrize("rate_hz", [24_000, 8_000])
def test_frames_are_the_textbook_convolution(rate_hz: int) -> None:
    """Zero-stuffing, the measured filter, decimation: the same to rounding."""
    up, down = UP_DOWN[rate_hz]
    samples = noise(4 * 768)
    stuffed = np.zeros(len(samples) * up)
    stuffed[::up] = samples
    filtered = np.convolve(stuffed, impulse_response(rate_hz))[: len(stuffed)]
    frames = vad_frames(samples, rate_hz).reshape(-1)
    error = frames - filtered[::down][: len(frames)]
    # The response was measured in steps of 1 / 16384 and meets up to 37 samples.
    assert np.abs(error).max() <= 0.5 + 37 * 9_000 / 16_384 / 2


@pytest.mark.parametrize("level", [-32_768, -1, 1, 12_345, 32_767])
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_constant_stays_itself(rate_hz: int, level: int) -> None:
    samples = np.full(rate_hz // 10, level, np.int16)
    settled = vad_frames(samples, rate_hz)[1:]
    assert (settled == level).all()


@pytest.mark.parametrize("rate_hz", [24_000, 8_000])
def test_overshoot_is_clipped_not_wrapped(rate_hz: int) -> None:
    half = rate_hz // 250
    square = np.where(np.arange(rate_hz) // half % 2, 32_767, -32_768).astype(np.int16)
    output = vad_frames(square, rate_hz).reshape(-1)
    assert output.max() == 32_767
    assert output.min() == -32_768
    # One sign change a half wave: a wrapped sample would add two.
    changes = np.count_nonzero(np.diff(np.signbit(output[512:])))
    assert changes == pytest.approx(len(output[512:]) * 250 / 16_000, abs=1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_reset_forgets(rate_hz: int) -> None:
    front_end = VadFrontEnd(rate_hz)
    front_end.push(noise(1_000, seed=1))
    front_end.reset()
    fresh: list[Samples] = VadFrontEnd(rate_hz).push(noise(3_000))
    np.testing.assert_array_equal(front_end.push(noise(3_000)), fresh)


def test_frames_do_not_change_after_they_were_given() -> None:
    front_end = VadFrontEnd(24_000)
    [first] = front_end.push(noise(768))
    kept = first.copy()
    front_end.push(noise(7_680, seed=3))
    np.testing.assert_array_equal(first, kept)


def test_a_short_recording_has_no_frames() -> None:
    assert vad_frames(noise(767), 24_000).shape == (0, 512)


def test_an_unknown_rate_is_refused() -> None:
    with pytest.raises(ValueError, match=r"44100 Hz; there is 24000, 16000, 8000"):
        VadFrontEnd(44_100)
