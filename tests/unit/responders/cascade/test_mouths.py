"""Voices as mouths: words at the rate and the speed that are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise
from voicelab.responders.cascade import Clause, VoiceMouth
from voicelab.speech.tts import Synthesised, SynthesisedWord


class Voice:
    """Says everything in one second of 8 kHz, at half and at double speed too."""

    name = identity = "made"
    rate_hz = 8000

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        self.asked.append((text, speed))
        if not text:
            return Synthesised(np.empty(0, np.int16), 8000, ())
        words = (SynthesisedWord("Good", 0, 4000), SynthesisedWord("day.", 4000, 8000))
        return Synthesised(noise(8000), 8000, words)


def test_words_are_placed_at_the_wires_rate() -> None:
    audio = VoiceMouth(Voice()).say(Clause("Good day."), 24_000, 1.0)
    assert len(audio.samples) == 24_000
    placed = [(word.text, word.start_samples, word.end_samples) for word in audio.words]
    assert placed == [("Good", 0, 12_000), ("day.", 12_000, 24_000)]


@pytest.mark.parametrize(
    ("speed", "own", "samples"),
    [(1.5, 1.5, 8000), (4.0, 2.0, 4000), (0.25, 0.5, 16_000)],
)
def test_beyond_its_own_speeds_it_is_stretched(
    speed: float, own: float, samples: int
) -> None:
    voice = Voice()
    audio = VoiceMouth(voice).say(Clause("Good day."), 8000, speed)
    assert voice.asked == [("Good day.", own)]
    assert len(audio.samples) == pytest.approx(samples, abs=1)
    assert audio.words[-1].end_samples == samples


def test_what_cannot_be_said_is_silence() -> None:
    audio = VoiceMouth(Voice()).say(Clause(""), 8000, 1.0)
    assert len(audio.samples) == 0
    assert audio.words == ()
