"""The text of a turn while it is still being said.

Every so often all that was heard is recognised again. What two results in a row agree
on from the start is said to be settled: LocalAgreement-2 (Liu et al. 2020; Macháček,
Dabre and Bojar 2023). Settled text never changes. It lags: a word is settled with the
second result that has it.

So that a long turn does not cost more and more, what lies before a pause is settled
and left behind once there are more than ten seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.speech.silero import SileroScorer
from voicelab.speech.stt.model import Recogniser, Transcript
from voicelab.speech.stt.voiced import Span, find_voiced

STEP_MS = 500
"""How much is heard between two results."""

_LONG_SAMPLES = 10 * VAD_RATE_HZ
_PAUSE_SAMPLES = VAD_RATE_HZ * 3 // 10


class Partials:
    """Recognises one turn as it arrives.

    Args:
        recogniser: what to recognise with; a fast one.
        step_ms: how much is heard between two results.
    """

    def __init__(self, recogniser: Recogniser, step_ms: int = STEP_MS) -> None:
        self._recogniser = recogniser
        self._scorer = SileroScorer()
        self._step_samples = step_ms * VAD_RATE_HZ // 1_000
        self._audio = np.empty(0, np.int16)
        self._new: list[Samples] = []
        self._new_samples = 0
        self._stretch_from = 0  # what lies before it is left behind
        self._left_behind: list[str] = []
        self._settled: list[str] = []  # of the stretch
        self._last: list[str] = []

    @property
    def text(self) -> str:
        """The settled text so far."""
        return " ".join(self._left_behind + self._settled)

    def feed(self, samples: Samples) -> str | None:
        """Take int16 mono at 16 kHz; return the settled text if there is more of it.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
        self._new.append(samples.copy())
        self._new_samples += len(samples)
        if self._new_samples < self._step_samples:
            return None
        before = self.text
        self._take_in()
        self._leave_behind()
        self._settle(self._recognised(self._audio[self._stretch_from :]))
        return self.text if self.text != before else None

    def finish(self) -> Transcript:
        """Return the transcript of the whole turn, recognised once more in one piece.

        It need not begin with the settled text: what comes later may tell better
        what was said before.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
        self._take_in()
        return self._recogniser.recognise(self._audio)

    def _take_in(self) -> None:
        self._audio = np.concatenate((self._audio, *self._new))
        self._new.clear()
        self._new_samples = 0

    def _recognised(self, samples: Samples) -> list[str]:
        return self._recogniser.recognise(samples).text.split()

    def _settle(self, words: list[str]) -> None:
        """Settle what a result and the one before agree on."""
        agreed = _common_prefix(self._last, words)
        self._settled += words[len(self._settled) : agreed]
        self._last = words

    def _leave_behind(self) -> None:
        """Settle all before the last pause, once the stretch has become long."""
        stretch = self._audio[self._stretch_from :]
        if len(stretch) <= _LONG_SAMPLES:
            return
        cut = _last_pause(find_voiced(stretch, self._scorer).spans)
        if cut is None:
            return
        words = self._recognised(stretch[:cut])
        self._left_behind += self._settled + words[len(self._settled) :]
        self._settled, self._last = [], []
        self._stretch_from += cut


def _last_pause(spans: Sequence[Span]) -> int | None:
    """Return the middle of the last pause, or None."""
    for before, after in reversed(list(pairwise(spans))):
        if after.start_samples - before.end_samples >= _PAUSE_SAMPLES:
            return (before.end_samples + after.start_samples) // 2
    return None


def _common_prefix(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words two results have in common from the start.

    Case and punctuation do not count: they change with what follows.
    """
    pairs = zip(one, other, strict=False)
    return sum(
        1 for _ in takewhile(lambda pair: _bare(pair[0]) == _bare(pair[1]), pairs)
    )


def _bare(word: str) -> str:
    return "".join(sign for sign in word.lower() if sign.isalnum())
