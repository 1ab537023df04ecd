"""Replies said faster or slower: their length, words, deltas and instants."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.recordings import noise
from voicelab.audio.formats import AudioFormat
from voicelab.audio.stretch import stretch
from voicelab.responders.profile import Constant, LatencyProfile
from voicelab.responders.script import ScriptedReply, Speech, TimedWord
from voicelab.responders.scripted import ScriptedResponder
from voicelab.responders.shared_speech import SharedSpeech
from voicelab.session.reply import Piece, ReplyRequest, SpeechPiece
from voicelab.units import NS_PER_MS

RATE_HZ = 24_000
MS = 24
WORDS = (TimedWord("Good", 0, 180), TimedWord("morning.", 200, 500))


def say(
    speed: float,
    *,
    words: tuple[TimedWord, ...] = WORDS,
    modality: str = "audio",
    audio_format: AudioFormat = AudioFormat.PCM,
) -> list[tuple[float, Piece]]:
    """Return what comes of 600 ms of speech, with its instants in milliseconds."""
    profile = LatencyProfile(
        voicelab_profile=1,
        name="made",
        source="made for a test",
        modelled=True,
        time_to_first_audio_ms=Constant(500),
        speed=Constant(4),
        chunk_ms=(100,),
    )
    reply = ScriptedReply("Good morning.", Speech(noise(600 * MS), RATE_HZ, words))
    asked = ReplyRequest("resp", 0, "", modality, audio_format, speed=speed)
    stream = ScriptedResponder([reply], profile.sampler(0)).respond(asked, 0)
    taken = []
    while (due_ns := stream.next_due_ns()) is not None:
        taken += [(due_ns / NS_PER_MS, piece) for piece in stream.take(due_ns)]
    return taken


def speech(taken: list[tuple[float, Piece]]) -> list[SpeechPiece]:
    return [piece for _, piece in taken if isinstance(piece, SpeechPiece)]


def placed(taken: list[tuple[float, Piece]]) -> list[tuple[str, int, int]]:
    return [
        (word.text, word.start_samples, word.end_samples)
        for piece in speech(taken)
        for word in piece.words
    ]


def test_words_are_divided_by_the_speed() -> None:
    # at 1.25: 0-144 ms and 160-400 ms; at 0.5: 0-360 ms and 400-1000 ms
    assert placed(say(1.25)) == [("Good", 0, 3456), ("morning.", 3840, 9600)]
    assert placed(say(0.5)) == [("Good", 0, 8640), ("morning.", 9600, 24_000)]
    assert placed(say(1.0)) == [("Good", 0, 4320), ("morning.", 4800, 12_000)]


def test_on_the_telephone_too() -> None:
    slow = say(0.5, audio_format=AudioFormat.PCMU)
    assert placed(slow) == [("Good", 0, 2880), ("morning.", 3200, 8000)]
    assert sum(len(piece.samples) for piece in speech(slow)) == 1200 * 8


@pytest.mark.parametrize(("speed", "samples"), [(0.25, 57_600), (1.5, 9_600)])
def test_the_audio_is_the_stretched_recording(speed: float, samples: int) -> None:
    joined = np.concatenate([piece.samples for piece in speech(say(speed))])
    assert len(joined) == samples
    wanted = stretch(noise(600 * MS), RATE_HZ, speed)
    np.testing.assert_array_equal(joined, wanted)


def test_generating_takes_as_long_as_before() -> None:
    # 100 ms at speed 0.5 hold 50 ms of speech, of which four seconds are generated
    # in one; at 1.25 they hold 125
    assert [at for at, _ in say(0.5)][:4] == [500, 512.5, 525, 537.5]
    assert [at for at, _ in say(1.25)] == [500, 531.25, 562.5, 593.75, 625]
    assert [at for at, _ in say(1.0)] == [500, 525, 550, 575, 600, 625]


def test_each_word_comes_with_the_chunk_in_which_it_begins() -> None:
    deltas = [piece.text for piece in speech(say(0.5))]
    assert deltas == ["Good", "", "", "", " morning.", "", "", "", "", "", "", ""]


def test_a_reply_without_word_times_has_a_speed_as_well() -> None:
    taken = speech(say(1.5, words=()))
    assert sum(len(piece.samples) for piece in taken) == 400 * MS
    assert "".join(piece.text for piece in taken) == "Good morning."
    assert not any(piece.words for piece in taken)


def test_text_is_not_spoken_any_faster() -> None:
    assert say(1.5, modality="text") == say(1.0, modality="text")


def test_shared_speech_keeps_the_speeds_apart() -> None:
    shared = SharedSpeech()
    said = Speech(noise(300 * MS), RATE_HZ)
    shared.prepare([said], 16_000, 1.5)
    for speed in (1.0, 1.5):
        made = shared(said, 16_000, speed)
        np.testing.assert_array_equal(made, said.at(16_000, speed))
        assert shared(said, 16_000, speed) is made
