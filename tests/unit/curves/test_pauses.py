"""Pauses of a corpus: which audio the model hears, and which words count."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.curves import corpus, heard, scores_of
from voicelab.audio.pcm import Samples
from voicelab.curves.judging import items_of
from voicelab.curves.pauses import PauseMemory
from voicelab.metrics.caller import HeldWord
from voicelab.session.semantic import UNFINISHED_PROBABILITY
from voicelab.session.turn_detection import Pause, TurnSettings, semantic_settings
from voicelab.units import NS_PER_MS


class Listening:
    """Answers with what it was told, and keeps what it heard."""

    name = "listening"
    identity = "listening/1"

    def __init__(self, answer: float = 0.9) -> None:
        self._answer = answer
        self.heard: list[list[int]] = []

    def probability(self, samples: Samples) -> float:
        self.heard.append(np.unique(samples).tolist())
        return self._answer


def numbered(first: int, count: int) -> np.typing.NDArray[np.int16]:
    """Return frames that are filled with their number."""
    numbers = np.arange(first, first + count, dtype=np.int16)
    return np.repeat(numbers[:, None], 512, axis=1)


FRAMES = [numbered(0, 100), numbered(1000, 100)]


def test_the_model_hears_the_turn_from_its_own_conversation() -> None:
    """The second conversation begins at 4000 ms: frames 10 to 16 of it are heard."""
    model = Listening()
    memory = PauseMemory(model, FRAMES, [0, 4000])
    assert memory(Pause(4320, 4352, 4544)) == 0.9
    assert model.heard == [[*range(1010, 1017)]]


def test_padding_does_not_reach_into_the_conversation_before() -> None:
    model = Listening()
    PauseMemory(model, FRAMES, [0, 4000])(Pause(3900, 4000, 4224))
    assert model.heard == [[*range(1000, 1007)]]


def test_each_pause_is_asked_about_once() -> None:
    model = Listening()
    memory = PauseMemory(model, FRAMES, [0, 4000])
    for _ in range(2):
        memory(Pause(0, 96, 320))
    memory(Pause(32, 96, 320))
    assert len(model.heard) == 2


@pytest.mark.parametrize(
    ("until_ms", "expected"),
    [(499, 0.9), (500, UNFINISHED_PROBABILITY), (700, 0.9)],
)
def test_the_words_known_by_then_count(until_ms: int, expected: float) -> None:
    """ "to" ends at 300 ms and is known 200 ms later; "you" at 500."""
    words = [
        HeldWord("to", 100 * NS_PER_MS, 300 * NS_PER_MS),
        HeldWord("you", 300 * NS_PER_MS, 500 * NS_PER_MS),
    ]
    memory = PauseMemory(Listening(), FRAMES, [0, 4000], [words, []])
    assert memory(Pause(0, 320, until_ms)) == expected


def test_words_from_before_the_turn_do_not_count() -> None:
    words = [HeldWord("to", 100 * NS_PER_MS, 300 * NS_PER_MS)]
    memory = PauseMemory(Listening(), FRAMES, [0, 4000], [words, []])
    assert memory(Pause(101, 320, 544)) == 0.9


def test_a_corpus_decides_by_pauses_where_the_settings_say_so() -> None:
    """Ten frames of speech from 320 ms on: silence from 640, over by 400 ms of it."""
    call = heard([("turn", 320, 640)], 3000)
    made = corpus((call, scores_of(100, (10, 20))), longest_ms=4000)
    eager = semantic_settings("auto")
    patient = items_of(made, eager)
    assert patient.ended.tolist() == [False]  # nobody judges
    made.judge_pauses(Listening(1.0), [numbered(0, 100)])
    (end_ns,) = items_of(made, eager).audio_end_ns
    assert end_ns == (640 + 416 + 32) * NS_PER_MS
    (end_ns,) = items_of(made, TurnSettings(silence_duration_ms=640)).audio_end_ns
    assert end_ns == (640 + 640 + 32) * NS_PER_MS
