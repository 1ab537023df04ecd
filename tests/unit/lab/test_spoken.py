"""What the lab knows of what the caller has said, and which reply follows from it."""

from __future__ import annotations

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.lab.relations import Opening
from voicelab.lab.spoken import RecordedOrder, SpokenTurns
from voicelab.lab.turns import CallerTurn
from voicelab.scenario.label_model import Word
from voicelab.session.reply import ReplyRequest


def turn(index: int, *words: Word) -> CallerTurn:
    return CallerTurn(
        index=index,
        kind="turn",
        text=" ".join(word.text for word in words),
        words=words,
        clip=np.zeros(8_000, np.int16),
        rate_hz=8_000,
        onset_samples=0,
        speech_samples=8_000,
        recorded_ms=0,
        relation=Opening(0),
    )


def asked(input_end_ms: int | None) -> ReplyRequest:
    return ReplyRequest(
        response_id="resp_1",
        ordinal=0,
        instructions="",
        modality="audio",
        format=AudioFormat.PCM,
        input_end_ms=input_end_ms,
    )


def spoken() -> SpokenTurns:
    said = SpokenTurns()
    said.add(turn(0, Word("One", 0, 300), Word("two.", 400, 600)), 1000)
    said.add(turn(1, Word("Three.", 0, 500)), 5000)
    return said


def test_words_count_by_their_midpoints() -> None:
    said = spoken()
    assert said.transcribe(0, 10_000) == "One two. Three."
    assert said.transcribe(1150, 1500) == "One"
    assert said.transcribe(1151, 1500) == ""
    assert said.transcribe(1151, 5251) == "two. Three."


def test_without_word_times_nothing_is_transcribed() -> None:
    said = SpokenTurns()
    said.add(turn(0), 0)
    assert said.transcribe(0, 10_000) is None
    assert SpokenTurns().transcribe(0, 10_000) is None


def test_the_reply_is_the_one_that_followed_the_turn_spoken_last() -> None:
    order = RecordedOrder(spoken(), [4, None])
    assert order(asked(1500)) == 4
    assert order(asked(5000)) == 4  # the next turn has only just begun
    assert order(asked(6000)) is None


def test_cut_in_and_asked_again_the_agent_says_the_same_again() -> None:
    order = RecordedOrder(spoken(), [4, 5])
    assert [order(asked(ms)) for ms in (1300, 1700, 1700)] == [4, 4, 4]


def test_an_agent_that_opens_says_its_first_line() -> None:
    assert RecordedOrder(SpokenTurns(), [3])(asked(None)) == 0


def test_noise_before_any_turn_gets_no_reply() -> None:
    assert RecordedOrder(SpokenTurns(), [3])(asked(900)) is None
    assert RecordedOrder(spoken(), [3, 4])(asked(900)) is None
