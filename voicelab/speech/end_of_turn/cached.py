"""Answers of an end-of-turn model, kept by what it heard."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import cache

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.speech.cache import ArrayCache, cache_key, default_cache
from voicelab.speech.end_of_turn.model import EndOfTurnModel
from voicelab.speech.end_of_turn.smart_turn import SmartTurn
from voicelab.speech.end_of_turn.turn_audio import TurnAudio

KEPT_ANSWERS = 100_000
"""Answers kept in memory, in some 20 MB; the oldest are forgotten first."""


class CachedEndOfTurn:
    """A model in front of another one that is asked only for what is new.

    An answer is kept in memory and on disk under a hash of the audio, and under one
    of the wire's audio, which spares the resampling. Answers are the same bits as
    those of the model behind.

    Args:
        model: the model behind.
        cache: where to keep answers; left out, the default cache.

    Attributes:
        model: the model behind.
    """

    def __init__(self, model: EndOfTurnModel, cache: ArrayCache | None = None) -> None:
        self.model = model
        self._cache = cache
        self._answers: OrderedDict[str, float] = OrderedDict()

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.model.name

    @property
    def identity(self) -> str:
        """The identity of the model behind: the answers are the same."""
        return self.model.identity

    def warm_up(self) -> None:
        """Let the model load what it needs, whatever is known already.

        Raises:
            MissingPartError: it cannot be loaded.
        """
        self.model.probability(np.empty(0, np.int16))

    def probability(self, samples: Samples) -> float:
        """Return how probably the turn is over, from 0 to 1.

        Args:
            samples: the turn so far, int16 [n] at 16 kHz.
        """
        heard = np.ascontiguousarray(samples).data
        key = cache_key("end-of-turn", self.identity, heard)
        return self._answer(key, lambda: self.model.probability(samples))

    def probability_of(self, audio: TurnAudio) -> float:
        """Return the same of audio as it came over the wire."""
        key = cache_key("end-of-turn-wire", self.identity, audio.digest())
        return self._answer(key, lambda: self.probability(audio.samples()))

    def _answer(self, key: str, ask: Callable[[], float]) -> float:
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._kept(key, ask)
            while len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def _kept(self, key: str, ask: Callable[[], float]) -> float:
        """Return the answer on disk, or ask for it and keep it there."""
        cache = default_cache() if self._cache is None else self._cache
        match cache.load(key):
            case [kept] if kept.dtype == np.float64 and kept.shape == (1,):
                return float(kept.item())
        answer = ask()
        cache.store(key, np.array([answer]))
        return answer


@cache
def smart_turn() -> CachedEndOfTurn:
    """Return the bundled model, cached; it is shared by the whole process."""
    return CachedEndOfTurn(SmartTurn())


def probability_of(model: EndOfTurnModel, audio: TurnAudio) -> float:
    """Return how probably the turn is over, by any model.

    Args:
        model: who is asked.
        audio: the turn so far, as it came over the wire.
    """
    if isinstance(model, CachedEndOfTurn):
        return model.probability_of(audio)
    return model.probability(audio.samples())
