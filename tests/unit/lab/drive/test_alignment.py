"""Where what arrives comes from, for what bridges do to audio on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.driving import spoken
from voicelab.audio import g711
from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.audio.stream_rate import StreamRate
from voicelab.lab.drive.alignment import Alignment, Stretch, cut
from voicelab.lab.drive.reference import Reference

SENT_HZ = 24_000
MS = SENT_HZ // 1000
ITEMS = [spoken(4.0, SENT_HZ, which) for which in range(3)]
Part = tuple[int, int, int]
"""An item and the samples [from, to) of it that the bridge passes on."""

WHOLE = [(0, 0, 4_000 * MS), (1, 0, 4_000 * MS), (2, 0, 4_000 * MS)]
CUT = [(0, 0, 1_700 * MS + 5), (1, 0, 1_100 * MS + 7), (2, 0, 4_000 * MS)]
HOLE = [(0, 0, 1_000 * MS), (0, 1_500 * MS + 1, 4_000 * MS)]


def by_soxr(samples: Samples, leg_hz: int) -> Samples:
    return resample(samples, SENT_HZ, leg_hz)


def by_lines(samples: Samples, leg_hz: int) -> Samples:
    at = np.arange(len(samples) * leg_hz // SENT_HZ) * SENT_HZ / leg_hz
    return np.interp(at, np.arange(len(samples)), samples).astype(np.int16)


@dataclass
class Placed:
    """Where each arrived sample was found, in samples as sent; NaN if nowhere."""

    stretches: list[Stretch]
    found: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]

    leg_hz: int

    @property
    def errors_ms(self) -> npt.NDArray[np.float64]:
        return np.abs(self.found - self.expected) / MS

    def wrong_ms(self, limit_ms: float = 0.1) -> float:
        """How much is found elsewhere, or nowhere: beside a cut, on its wrong side."""
        wrong = np.count_nonzero(~(self.errors_ms < limit_ms))
        return float(wrong * 1000 / self.leg_hz)


def pass_on(
    parts: list[Part],
    leg_hz: int,
    *,
    chunk_ms: int = 20,
    way: Callable[[Samples, int], Samples] = by_soxr,
    after: Callable[[Samples], Samples] = lambda samples: samples,
    tell_clears: bool = False,
) -> Placed:
    """Send all items, let a bridge pass parts of them on, and align what arrives."""
    reference = Reference(SENT_HZ, leg_hz)
    starts = np.cumsum([0, *map(len, ITEMS)])
    for index, item in enumerate(ITEMS):
        reference.sent(f"item {index}", "r", item)
    passed = np.concatenate([ITEMS[item][low:high] for item, low, high in parts])
    places = np.concatenate(
        [starts[item] + np.arange(low, high) for item, low, high in parts]
    )
    arriving = after(way(passed, leg_hz))
    alignment = Alignment(reference)
    chunk = chunk_ms * leg_hz // 1000
    clears = np.cumsum([high - low for _, low, high in parts])[:-1] * leg_hz // SENT_HZ
    found: list[Stretch] = []
    for start in range(0, len(arriving), chunk):
        if tell_clears and any(start <= clear < start + chunk for clear in clears):
            found += alignment.settle()
            alignment.cleared()
        found += alignment.take(arriving[start : start + chunk])
    found += alignment.settle()
    return _placed(found, places, len(arriving), leg_hz)


def _placed(
    stretches: list[Stretch], places: npt.NDArray[np.int64], count: int, leg_hz: int
) -> Placed:
    assert [each.start for each in stretches[1:]] == [e.end for e in stretches[:-1]]
    assert (stretches[0].start, stretches[-1].end) == (0, count)
    found = np.full(count, np.nan)
    for each in stretches:
        if each.place is not None:
            length = each.end - each.start
            found[each.start : each.end] = each.place + np.arange(length)
    at = np.minimum(np.arange(count) * SENT_HZ // leg_hz, len(places) - 1)
    return Placed(
        stretches, found * SENT_HZ / leg_hz, places[at].astype(np.float64), leg_hz
    )


@pytest.mark.parametrize("chunk_ms", [7, 20, 100])
@pytest.mark.parametrize("leg_hz", [8_000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("parts", [WHOLE, CUT], ids=["whole", "cut"])
def test_every_sample_is_found(parts: list[Part], leg_hz: int, chunk_ms: int) -> None:
    placed = pass_on(parts, leg_hz, chunk_ms=chunk_ms)
    assert placed.wrong_ms() <= 0.5


def test_what_is_left_out_within_an_item_is_noticed() -> None:
    placed = pass_on(HOLE, 16_000)
    wrong = ~(placed.errors_ms < 0.1)
    # where the item is silent on both sides of the cut, nobody can tell to a sample
    assert np.count_nonzero(wrong) < 0.020 * 16_000


def test_mu_law_changes_nothing() -> None:
    def coded(samples: Samples) -> Samples:
        return g711.decode_ulaw(g711.encode_ulaw(samples))

    assert pass_on(CUT, 8_000, after=coded).wrong_ms(0.2) <= 0.5


def test_straight_lines_are_recognised() -> None:
    assert pass_on(CUT, 16_000, way=by_lines).wrong_ms() <= 0.5


def test_a_resampler_without_a_filter_is_mostly_recognised() -> None:
    placed = pass_on(WHOLE, 8_000, way=by_lines)
    right = np.count_nonzero(placed.errors_ms < 1) / len(placed.found)
    assert right > 0.95  # an s folds down to noise that nobody has sent


@pytest.mark.parametrize("leg_hz", [8_000, 16_000])
def test_the_delay_of_a_streaming_resampler_is_no_error(leg_hz: int) -> None:
    rate = StreamRate(SENT_HZ, leg_hz)
    placed = pass_on(CUT, leg_hz, way=lambda samples, _: rate.process(samples))
    late = rate.delay_ns * leg_hz // 10**9
    errors_ms = np.abs(placed.found[late:] - placed.expected[:-late]) / MS
    # at a cut, the filter mixes both sides for its own length
    assert np.count_nonzero(~(errors_ms < 0.2)) < 4 * late
    assert np.count_nonzero(errors_ms > 5) < 2 * late


def test_a_lower_volume_changes_nothing() -> None:
    placed = pass_on(CUT, 16_000, after=lambda samples: samples // 4)
    assert placed.wrong_ms() <= 250  # what was nearly silent is silent now
    assert np.nanmax(placed.errors_ms) < 0.1


def test_silence_that_was_put_in_is_nothing_that_was_sent() -> None:
    silence = np.zeros(1_600, np.int16)

    def padded(samples: Samples) -> Samples:
        return np.concatenate([samples[:20_000], silence, samples[20_000:]])

    placed = pass_on(WHOLE, 16_000, after=padded)
    gap = placed.found[20_000:21_600]
    assert np.count_nonzero(np.isnan(gap)) > 1_400  # the item is silent there, too
    after = np.abs(placed.found[21_600:] - placed.expected[20_000:-1_600]) / MS
    assert np.count_nonzero(~(after < 0.1)) < 0.020 * 16_000


def test_a_sound_of_the_bridge_is_nothing_that_was_sent() -> None:
    beep = (8000 * np.sin(np.arange(8_000) * 2 * np.pi * 1_000 / 16_000)).astype(
        np.int16
    )

    def announced(samples: Samples) -> Samples:
        return np.concatenate([beep, samples])

    placed = pass_on(WHOLE, 16_000, after=announced)
    assert np.count_nonzero(~np.isnan(placed.found[:8_000])) < 0.02 * 16_000
    errors_ms = np.abs(placed.found[8_000:] - placed.expected[:-8_000]) / MS
    assert np.count_nonzero(~(errors_ms < 0.1)) < 0.02 * 16_000


def test_after_a_clear_the_next_item_begins_even_if_it_begins_in_silence() -> None:
    for index, item in enumerate(ITEMS):
        ITEMS[index] = np.concatenate([np.zeros(300 * MS, np.int16), item])
    try:
        placed = pass_on([(0, 0, 1_700 * MS), (1, 0, 2_000 * MS)], 16_000)
        told = pass_on(
            [(0, 0, 1_700 * MS), (1, 0, 2_000 * MS)], 16_000, tell_clears=True
        )
    finally:
        for index, item in enumerate(ITEMS):
            ITEMS[index] = item[300 * MS :]
    assert np.nanmax(told.errors_ms) < 0.1
    assert np.nanmax(placed.errors_ms[: 1_600 * 16]) < 0.1


def test_a_cut_is_found_to_the_sample() -> None:
    rng = np.random.default_rng(3)
    old, new = rng.normal(0, 3000, (2, 300)).astype(np.float32)
    silence = np.zeros(50, np.float32)
    arrived = np.concatenate([old[:100], silence, new[150:]])
    assert cut(arrived, old, new, begin=-1) == (100, 150)
    assert cut(np.concatenate([old[:77], new[77:]]), old, new, begin=-1) == (77, 77)
    assert cut(new, old, new, begin=0) == (0, 0)
