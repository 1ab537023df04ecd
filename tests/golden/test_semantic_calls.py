"""What the end-of-turn model makes of people who really talk to each other.

The recordings lie outside the repository; nobody has labelled them. How long a pause
lasts stands in for whether a turn was over: a pause of a second or more mostly was one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tests.support.recordings import shared_audio
from voicelab.audio.vad_front_end import vad_frames
from voicelab.audio.wav import read_audio
from voicelab.session.decisions import ScoreTrack, TurnDecisions
from voicelab.session.semantic import heard_frames
from voicelab.session.semantic_decisions import decide_by_pauses
from voicelab.session.turn_detection import (
    FRAME_MS,
    Pause,
    TurnSettings,
    semantic_settings,
)
from voicelab.speech import cached_score_file
from voicelab.speech.end_of_turn import smart_turn
from voicelab.speech.silero import SileroScorer

SHORT_MS = 600
LONG_MS = 1000
AUTO = semantic_settings("auto")


@dataclass(frozen=True)
class Heard:
    """A call's pauses, how long each lasts and what was thought of it; its turns."""

    lasted_ms: np.typing.NDArray[np.int64]
    probability: np.typing.NDArray[np.float64]
    judged: TurnDecisions
    by_silence: TurnDecisions


def hear(name: str) -> Heard:
    recording = read_audio(shared_audio(name))
    frames = vad_frames(recording.samples, recording.rate_hz)
    track = ScoreTrack(cached_score_file(SileroScorer(), frames))
    silences = track.silences(AUTO)
    assert silences is not None
    until_ms = dict(
        zip(silences.start * FRAME_MS, silences.next_onset * FRAME_MS, strict=True)
    )
    lasted: list[int] = []
    thought: list[float] = []

    def probability(pause: Pause) -> float:
        stop = pause.at_ms // FRAME_MS
        first = stop - heard_frames(pause.audio_start_ms, pause.at_ms)
        lasted.append(until_ms[pause.silent_from_ms] - pause.silent_from_ms)
        thought.append(smart_turn().probability(frames[first:stop].ravel()))
        return thought[-1]

    judged = decide_by_pauses(track, AUTO, probability, 60)
    by_silence = track.decide(TurnSettings())
    return Heard(np.array(lasted), np.array(thought), judged, by_silence)


@pytest.fixture(scope="module")
def call() -> Heard:
    return hear("calls/aws_call_mono_8k.wav")


def test_long_pauses_sound_over_more_often_than_short_ones(call: Heard) -> None:
    """On the telephone, too; and far from always (0.26 of 35 and 0.61 of 33)."""
    over = call.probability > 0.5
    short, long = call.lasted_ms < SHORT_MS, call.lasted_ms >= LONG_MS
    assert min(short.sum(), long.sum()) >= 30
    assert over[long].mean() > 2 * over[short].mean()
    assert 0.4 < over[long].mean() < 0.9


def test_fewer_turns_are_ended_than_by_silence_alone(call: Heard) -> None:
    assert len(call.judged.audio_end_ms) < len(call.by_silence.audio_end_ms)


def test_a_speech_with_pauses_is_cut_less_often_and_still_cut() -> None:
    """Three pauses within one sentence; the first one is spoken like an end."""
    speech = hear("jfk.wav")
    assert len(speech.by_silence.audio_end_ms) == 3
    assert len(speech.judged.audio_end_ms) == 1
    assert speech.probability[0] > 0.9
