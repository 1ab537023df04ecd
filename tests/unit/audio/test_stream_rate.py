"""Another rate for a stream: exact counts, a known delay, no images, no aliases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import noise, tone
from voicelab.audio.pcm import Samples
from voicelab.audio.stream_rate import StreamRate
from voicelab.units import NS_PER_S

PAIRS = [
    (8_000, 24_000),
    (16_000, 24_000),
    (48_000, 24_000),
    (24_000, 8_000),
    (24_000, 16_000),
    (24_000, 48_000),
    (8_000, 48_000),
]


def whole(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    return StreamRate(from_hz, to_hz).process(samples)


def level_db(samples: npt.NDArray[np.number]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-9))


@given(
    st.sampled_from(PAIRS),
    st.lists(st.integers(0, 700), min_size=1, max_size=12),
)
def test_it_does_not_matter_how_a_stream_is_cut(
    pair: tuple[int, int], lengths: list[int]
) -> None:
    samples = noise(sum(lengths))
    rate = StreamRate(*pair)
    pieces = np.split(samples, np.cumsum(lengths)[:-1])
    together = np.concatenate([rate.process(piece) for piece in pieces])
    assert np.array_equal(together, whole(samples, *pair))


@given(st.sampled_from(PAIRS), st.lists(st.integers(1, 700), min_size=1, max_size=12))
def test_as_much_has_come_out_as_went_in(
    pair: tuple[int, int], lengths: list[int]
) -> None:
    from_hz, to_hz = pair
    rate = StreamRate(from_hz, to_hz)
    taken = given_out = 0
    for length in lengths:
        taken += length
        given_out += len(rate.process(noise(length)))
        assert given_out == -(-taken * to_hz // from_hz)


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_a_tone_comes_out_the_same_and_so_much_later(from_hz: int, to_hz: int) -> None:
    rate = StreamRate(from_hz, to_hz)
    found = rate.process(tone(1000, from_hz)).astype(float)
    t_s = np.arange(len(found)) / to_hz - rate.delay_ns / NS_PER_S
    wanted = 0.5 * 32767 * np.sin(2 * np.pi * 1000 * t_s)
    settled = slice(to_hz // 10, None)
    error = np.sqrt(np.mean((found - wanted)[settled] ** 2))
    assert error < 0.5 * 32767 / 1000, "60 dB below the tone"


@pytest.mark.parametrize(
    ("from_hz", "to_hz"), [pair for pair in PAIRS if pair != (16_000, 24_000)]
)
def test_it_agrees_with_soxr_on_what_a_telephone_carries(
    from_hz: int, to_hz: int
) -> None:
    """Where the delay is a whole number of samples, so that both can be laid over."""
    spectrum = np.fft.rfft(noise(from_hz).astype(float))
    spectrum[3200:] = 0  # a second, so one bin is a hertz
    band = np.rint(np.fft.irfft(spectrum, from_hz)).astype(np.int16)
    rate = StreamRate(from_hz, to_hz)
    late = round(rate.delay_ns * to_hz / NS_PER_S)
    assert late * NS_PER_S / to_hz == pytest.approx(rate.delay_ns, abs=1)
    found = rate.process(band).astype(float)[late:]
    wanted = soxr.resample(band.astype(np.float64), from_hz, to_hz)[: len(found)]
    settled = slice(to_hz // 20, -to_hz // 20)
    error = (found - wanted)[settled]
    assert level_db(error) < level_db(wanted[settled]) - 45


def test_what_the_lower_rate_cannot_carry_is_gone() -> None:
    assert level_db(whole(tone(6000, 24_000), 24_000, 8_000)[800:]) < 10
    assert level_db(whole(tone(10_000, 24_000), 24_000, 16_000)[800:]) < 10


def test_no_image_appears_above() -> None:
    found = whole(tone(1000, 8_000), 8_000, 24_000).astype(float)[2400:]
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found))))
    hz = np.fft.rfftfreq(len(found), 1 / 24_000)
    assert spectrum[hz > 4700].max() < spectrum.max() / 1000


def test_equal_rates_leave_it_alone() -> None:
    samples = noise(100)
    rate = StreamRate(24_000, 24_000)
    assert rate.process(samples) is samples
    assert rate.delay_ns == 0


def test_the_delay_is_short() -> None:
    assert max(StreamRate(*pair).delay_ns for pair in PAIRS) <= 1_625_000


def test_rates_without_a_short_common_multiple_are_refused() -> None:
    with pytest.raises(ValueError, match="no short way"):
        StreamRate(44_100, 24_000)


def test_full_scale_is_clipped_and_does_not_wrap() -> None:
    square = np.repeat(np.array([32767, -32768] * 50, np.int16), 12)
    found = whole(square, 24_000, 48_000)
    assert found.max() == 32767
    assert found.min() == -32768
