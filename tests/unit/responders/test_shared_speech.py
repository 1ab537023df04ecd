"""Speech at the wire's rates, kept for all sessions."""

from __future__ import annotations

import numpy as np

from tests.support.recordings import tone
from voicelab.responders.script import Speech
from voicelab.responders.shared_speech import SharedSpeech


def speech(frequency_hz: float = 300, duration_s: float = 1) -> Speech:
    return Speech(tone(frequency_hz, 16_000, duration_s), 16_000)


def test_it_gives_what_the_speech_gives() -> None:
    shared, said = SharedSpeech(), speech()
    for rate_hz in (8_000, 16_000, 24_000, 8_000):
        np.testing.assert_array_equal(shared(said, rate_hz), said.at(rate_hz))


def test_all_who_ask_get_the_same_array() -> None:
    shared, said = SharedSpeech(), speech()
    assert shared(said, 24_000) is shared(said, 24_000)
    assert shared(said, 24_000) is not shared(speech(), 24_000)


def test_what_was_not_asked_for_longest_goes_first() -> None:
    shared = SharedSpeech(kept_bytes=2 * 48_000)
    first, second, third = speech(200), speech(300), speech(400)
    kept = [shared(said, 24_000) for said in (first, second)]
    assert shared(first, 24_000) is kept[0]
    shared(third, 24_000)
    assert shared(first, 24_000) is kept[0]
    assert shared(second, 24_000) is not kept[1]


def test_what_is_too_large_to_keep_is_said_all_the_same() -> None:
    shared = SharedSpeech(kept_bytes=1_000)
    assert len(shared(speech(), 24_000)) == 24_000
    assert len(shared(speech(duration_s=0.01), 24_000)) == 240
