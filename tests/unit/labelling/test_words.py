"""Words handed out to turns, by hand."""

from __future__ import annotations

import numpy as np

from tests.support.listening import ToldRecogniser
from voicelab.labelling.turns import FoundTurn, Stretch
from voicelab.labelling.words import recognise_turns
from voicelab.scenario import Word
from voicelab.speech.stt import RecognisedWord, Transcript

SAMPLES = np.zeros(16_000 * 100, np.int16)


def turn(start_ms: float, end_ms: float) -> FoundTurn:
    return FoundTurn((Stretch(start_ms, end_ms),))


def telling(*words: tuple[str, float, float]) -> ToldRecogniser:
    heard = tuple(RecognisedWord(*word) for word in words)
    transcript = Transcript(" ".join(word.text for word in heard), heard)
    return ToldRecogniser(lambda _: transcript, has_word_times=True)


def test_a_word_goes_to_the_turn_that_it_overlaps_most() -> None:
    # heard from 300 ms before the first turn: 0 ms is 700 ms of the recording
    told = telling(("one", 300, 800), ("two", 1_250, 1_700), ("three", 1_800, 2_000))
    done: list[int] = []
    spoken = recognise_turns(
        SAMPLES, [turn(1_000, 2_000), turn(2_100, 3_000)], told, done.append
    )
    assert spoken.texts == ["one", "two three"]
    assert spoken.words == [
        (Word("one", 1_000, 1_500),),
        (Word("two", 2_100, 2_400), Word("three", 2_500, 2_700)),
    ]
    assert told.asked_samples == [2_600 * 16]
    assert done == [2]


def test_what_lies_outside_is_pulled_in_or_left_out() -> None:
    told = telling(("in", 0, 100), ("far", 1_650, 1_750), ("end", 1_290, 1_500))
    spoken = recognise_turns(SAMPLES, [turn(1_000, 2_000)], told, lambda _: None)
    assert spoken.texts == ["in end"]
    assert spoken.words == [(Word("in", 1_000, 1_010), Word("end", 1_990, 2_000))]
    assert spoken.astray == 1


def test_turns_are_heard_together_up_to_a_portion() -> None:
    told = telling()
    turns = [turn(10_000.0 * k, 10_000.0 * k + 9_000) for k in range(5)]
    done: list[int] = []
    spoken = recognise_turns(SAMPLES, turns, told, done.append)
    assert done == [2, 2, 1]
    assert told.asked_samples[0] == 16 * 19_300  # the first begins at 0
    assert spoken.texts == [""] * 5
    assert spoken.words == [()] * 5


def test_without_word_times_each_turn_is_heard_alone() -> None:
    told = ToldRecogniser(lambda length_s: Transcript(f"{length_s:g}"))
    spoken = recognise_turns(
        SAMPLES, [turn(1_000, 2_000), turn(3_000, 5_000)], told, lambda _: None
    )
    assert spoken.texts == ["1.6", "2.6"]
    assert spoken.words == [(), ()]


def test_no_turn_is_no_work() -> None:
    told = telling()
    assert recognise_turns(SAMPLES, [], told, lambda _: None).texts == []
    assert told.asked_samples == []
