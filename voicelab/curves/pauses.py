"""What is thought of the pauses in a corpus, each asked once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voicelab.lab.so_far import PARTIAL_LAG_MS
from voicelab.metrics.caller import HeldWord
from voicelab.session.semantic import Judgement, heard_frames
from voicelab.session.turn_detection import FRAME_MS, Pause
from voicelab.speech.end_of_turn import EndOfTurnModel, unfinished
from voicelab.speech.vad import Frames
from voicelab.units import NS_PER_MS


class PauseMemory:
    """Answers by what is heard; eagerness makes no difference to them.

    Args:
        model: who is asked.
        frames: of each conversation, all that the detector hears.
        begin_ms: where each conversation begins in the corpus, in order.
        words: of each conversation, what the caller says; None if only the melody
            counts.
    """

    def __init__(
        self,
        model: EndOfTurnModel,
        frames: Sequence[Frames],
        begin_ms: Sequence[int],
        words: Sequence[Sequence[HeldWord]] | None = None,
    ) -> None:
        self._model = model
        self._frames = tuple(frames)
        self._begin_ms = np.asarray(begin_ms, np.int64)
        self._words = words
        self._answers: dict[tuple[int, int], float] = {}

    def __call__(self, pause: Pause) -> float:
        """Return how probably the turn is over at a pause; positions in the corpus."""
        key = (pause.audio_start_ms, pause.at_ms)
        if key not in self._answers:
            self._answers[key] = self._judge(pause).counted_probability
        return self._answers[key]

    def _judge(self, pause: Pause) -> Judgement:
        take = int(np.searchsorted(self._begin_ms, pause.at_ms, "right")) - 1
        begin_ms = int(self._begin_ms[take])
        at_ms = pause.at_ms - begin_ms
        # no turn's audio reaches back into the conversation before
        start_ms = max(pause.audio_start_ms - begin_ms, 0)
        stop = at_ms // FRAME_MS
        first = stop - heard_frames(start_ms, at_ms)
        heard = self._frames[take][first:stop].ravel()
        probability = self._model.probability(heard)
        if self._words is None:
            return Judgement(probability)
        text = _said(self._words[take], start_ms, at_ms - PARTIAL_LAG_MS)
        return Judgement(probability, text, unfinished(text))


def _said(words: Sequence[HeldWord], start_ms: int, until_ms: int) -> str:
    start_ns, until_ns = start_ms * NS_PER_MS, until_ms * NS_PER_MS
    return " ".join(
        word.text
        for word in words
        if start_ns <= word.start_ns and word.end_ns <= until_ns
    )
