"""Phrases cut from what the bundled agents say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import turns as bundled
from voicelab.lab.phrases import LINES, OPENINGS, Source, cut
from voicelab.responders.script import ScriptedReply, Speech, TimedWord

WORDS = (
    TimedWord("One", 100, 300),
    TimedWord("two.", 320, 500),
    TimedWord("Three", 900, 1200),
    TimedWord("four.", 1210, 1500),
)
REPLY = ScriptedReply(
    "One two. Three four.",
    Speech(np.arange(16_000 * 2).astype(np.int16), 16_000, WORDS),
)


def test_a_phrase_has_its_audio_and_its_words() -> None:
    phrase = cut([ScriptedReply("written"), REPLY], "Three four.")
    assert phrase.text == "Three four."
    assert phrase.speech is not None
    start_ms, end_ms = 840, 1560  # a margin around it
    assert phrase.speech.samples[0] == start_ms * 16
    assert len(phrase.speech.samples) == (end_ms - start_ms) * 16
    told = [(w.text, w.start_ms, w.end_ms) for w in phrase.speech.words]
    assert told == [("Three", 60, 360), ("four.", 370, 660)]


def test_no_neighbour_is_heard_in_it() -> None:
    phrase = cut([REPLY], "two.")
    assert phrase.speech is not None
    assert phrase.speech.samples[0] == 300 * 16


def test_words_in_between_may_be_left_out_of_its_name() -> None:
    assert cut([REPLY], "One ... Three").text == "One two. Three"


@pytest.mark.parametrize("phrase", ["Five", "two", "four. One"])
def test_what_nobody_says_cannot_be_cut(phrase: str) -> None:
    with pytest.raises(LookupError, match=phrase):
        cut([REPLY], phrase)


@pytest.mark.parametrize("source", [*OPENINGS, *LINES], ids=lambda source: source[1])
def test_every_phrase_is_really_said(source: Source) -> None:
    name, phrase = source
    spoken = cut(bundled.materials(name).replies, phrase)
    assert spoken.speech is not None
    length_ms = len(spoken.speech.samples) * 1000 / spoken.speech.rate_hz
    assert all(0 <= w.start_ms < w.end_ms <= length_ms for w in spoken.speech.words)
    loudness = np.abs(spoken.speech.samples.astype(int))
    edge = spoken.speech.rate_hz // 200
    assert max(loudness[:edge].max(), loudness[-edge:].max()) < loudness.max() / 2


def test_some_phrases_are_short_and_some_long_enough_to_interrupt() -> None:
    lengths_s = sorted(
        len(line.speech.samples) / line.speech.rate_hz
        for line in (cut(bundled.materials(n).replies, text) for n, text in LINES)
        if line.speech is not None
    )
    assert lengths_s[0] < 1
    assert len([length for length in lengths_s if length > 5]) >= 3
