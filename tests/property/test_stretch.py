"""Whatever is said, at whatever speed: lengths are exact and words stay inside."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.recordings import noise
from voicelab.audio.stretch import stretch, stretched_length
from voicelab.responders.script import Speech, TimedWord

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
speeds = st.floats(0.25, 1.5)
rates = st.sampled_from([8_000, 16_000, 24_000])


@repeatable
@given(samples=st.integers(0, 6_000), rate_hz=rates, speed=speeds)
def test_the_length_is_exact(samples: int, rate_hz: int, speed: float) -> None:
    recording = noise(samples)
    made = stretch(recording, rate_hz, speed)
    assert made.dtype == np.int16
    assert len(made) == stretched_length(samples, speed)
    assert 0 <= len(made) - samples / speed < 1
    np.testing.assert_array_equal(made, stretch(recording, rate_hz, speed))


@repeatable
@given(
    lengths_ms=st.lists(st.floats(1, 400), min_size=1, max_size=5),
    recorded_hz=rates,
    rate_hz=rates,
    speed=speeds,
)
def test_words_stay_in_order_and_inside(
    lengths_ms: list[float], recorded_hz: int, rate_hz: int, speed: float
) -> None:
    # word by word without a pause, up to the very last sample
    ends_ms = np.cumsum(lengths_ms)
    samples = int(np.ceil(ends_ms[-1] * recorded_hz / 1000))
    starts_ms = [0.0, *ends_ms[:-1]]
    words = [
        TimedWord(str(number), start_ms, end_ms)
        for number, (start_ms, end_ms) in enumerate(
            zip(starts_ms, ends_ms.tolist(), strict=True)
        )
    ]
    said = Speech(noise(samples), recorded_hz, tuple(words))
    placed = said.spoken_words(rate_hz, speed)
    assert all(word.start_samples <= word.end_samples for word in placed)
    assert all(a.end_samples == b.start_samples for a, b in pairwise(placed))
    assert placed[-1].end_samples <= len(said.at(rate_hz, speed))
