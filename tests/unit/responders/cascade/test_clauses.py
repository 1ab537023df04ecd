"""Replies cut into clauses."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.cascades import spoken_request, written_request
from tests.support.recordings import noise
from voicelab.errors import InputError
from voicelab.responders.cascade import Clause, EchoChat, RecordedMouth, Said, Turn
from voicelab.responders.cascade.chats import word_by_word
from voicelab.responders.cascade.clauses import ClauseCutter, recorded_clauses
from voicelab.responders.script import ScriptedReply, Speech, TimedWord

RATE_HZ = 8000


def reply(text: str) -> ScriptedReply:
    """Return a reply of 100 ms a word, and 50 ms of breath at the end."""
    words = tuple(
        TimedWord(word, place * 100, place * 100 + 90)
        for place, word in enumerate(text.split())
    )
    samples = noise(len(words) * 800 + 400)
    return ScriptedReply(text, Speech(samples, RATE_HZ, words))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Good morning, this is Ann.", ["Good morning,", "this is Ann."]),
        ("No, that is all.", ["No, that is all."]),  # one word is no clause
        ('He said "stop." And then', ['He said "stop."', "And then"]),
        ("One", ["One"]),
        ("We open at 9.30 today", ["We open at 9.30 today"]),
    ],
)
def test_a_recorded_reply_is_cut_at_its_punctuation(
    text: str, clauses: list[str]
) -> None:
    said = list(recorded_clauses(reply(text)))
    assert "".join(each.text for each in said) == text
    assert [each.text.strip() for each in said] == clauses


def test_without_word_times_a_reply_is_not_cut() -> None:
    whole = ScriptedReply("Yes, of course.", Speech(noise(800), RATE_HZ))
    (said,) = recorded_clauses(whole)
    assert said.text == "Yes, of course."
    audio = RecordedMouth().say(Clause(said.text, said.recorded), RATE_HZ, 1.0)
    assert np.array_equal(audio.samples, noise(800))
    assert list(recorded_clauses(ScriptedReply("Only text."))) == []


@pytest.mark.parametrize(
    ("rate_hz", "speed"), [(8000, 1.0), (24_000, 1.0), (8000, 1.5)]
)
def test_the_clauses_together_are_the_recording(rate_hz: int, speed: float) -> None:
    whole = reply("Good morning, this is Ann, at the desk.")
    assert whole.speech is not None
    mouth = RecordedMouth()
    parts = [
        mouth.say(Clause(each.text, each.recorded), rate_hz, speed)
        for each in recorded_clauses(whole)
    ]
    expected = whole.speech.at(rate_hz, speed)
    assert np.array_equal(np.concatenate([part.samples for part in parts]), expected)
    assert [len(part.words) for part in parts] == [2, 3, 3]
    assert parts[1].words[0].start_samples == 0
    for part in parts:
        ends = [word.end_samples for word in part.words]
        assert ends == sorted(ends)
        assert ends[-1] <= len(part.samples)


def test_what_nobody_recorded_cannot_be_played() -> None:
    with pytest.raises(InputError, match=r"no recording of 'Hello\.'"):
        RecordedMouth().say(Clause("Hello."), RATE_HZ, 1.0)


def test_a_text_is_cut_while_it_is_written() -> None:
    cutter = ClauseCutter()
    text = "We are open from nine to six. Which day would suit you best?"
    cut: list[str] = []
    for said in word_by_word(text):
        cut += [clause.text for clause in cutter.feed(said)]
    assert cut, "the first clause waits for the end of the text"
    cut += [clause.text for clause in cutter.finish()]
    assert " ".join(" ".join(cut).split()) == text
    assert cutter.finish() == []


def test_an_echo_says_what_it_understood() -> None:
    heard = Turn(spoken_request(), {"item_1": "are you  there"})
    assert list(EchoChat().answer(heard)) == [
        Said("are"),
        Said(" you"),
        Said(" there"),
    ]
    assert list(EchoChat().answer(Turn(written_request("Hm.")))) == [Said("Hm.")]
    assert list(EchoChat().answer(Turn(spoken_request(items=())))) == []
