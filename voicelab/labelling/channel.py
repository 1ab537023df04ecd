"""One channel of a recording on its way to labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicelab.audio.pcm import Samples
from voicelab.labelling.turns import FoundTurn, Stretch
from voicelab.labelling.words import Spoken
from voicelab.scenario.label_model import SpeakerName


@dataclass(slots=True)
class Channel:
    """One channel and what was found on it.

    Attributes:
        speaker: who is heard on it; `unknown` if both are.
        samples: its audio, int16 at 16 kHz.
        stretches: where somebody speaks.
        turns: the turns that they make.
        spoken: what was recognised of them; None if nobody listened.
    """

    speaker: SpeakerName
    samples: Samples
    stretches: Sequence[Stretch]
    turns: Sequence[FoundTurn] = ()
    spoken: Spoken | None = None
