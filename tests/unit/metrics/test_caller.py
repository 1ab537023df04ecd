from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from voicelab.errors import RunFormatError


def test_words_stand_on_the_run_s_clock() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000, words=[("Hi", 0, 300), ("there", 350.5, 800)])
    (turn,) = log.facts().caller_turns
    assert [word.text for word in turn.words] == ["Hi", "there"]
    assert turn.words[1].start_ns == 550_500_000
    assert turn.words[1].end_ns == turn.end_ns == 1_000_000_000


@pytest.mark.parametrize(
    ("t_ms", "speech_ms"), [(0, 200), (200, 200), (300, 300), (520, 550), (600, 600)]
)
def test_speech_is_in_words(t_ms: int, speech_ms: int) -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000, words=[("Hi", 0, 300), ("there", 350, 800)])
    (turn,) = log.facts().caller_turns
    assert turn.speech_from(t_ms * 1_000_000) == speech_ms * 1_000_000


def test_without_words_all_of_a_turn_is_speech() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000)
    (turn,) = log.facts().caller_turns
    assert turn.speech_from(0) == 200_000_000
    assert turn.speech_from(500_000_000) == 500_000_000


def test_a_conversation_that_broke_off_ends_the_turn_under_way() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000)
    words = [["I", 0, 300], ("would", 300, 700), ("like", 700, 900)]
    log.add(
        1200,
        "user",
        "turn.start",
        turn=1,
        text="I would like",
        words=words,
        kind="turn",
    )
    log.frames(1600)  # the last is sent at 1.6 s, and arrives at 1.64 s
    whole, begun = log.facts().caller_turns
    assert (whole.start_ns, whole.end_ns) == (200_000_000, 1_000_000_000)
    assert (begun.start_ns, begun.end_ns) == (1_200_000_000, 1_640_000_000)
    assert begun.text == "I would"
    assert [word.end_ns for word in begun.words] == [1_500_000_000, 1_640_000_000]


def test_without_words_a_broken_off_turn_keeps_its_text() -> None:
    log = LogBuilder()
    log.add(200, "user", "turn.start", turn=0, text="I would like", kind="turn")
    log.add(900, "client", "input_audio_buffer.commit")
    (turn,) = log.facts().caller_turns
    assert (turn.text, turn.end_ns) == ("I would like", 900_000_000)


def test_a_turn_without_an_end_before_the_last_is_refused() -> None:
    log = LogBuilder()
    log.add(200, "user", "turn.start", turn=3, kind="turn")
    log.caller(4, 900, 1000)
    with pytest.raises(RunFormatError, match="turn 3 begins and never ends"):
        _ = log.facts().caller_turns
