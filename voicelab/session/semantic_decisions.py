"""All turn decisions of `semantic_vad` over a whole score track.

They are those of a `TurnDetector` whose pauses are judged as they come: a property
test holds the two together. What is thought of a pause depends on where its turn
began, so they are decided one after the other; whoever tells may remember.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from voicelab.session.decisions import NO_TURNS, ScoreTrack, TurnDecisions
from voicelab.session.semantic import semantic_wait_ms
from voicelab.session.turn_detection import FRAME_MS, PAUSE_MS, Pause, TurnSettings

PauseProbability: TypeAlias = Callable[[Pause], float]
"""Tells how probably a turn is over at a pause of it, words taken into account."""


def decide_by_pauses(
    track: ScoreTrack,
    settings: TurnSettings,
    probability: PauseProbability,
    delay_ms: float = 0.0,
) -> TurnDecisions:
    """Return the turns that a fresh `TurnDetector` finds if its pauses are judged.

    Frames are taken to arrive when they end.

    Args:
        track: the scores.
        settings: those of `semantic_vad`.
        probability: what is thought of each pause; asked in the order of time.
        delay_ms: how long after the pause that counts, 0 or more.

    Raises:
        ValueError: the settings are those of `server_vad`.
    """
    if settings.eagerness is None:
        raise ValueError("pauses are judged under semantic_vad only")
    silences = track.silences(settings)
    if silences is None:
        return NO_TURNS
    turns = _Turns(settings.prefix_padding_ms)
    turns.begin(silences.first_onset)
    for silent_from, next_onset in zip(
        silences.start.tolist(), silences.next_onset.tolist(), strict=True
    ):
        asked_ms = (silent_from + _frames(PAUSE_MS) + 1) * FRAME_MS
        if asked_ms > next_onset * FRAME_MS:
            continue  # speech goes on before anybody is asked
        pause = Pause(turns.audio_start_ms, silent_from * FRAME_MS, asked_ms)
        end_ms = _end_ms(pause, settings, probability(pause), delay_ms)
        if end_ms > next_onset * FRAME_MS:
            continue
        turns.end(silent_from, end_ms)
        if next_onset < len(track):
            turns.begin(next_onset)
    return turns.decisions()


def _end_ms(
    pause: Pause, settings: TurnSettings, probability: float, delay_ms: float
) -> int:
    """Return where the turn ends if nobody speaks before."""
    longest_ms = settings.silence_duration_ms
    wait_ms = longest_ms
    if settings.eagerness is not None:
        wait_ms = min(semantic_wait_ms(probability, settings.eagerness), longest_ms)
    # an answer that comes between two frames ends the turn with the earlier one
    answered_ms = (_frames(pause.at_ms + delay_ms) - 1) * FRAME_MS
    earliest_ms = max(_lasted(pause, wait_ms), pause.at_ms, answered_ms)
    return min(earliest_ms, _lasted(pause, longest_ms))


def _lasted(pause: Pause, wait_ms: int) -> int:
    """Return the end of the frame with which the silence has lasted so long."""
    return pause.silent_from_ms + (_frames(wait_ms) + 1) * FRAME_MS


def _frames(duration_ms: float) -> int:
    return int(-(-duration_ms // FRAME_MS))


class _Turns:
    """The turns so far, by column of `TurnDecisions`."""

    def __init__(self, prefix_padding_ms: int) -> None:
        self._padding_ms = prefix_padding_ms
        self._onset_ms: list[int] = []
        self._start_ms: list[int] = []
        self._voiced_ms: list[int] = []
        self._end_ms: list[int] = []

    @property
    def audio_start_ms(self) -> int:
        return self._start_ms[-1]

    def begin(self, frame: int) -> None:
        onset_ms = frame * FRAME_MS
        floor_ms = self._end_ms[-1] if self._end_ms else 0
        self._onset_ms.append(onset_ms)
        self._start_ms.append(max(onset_ms - self._padding_ms, floor_ms))

    def end(self, silent_from: int, end_ms: int) -> None:
        self._voiced_ms.append(silent_from * FRAME_MS)
        self._end_ms.append(end_ms)

    def decisions(self) -> TurnDecisions:
        columns = (self._onset_ms, self._start_ms, self._voiced_ms, self._end_ms)
        return TurnDecisions(*(np.array(column, np.int64) for column in columns))
