"""All turn decisions over a whole score track at once, for many settings.

It decides exactly as `TurnDetector` does, frame by frame: a property test holds the
two together. What depends on the scores and the threshold alone, the silences between
voiced frames, is found once for each threshold; a silence duration then only selects
among them, and padding only moves starts.

This is `server_vad`, or `semantic_vad` whose pauses nobody judges; where they are
judged, `voicelab.session.semantic_decisions` decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicelab.session.turn_detection import FRAME_MS, TurnSettings

Milliseconds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TurnDecisions:
    """The turns that a detector finds in a track, in order of time.

    The arrays are as long as there are turns; if the track ends within a turn, the
    two of its end are one shorter. The columns mean what the fields of `TurnStart`
    and `TurnEnd` do.

    Attributes:
        onset_ms: shape (turns,).
        audio_start_ms: shape (turns,).
        last_voiced_ms: shape (turns,) or (turns - 1,).
        audio_end_ms: shape (turns,) or (turns - 1,).
    """

    onset_ms: Milliseconds
    audio_start_ms: Milliseconds
    last_voiced_ms: Milliseconds
    audio_end_ms: Milliseconds


NO_TURNS = TurnDecisions(*(np.empty(0, np.int64) for _ in range(4)))
"""What is found in a track that nothing is voiced in."""


@dataclass(frozen=True, slots=True, eq=False)
class Silences:
    """What lies between voiced frames at one threshold, in frames.

    Attributes:
        first_onset: the first voiced frame.
        start: where each silence begins: its first frame below the release threshold.
        next_onset: the voiced frame that ends it; the track's length for the last.
    """

    first_onset: int
    start: npt.NDArray[np.int64]
    next_onset: npt.NDArray[np.int64]


class ScoreTrack:
    """The scores of one recording, ready for any number of settings.

    Args:
        scores: voice-activity scores from 0 to 1, one for each frame of 32 ms.
    """

    def __init__(self, scores: Sequence[float] | npt.NDArray[np.floating]) -> None:
        self._scores = np.asarray(scores, dtype=np.float64)
        self._at: dict[float, Silences | None] = {}

    def __len__(self) -> int:
        """Return how many frames there are."""
        return len(self._scores)

    def decide(self, settings: TurnSettings) -> TurnDecisions:
        """Return the turns that a fresh `TurnDetector` finds with these settings."""
        silences = self.silences(settings)
        if silences is None:
            return NO_TURNS
        # the silence has lasted once so many further frames have begun
        frames = -(-settings.silence_duration_ms // FRAME_MS)
        ends_turn = silences.next_onset - silences.start > frames
        silent_from = silences.start[ends_turn]
        next_onset = silences.next_onset[ends_turn]
        ends_ms = (silent_from + frames + 1) * FRAME_MS
        more = next_onset[next_onset < len(self)]
        onsets_ms = np.concatenate([[silences.first_onset], more]) * FRAME_MS
        floors_ms = np.concatenate([[0], ends_ms])[: len(onsets_ms)]
        return TurnDecisions(
            onset_ms=onsets_ms,
            audio_start_ms=np.maximum(
                onsets_ms - settings.prefix_padding_ms, floors_ms
            ),
            last_voiced_ms=silent_from * FRAME_MS,
            audio_end_ms=ends_ms,
        )

    def silences(self, settings: TurnSettings) -> Silences | None:
        """Return the silences at a threshold; None if nothing reaches it."""
        if settings.threshold not in self._at:
            self._at[settings.threshold] = self._find(settings)
        return self._at[settings.threshold]

    def _find(self, settings: TurnSettings) -> Silences | None:
        voiced = np.flatnonzero(self._scores >= settings.threshold)
        if not len(voiced):
            return None
        # what is voiced is no silence, however low the threshold
        ceiling = min(settings.release_threshold, settings.threshold)
        released = np.flatnonzero(self._scores < ceiling)
        after = np.append(voiced[1:], len(self))
        place = np.searchsorted(released, voiced)
        start = np.append(released, len(self))[place]
        real = start < after
        return Silences(int(voiced[0]), start[real], after[real])
