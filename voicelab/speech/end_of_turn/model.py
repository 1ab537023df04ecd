"""What every model of the end of a turn offers: how probably the turn is over."""

from __future__ import annotations

from typing import Protocol

from voicelab.audio.pcm import Samples


class EndOfTurnModel(Protocol):
    """Judges, at a pause, whether the speaker has finished.

    The same audio gives the same bits.
    """

    @property
    def name(self) -> str:
        """What the model is called."""

    @property
    def identity(self) -> str:
        """Everything that its answers depend on, besides the audio, as one string."""

    def probability(self, samples: Samples) -> float:
        """Return how probably the turn is over, from 0 to 1.

        Args:
            samples: the turn so far or its last 8 s, with the pause at its end,
                int16 [n] at 16 kHz.
        """
