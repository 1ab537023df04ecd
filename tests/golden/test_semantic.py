"""`semantic_vad` with the real model on bundled conversations, streamed and at once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.support.session_pair import SessionPair
from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import vad_frames
from voicelab.audio.wav import read_audio
from voicelab.paths import data_dir
from voicelab.session.decisions import ScoreTrack
from voicelab.session.semantic import EndOfTurn, heard_frames
from voicelab.session.semantic_decisions import decide_by_pauses
from voicelab.session.turn_detection import FRAME_MS, Pause, semantic_settings
from voicelab.speech import cached_score_file
from voicelab.speech.end_of_turn import smart_turn
from voicelab.speech.end_of_turn.turn_audio import joined
from voicelab.speech.silero import SileroScorer
from voicelab.units import NS_PER_MS

RATE_HZ = 24_000
DELAY_MS = 60


@cache
def caller(name: str) -> Samples:
    recording = read_audio(data_dir() / f"conversations/{name}.wav", channel=0)
    assert recording.rate_hz == RATE_HZ
    rest = np.zeros(5 * RATE_HZ, np.int16)
    return np.concatenate([recording.samples, rest])


@cache
def streamed(name: str) -> SessionPair:
    end_of_turn = EndOfTurn(smart_turn(), delay=lambda: DELAY_MS * NS_PER_MS)
    detection = {"type": "semantic_vad", "create_response": False}
    pair = SessionPair(
        scorer=SileroScorer(),
        end_of_turn=end_of_turn,
        audio={"input": {"turn_detection": detection}},
    )
    pair.append(caller(name))
    return pair


def ends(pair: SessionPair) -> list[int]:
    stopped = pair.of("input_audio_buffer.speech_stopped")
    return [event["audio_end_ms"] for event in stopped]


@pytest.mark.parametrize("name", ["dentist", "flight-change", "book-club"])
def test_streamed_and_at_once_are_the_same(name: str) -> None:
    """What the session decides packet by packet, and the whole track at once.

    The answer comes before the shortest wait is over, so the packets' own grid makes
    no difference.
    """
    frames = vad_frames(caller(name), RATE_HZ)

    def probability(pause: Pause) -> float:
        last = pause.at_ms // FRAME_MS
        first = last - heard_frames(pause.audio_start_ms, pause.at_ms)
        return smart_turn().probability(joined(frames[first:last]))

    track = ScoreTrack(cached_score_file(SileroScorer(), frames))
    found = decide_by_pauses(track, semantic_settings("auto"), probability, DELAY_MS)
    pair = streamed(name)
    starts = pair.of("input_audio_buffer.speech_started")
    assert found.audio_end_ms.tolist() == ends(pair)
    assert found.audio_start_ms.tolist() == [e["audio_start_ms"] for e in starts]
    assert len(ends(pair)) >= 2


def notes(pair: SessionPair) -> list[dict[str, Any]]:
    return [note.data for note in pair.noted("turn.semantic")]


def test_the_model_hears_a_hesitation() -> None:
    """ "... and I'd like to move it to, [1.4 s] uh, maybe later that week?" """
    judged = {note["silent_from_ms"]: note for note in notes(streamed("dentist"))}
    hesitation, end = (
        next(note for at_ms, note in judged.items() if low < at_ms < high)
        for low, high in ((8400, 8900), (11_000, 11_400))
    )
    assert hesitation["probability"] < 0.1
    assert end["probability"] > 0.8
    assert hesitation["wait_ms"] > 3000
    assert not any(8900 < at_ms < 11_400 for at_ms in ends(streamed("dentist")))


def test_the_same_again_is_the_same_bytes() -> None:
    first = notes(streamed("dentist"))
    streamed.cache_clear()
    assert notes(streamed("dentist")) == first
