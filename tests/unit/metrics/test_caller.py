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


def test_a_turn_without_an_end_is_refused() -> None:
    log = LogBuilder()
    log.add(200, "user", "turn.start", turn=3, kind="turn")
    with pytest.raises(RunFormatError, match="turn 3 begins and never ends"):
        _ = log.facts().caller_turns
