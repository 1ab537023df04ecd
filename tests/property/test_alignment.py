"""However a bridge cuts, drops and codes audio, its place is found to a millisecond."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.driving import spoken
from voicelab.audio import g711
from voicelab.audio.resample import resample
from voicelab.lab.drive.alignment import Alignment
from voicelab.lab.drive.reference import Reference

SENT_HZ = 24_000
ITEMS = [spoken(3.0, SENT_HZ, which) for which in range(3)]
LOUD = 500
"""Where both sides of a cut are louder than this, the cut can be heard."""


@st.composite
def bridges(draw: st.DrawFn) -> tuple[int, list[int], list[int], bool]:
    leg_hz = draw(st.sampled_from([8_000, 16_000, 24_000, 48_000]))
    kept = [draw(st.integers(12_000, len(item))) for item in ITEMS]
    chunks = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=20))
    return leg_hz, kept, chunks, draw(st.booleans())


@given(bridges())
@settings(max_examples=60)
def test_the_place_of_what_is_heard_is_found(
    bridge: tuple[int, list[int], list[int], bool],
) -> None:
    leg_hz, kept, chunks, coded = bridge
    reference = Reference(SENT_HZ, leg_hz)
    places, passed, begun = [], [], 0
    for index, (item, count) in enumerate(zip(ITEMS, kept, strict=True)):
        reference.sent(f"item {index}", "r", item)
        places.append(begun + np.arange(count))
        passed.append(item[:count])
        begun += len(item)
    arriving = resample(np.concatenate(passed), SENT_HZ, leg_hz)
    if coded and leg_hz == 8_000:
        arriving = g711.decode_ulaw(g711.encode_ulaw(arriving))
    alignment, found, at, turn = Alignment(reference), [], 0, 0
    while at < len(arriving):
        size = chunks[turn % len(chunks)]
        found += alignment.take(arriving[at : at + size])
        at, turn = at + size, turn + 1
    found += alignment.settle()

    place = np.full(len(arriving), np.nan)
    for stretch in found:
        if stretch.place is not None:
            length = stretch.end - stretch.start
            place[stretch.start : stretch.end] = stretch.place + np.arange(length)
    where = np.concatenate(places)
    index_sent = np.minimum(
        np.arange(len(arriving)) * SENT_HZ // leg_hz, len(where) - 1
    )
    error_ms = np.abs(place * SENT_HZ / leg_hz - where[index_sent]) * 1000 / SENT_HZ
    loud = np.abs(arriving.astype(np.int32)) > LOUD
    # at each of the two cuts, the boundary may lie on the wrong side of some samples
    wrong = np.count_nonzero(loud & ~(error_ms < 1))
    assert wrong <= 2 * leg_hz // 1000
