"""The caller's words while a turn still goes on."""

from __future__ import annotations

from collections.abc import Sequence

from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.lab.recognition import ClipIndex
from voicelab.lab.spoken import SpokenTurns, lead_ms
from voicelab.lab.turns import CallerTurn
from voicelab.speech.end_of_turn import TurnAudio
from voicelab.units import samples_to_ms

PARTIAL_LAG_MS = 200
"""Words that ended later are not known yet: modelled. It is shorter than the pause
at which one asks, as of a recogniser that hears the turn again at each pause."""


class SaidSoFar:
    """Tells the words that the caller of a run is known to have said.

    Args:
        spoken: what the caller says.
    """

    def __init__(self, spoken: SpokenTurns) -> None:
        self._spoken = spoken

    def text(self, start_ms: int, until_ms: int, audio: TurnAudio) -> str | None:
        """Return the words of a turn that goes on; None if none are known."""
        del audio
        return self._spoken.said_by(start_ms, until_ms - PARTIAL_LAG_MS)


class HeardSoFar:
    """Tells the words of a caller who is recognised by the sound.

    Args:
        index: the known turns' clips, each under the number of its turn.
        turns: the turns.
    """

    def __init__(self, index: ClipIndex, turns: Sequence[CallerTurn]) -> None:
        self._index = index
        self._turns = turns

    def text(self, start_ms: int, until_ms: int, audio: TurnAudio) -> str | None:
        """Return the words of a turn that goes on; None if it is not recognised."""
        samples = audio.samples()
        heard_from_ms = until_ms - samples_to_ms(len(samples), VAD_RATE_HZ)
        spoken = SpokenTurns()
        for placement in self._index.find(samples, VAD_RATE_HZ).placements:
            turn = self._turns[placement.clip]
            spoken.add(turn, heard_from_ms + placement.start_ms + lead_ms(turn))
        return spoken.said_by(start_ms, until_ms - PARTIAL_LAG_MS)
