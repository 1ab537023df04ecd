"""Judgements of pauses without a model."""

from __future__ import annotations

from hashlib import blake2b

from voicelab.audio.pcm import Samples
from voicelab.session.semantic import EndOfTurn
from voicelab.units import NS_PER_MS


class Melody:
    """Thinks this or that of a pause, and of the same audio always the same."""

    name = "melody"
    identity = "melody/1"

    def probability(self, samples: Samples) -> float:
        return blake2b(samples.tobytes(), digest_size=1).digest()[0] / 255


def judged_at_random(delay_ms: int = 60) -> EndOfTurn:
    """Return what judges pauses by nothing in particular."""
    return EndOfTurn(Melody(), delay=lambda: delay_ms * NS_PER_MS)
