"""Transcripts that come when their transcriber has them, and what it is given."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.session_pair import (
    MANUAL,
    Event,
    SessionPair,
    level,
    types,
    user_text,
)
from voicelab.audio import AudioFormat
from voicelab.session.reply import (
    CallerAudio,
    FailurePiece,
    TextPiece,
    TranscriptPiece,
    TranscriptStream,
)

PREFIX = "conversation.item.input_audio_transcription."
TRANSCRIBED: Event = {
    "audio": {
        "input": {"transcription": {"model": "whisper-1"}, **MANUAL["audio"]["input"]}
    }
}


class Slow:
    """A transcript whose pieces come when a test says so."""

    def __init__(self, audio: CallerAudio) -> None:
        self.audio = audio
        self.pieces: list[TranscriptPiece] = []
        self.due_ns: int | None = None
        self.finished = False
        self.cancelled = False

    def next_due_ns(self) -> int | None:
        return self.due_ns

    def take(self, now_ns: int) -> Sequence[TranscriptPiece]:
        if self.due_ns is not None and self.due_ns <= now_ns:
            self.due_ns = None
        pieces, self.pieces = self.pieces, []
        return pieces

    def cancel(self) -> None:
        self.cancelled = True


class Recogniser:
    """Works beside the session, as one that asks a model does."""

    def __init__(self) -> None:
        self.streams: list[Slow] = []
        self.due_ns: int | None = None

    def transcribe(self, audio: CallerAudio, _now_ns: int) -> TranscriptStream:
        stream = Slow(audio)
        stream.due_ns = self.due_ns
        self.streams.append(stream)
        return stream


def committed(*texts: str) -> tuple[SessionPair, Recogniser]:
    recogniser = Recogniser()
    pair = SessionPair(transcriber=recogniser, **TRANSCRIBED)
    for index in range(max(len(texts), 1)):
        pair.append(level(200 + 100 * index))
        pair.commit()
    return pair, recogniser


def report(pair: SessionPair) -> list[tuple[str, str | None]]:
    """Wake the session; return what it says of transcripts."""
    pair.server.advance(pair.now_ns)
    return [
        (
            event["type"].removeprefix(PREFIX),
            event.get("delta", event.get("transcript")),
        )
        for event in pair.collect()
    ]


def test_words_are_reported_as_they_come() -> None:
    pair, recogniser = committed()
    (stream,) = recogniser.streams
    assert pair.server.next_deadline() is None
    assert report(pair) == []
    stream.pieces = [TextPiece("good"), TextPiece(" morning")]
    assert report(pair) == [("delta", "good"), ("delta", " morning")]
    stream.pieces, stream.finished = [TextPiece(" Ann")], True
    assert report(pair) == [("delta", " Ann"), ("completed", "good morning Ann")]
    assert report(pair) == []


def test_the_session_asks_to_be_woken_when_words_are_due() -> None:
    recogniser = Recogniser()
    pair = SessionPair(transcriber=recogniser, **TRANSCRIBED)
    pair.append(level(200))
    recogniser.due_ns = pair.now_ns + 5_000_000
    pair.commit()
    assert pair.server.next_deadline() == recogniser.due_ns


def test_a_later_commit_may_be_understood_first() -> None:
    pair, recogniser = committed("a", "b")
    first, second = recogniser.streams
    second.pieces, second.finished = [TextPiece("second")], True
    assert report(pair)[-1] == ("completed", "second")
    first.pieces, first.finished = [TextPiece("first")], True
    assert report(pair)[-1] == ("completed", "first")
    ids = [event["item_id"] for event in pair.of(f"{PREFIX}completed")]
    assert ids == [second.audio.item_id, first.audio.item_id]
    durations = [e["usage"]["seconds"] for e in pair.of(f"{PREFIX}completed")]
    assert durations == [0.3, 0.2]


def test_a_failure_ends_a_transcript_and_names_its_reason() -> None:
    pair, recogniser = committed()
    (stream,) = recogniser.streams
    stream.pieces = [TextPiece("half"), FailurePiece("model_down", "No model answers.")]
    assert [kind for kind, _ in report(pair)] == ["delta", "failed"]
    error = pair.last(f"{PREFIX}failed")["error"]
    assert (error["code"], error["message"]) == ("model_down", "No model answers.")
    assert stream.cancelled
    stream.pieces, stream.finished = [TextPiece("late")], True
    assert report(pair) == []


def test_whoever_listens_stops_when_the_client_is_gone() -> None:
    pair, recogniser = committed("a", "b")
    pair.server.close(pair.now_ns)
    assert all(stream.cancelled for stream in recogniser.streams)
    assert pair.server.next_deadline() is None


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_the_transcriber_gets_the_audio_that_was_committed(
    audio_format: AudioFormat,
) -> None:
    recogniser = Recogniser()
    pair = SessionPair(transcriber=recogniser, **TRANSCRIBED)
    pair.update(audio={"input": {"format": {"type": audio_format.value}}})
    samples = (np.sin(np.arange(audio_format.rate_hz // 4) / 9) * 9000).astype(np.int16)
    pair.append(samples)
    pair.commit()
    pair.append(samples[::-1])
    pair.commit()
    first, second = (stream.audio for stream in recogniser.streams)
    assert (first.start_ms, first.duration_ms) == (0, 250)
    assert (second.start_ms, second.duration_ms) == (250, 250)
    assert first.rate_hz == audio_format.rate_hz
    wire = audio_format.encode(samples)
    np.testing.assert_array_equal(first.samples, audio_format.decode(wire))
    np.testing.assert_array_equal(second.samples, audio_format.decode(wire)[::-1])
    assert first.item_id == pair.of("input_audio_buffer.committed")[0]["item_id"]


def test_the_responder_gets_the_audio_of_the_items_it_answers() -> None:
    pair = SessionPair(**MANUAL)
    pair.append(level(200))
    pair.commit()
    pair.say("and this")
    pair.create(_spoken_item("given", level(120)))
    pair.respond()
    request = pair.responder.requests[-1]
    audios = list(request.caller_audio)
    told = [(a.item_id, a.start_ms, a.duration_ms) for a in audios]
    committed_id = pair.last("input_audio_buffer.committed")["item_id"]
    assert told == [(committed_id, 0, 200), ("given", None, 120)]
    np.testing.assert_array_equal(audios[1].samples, level(120))


def test_a_response_of_its_own_input_gets_no_other_audio() -> None:
    pair = SessionPair(**MANUAL)
    pair.append(level(200))
    pair.commit()
    pair.respond(conversation="none", input=[user_text("only this")])
    assert not list(pair.responder.requests[-1].caller_audio)


def test_half_a_sample_of_given_audio_is_left_out() -> None:
    pair = SessionPair(**MANUAL)
    item = _spoken_item("odd", level(100))
    item["content"][0]["audio"] = _base64(level(100).tobytes() + b"\x01")
    assert "error" not in types(pair.create(item))
    pair.respond()
    (audio,) = pair.responder.requests[-1].caller_audio
    np.testing.assert_array_equal(audio.samples, level(100))


def _spoken_item(item_id: str, samples: Any) -> Event:
    part = {"type": "input_audio", "audio": _base64(samples.tobytes())}
    return {"id": item_id, "type": "message", "role": "user", "content": [part]}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
