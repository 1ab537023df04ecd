"""What the microphone picks up, against an array in which everything is laid out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import noise
from voicelab.lab.mouth import (
    MAX_LOOP_S,
    MIN_LOOP_S,
    Background,
    Mouth,
    longest_quiet,
)

RATE_HZ = 8_000


@given(st.integers(0, 40), st.integers(0, 500), st.integers(0, 200))
def test_background_is_endless_and_its_ends_fit(
    length: int, start: int, count: int
) -> None:
    quiet = noise(length)
    taken = Background(quiet).take(start, count)
    assert taken.dtype == np.int16
    forth_and_back = [*quiet, *quiet[::-1]]
    period = len(forth_and_back)
    expected = [
        forth_and_back[(start + i) % period] if period else 0 for i in range(count)
    ]
    assert taken.tolist() == expected


CLIPS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 80)), max_size=6
)  # (how long after the last clip's start, how long)


@given(CLIPS, st.integers(1, 50), st.booleans())
def test_frames_are_the_background_with_the_clips_laid_over_it(
    clips: list[tuple[int, int]], frame: int, known_beforehand: bool
) -> None:
    """A clip may be placed at any time before its first sample is picked up."""
    background = Background(noise(90, seed=1))
    expected = background.take(0, 1000).copy()
    placed = []
    at = 0
    for index, (after, length) in enumerate(clips):
        at += after
        clip = noise(length, seed=index + 2)
        placed.append((at, clip))
        end_of_last = placed[-2][0] + len(placed[-2][1]) if index else 0
        if end_of_last > at:  # the later clip cuts the earlier one off
            expected[at:end_of_last] = background.take(0, 1000)[at:end_of_last]
        expected[at : at + length] = clip
    mouth = Mouth(background)
    picked_up = []
    waiting = list(placed)
    for start in range(0, 1000 - frame, frame):
        while waiting and (known_beforehand or waiting[0][0] < start + frame):
            position, clip = waiting.pop(0)
            mouth.place(clip, position)
        picked_up.append(mouth.frame(start, frame))
    heard = np.concatenate(picked_up)
    assert heard.tolist() == expected[: len(heard)].tolist()


BUSY = st.lists(
    st.tuples(st.integers(0, 4 * RATE_HZ), st.integers(1, RATE_HZ)), max_size=8
).map(lambda spans: sorted((start, start + length) for start, length in spans))


@given(BUSY)
def test_the_longest_stretch_without_speech_is_found(
    busy: list[tuple[int, int]],
) -> None:
    samples = np.arange(4 * RATE_HZ).astype(np.int16)
    free = np.ones(len(samples), dtype=bool)
    for start, end in busy:
        free[start:end] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], free.view(np.int8), [0]])))
    stretches = [(end - start, -start) for start, end in edges.reshape(-1, 2).tolist()]
    length, minus_start = max(stretches, default=(0, 0))
    found = longest_quiet(samples, RATE_HZ, busy)
    if length < MIN_LOOP_S * RATE_HZ:
        assert len(found) == 0
    else:
        assert found.tolist() == samples[-minus_start:][:length].tolist()


def test_no_more_than_a_few_seconds_are_kept_and_not_as_a_view() -> None:
    samples = noise(int(2 * MAX_LOOP_S) * RATE_HZ)
    found = longest_quiet(samples, RATE_HZ, [])
    assert len(found) == MAX_LOOP_S * RATE_HZ
    assert found.base is None
