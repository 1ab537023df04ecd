"""What the server has sent, as a timeline at the leg's rate."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.driving import spoken
from voicelab.audio.resample import resample
from voicelab.lab.drive.reference import ItemSpan, Reference


@pytest.mark.parametrize("leg_hz", [8_000, 16_000, 24_000, 48_000])
def test_audio_that_comes_in_pieces_is_resampled_as_a_whole_is(leg_hz: int) -> None:
    whole = spoken(2.0, 24_000)
    reference = Reference(24_000, leg_hz)
    for start in range(0, len(whole), 2_399):
        reference.sent("a", "r", whole[start : start + 2_399])
    expected = resample(whole, 24_000, leg_hz)
    assert reference.samples == len(expected)
    # each piece is clipped and rounded to 16 bits by itself
    assert np.max(np.abs(reference.audio - expected)) <= 2


def test_places_are_places_in_items() -> None:
    reference = Reference(24_000, 8_000)
    reference.sent("a", "r1", np.zeros(300, np.int16))
    reference.sent("a", "r1", np.zeros(300, np.int16))
    reference.sent("b", "r2", np.zeros(900, np.int16))
    assert reference.spans(0, 100) == [ItemSpan("a", "r1", 0, 300)]
    assert reference.spans(150, 250) == [
        ItemSpan("a", "r1", 450, 600),
        ItemSpan("b", "r2", 0, 150),
    ]
    assert reference.spans(450, 600) == [ItemSpan("b", "r2", 750, 900)]
    assert reference.spans(-50, 0) == []
    assert (reference.piece_start(100), reference.piece_end(100)) == (0, 200)
    assert (reference.piece_start(250), reference.piece_end(250)) == (200, 500)
    assert reference.starts_after(1) == [200]
    assert reference.item_samples("a") == 600
    assert reference.item_samples("c") == 0


def test_an_item_that_is_continued_later_keeps_its_count() -> None:
    reference = Reference(8_000, 8_000)
    reference.sent("a", "r1", np.zeros(10, np.int16))
    reference.sent("b", "r2", np.zeros(10, np.int16))
    reference.sent("a", "r1", np.zeros(10, np.int16))
    assert reference.spans(15, 25) == [
        ItemSpan("b", "r2", 5, 10),
        ItemSpan("a", "r1", 10, 15),
    ]
