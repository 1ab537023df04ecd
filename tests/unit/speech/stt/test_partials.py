"""Text of a turn under way: what two results in a row agree on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.listening import EchoEngine, ToldRecogniser
from tests.support.recordings import speech_like
from voicelab.speech.stt import EngineRecogniser, Partials, Transcript
from voicelab.speech.stt.partials import _last_pause
from voicelab.speech.stt.voiced import Span

RATE_HZ = 16_000
HALF_A_SECOND = np.zeros(RATE_HZ // 2, np.int16)


def saying(results: Sequence[str]) -> Partials:
    """Return partials whose recogniser gives these results, one each half second."""
    tell = lambda length_s: Transcript(results[round(2 * length_s) - 1])  # noqa: E731
    return Partials(ToldRecogniser(tell))


def settled(results: Sequence[str]) -> list[str | None]:
    partials = saying(results)
    return [partials.feed(HALF_A_SECOND) for _ in results]


def test_a_word_is_settled_with_the_second_result_that_has_it() -> None:
    assert settled(["I", "I have", "I have a cat", "I have a cat"]) == [
        None,
        "I",
        "I have",
        "I have a cat",
    ]


def test_nothing_is_said_where_nothing_is_new() -> None:
    assert settled(["", "", "yes", "yes", "yes"]) == [None, None, None, "yes", None]


def test_settled_text_never_changes() -> None:
    results = ["the cap", "the cap", "the cat sat", "the cat sat down", "the cat sat"]
    assert settled(results) == [None, "the cap", None, "the cap sat", None]


def test_case_and_punctuation_are_no_disagreement() -> None:
    assert settled(["Yes.", "yes, please"]) == [None, "yes,"]


def test_it_is_recognised_once_a_step() -> None:
    recogniser = ToldRecogniser(lambda _: Transcript("yes"))
    partials = Partials(recogniser, step_ms=500)
    for _ in range(40):
        partials.feed(np.zeros(RATE_HZ // 40, np.int16))  # 25 ms
    assert recogniser.asked_samples == [RATE_HZ // 2, RATE_HZ]


def test_the_end_hears_all_of_it_again() -> None:
    partials = saying(["a", "a b", "something else"])
    for _ in range(3):
        partials.feed(HALF_A_SECOND)
    assert partials.text == "a"
    assert partials.finish().text == "something else"
    assert Partials(ToldRecogniser(lambda _: Transcript(""))).finish().text == ""


def test_what_was_fed_may_change_afterwards() -> None:
    engine = EchoEngine()
    speech = speech_like(4.0)
    partials = Partials(EngineRecogniser(engine), step_ms=4_000)
    partials.feed(first := speech[: 2 * RATE_HZ].copy())
    first[:] = 0
    partials.feed(speech[2 * RATE_HZ :])
    assert partials.finish() == EngineRecogniser(engine).recognise(speech)


def test_a_long_turn_is_not_recognised_as_a_whole_each_time() -> None:
    recogniser = ToldRecogniser(lambda length_s: Transcript(f"w{length_s:.0f}"))
    partials = Partials(recogniser)
    speech = speech_like(30.0)
    for start in range(0, len(speech), 8_000):
        partials.feed(speech[start : start + 8_000])
    assert max(recogniser.asked_samples) < 14 * RATE_HZ
    assert len(partials.text.split()) >= 2  # what was left behind is settled
    partials.finish()
    assert recogniser.asked_samples[-1] == len(speech)


def test_the_last_pause_by_hand() -> None:
    spans = [Span(0, 16_000), Span(20_800, 30_000), Span(34_799, 40_000)]
    assert _last_pause(spans) == 18_400
    assert _last_pause(spans[1:]) is None
    assert _last_pause(spans[:1]) is None
