"""What the lab knows of what the caller has said, and which reply follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support import turns as bundled
from tests.support.recordings import noise
from voicelab.audio import AudioFormat, Samples
from voicelab.lab.relations import Opening
from voicelab.lab.spoken import (
    Heard,
    HeardOrder,
    HeardTurns,
    RecordedOrder,
    SpokenTurns,
)
from voicelab.lab.turns import CallerTurn
from voicelab.protocol.items import InputAudio, InputText, MessageItem
from voicelab.scenario.label_model import Word
from voicelab.session.reply import CallerAudio, ReplyRequest


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


# -- known by their sound -------------------------------------------------------

NAME = "dentist"
FORMAT = AudioFormat.PCM


def heard_turns() -> HeardTurns:
    return HeardTurns(bundled.own_index(NAME), bundled.materials(NAME).turns)


def clip(index: int) -> Samples:
    return bundled.commit(NAME, bundled.materials(NAME).turns[index], FORMAT)


def audio(samples: Samples, start_ms: int | None, item_id: str = "a") -> CallerAudio:
    length_ms = len(samples) * 1000 // FORMAT.rate_hz
    return CallerAudio(item_id, FORMAT, FORMAT.encode(samples), start_ms, length_ms)


def user(item_id: str, text: str | None = None) -> MessageItem:
    part = InputAudio() if text is None else InputText(text)
    return MessageItem(id=item_id, role="user", content=[part])


def request(*audios: CallerAudio, text: str | None = None) -> ReplyRequest:
    items = [user(audio.item_id) for audio in audios]
    if text is not None:
        items.append(user("text", text))
    return replace(asked(None), items=tuple(items), caller_audio=audios)


def test_a_turn_that_is_heard_has_its_words() -> None:
    heard = heard_turns().hear(audio(clip(0), 0))
    assert heard.known
    assert heard.turn == 0
    assert heard.words == bundled.materials(NAME).turns[0].text


def test_heard_in_two_commits_a_turn_has_its_words_once() -> None:
    """The second commit goes by the first one's place, to the same millisecond."""
    turn = bundled.materials(NAME).turns[0]
    whole = clip(0)
    for cut_ms in range(1500, 6000, 700):
        known = heard_turns()
        parts = whole[: 24 * cut_ms], whole[24 * cut_ms :]
        first = known.hear(audio(parts[0], 10_000, "a"))
        second = known.hear(audio(parts[1], 10_000 + cut_ms, "b"))
        assert f"{first.words} {second.words}".split() == turn.text.split()
        assert (first.turn, second.turn) == (0, 0)


def test_audio_is_recognised_once() -> None:
    known, first = heard_turns(), audio(clip(0), 0)
    assert known.hear(first) is known.hear(audio(clip(1), 9_000, first.item_id))


def test_what_is_not_known_has_no_words() -> None:
    known = heard_turns()
    known.hear(audio(clip(0), 0))
    stranger = known.hear(audio(noise(24_000), 20_000, "b"))
    assert stranger == Heard(known=False)


def test_silence_after_a_turn_holds_no_words_and_leaves_the_turn() -> None:
    known = heard_turns()
    known.hear(audio(clip(1), 0))
    silence = np.zeros(24_000, np.int16)
    assert known.hear(audio(silence, 20_000, "b")) == Heard(True, turn=1, words="")


def test_audio_given_as_an_item_stands_by_itself() -> None:
    known = heard_turns()
    known.hear(audio(clip(3), 40_000))
    given = known.hear(audio(clip(1), None, "given"))
    assert given == Heard(True, 1, bundled.materials(NAME).turns[1].text)
    assert known.hear(audio(clip(4), 60_000, "c")).turn == 4
    assert not known.hear(audio(noise(9_000), None, "x")).known


def test_the_reply_follows_the_turn_that_is_heard() -> None:
    order = HeardOrder(heard_turns(), [7, 5, 6, None, 2, 3], 9)
    first, third, last = audio(clip(0), 0), audio(clip(3), 9_000, "b"), clip(1)
    assert order(request(first)) == 7
    assert order(request(first, third)) is None
    assert order(request(first, third, audio(last, 40_000, "c"))) == 5
    assert order(request(first, third, audio(last, 40_000, "c"))) == 5


def test_what_is_not_known_gets_the_next_reply() -> None:
    order = HeardOrder(heard_turns(), [1, 2, 3, 4, 5, 6], 4)
    assert order(request()) == 0
    stranger = audio(noise(24_000), 0, "x")
    assert order(request(stranger)) == 1
    assert order(request(stranger, text="and then?")) == 2
    assert order(request(audio(clip(0), 9_000, "b"))) == 1
    assert [order(request(text="more")) for _ in range(4)] == [2, 3, 3, 3]
