"""The responder that plays the caller back."""

from __future__ import annotations

import numpy as np

from tests.support.cascades import spoken_request, written_request
from tests.support.recordings import noise
from voicelab.responders.echo import EchoResponder
from voicelab.responders.profile import LatencySampler, load_profile
from voicelab.responders.scripted import TimedReply
from voicelab.session.reply import Piece, SpeechPiece, TextPiece


def sampler() -> LatencySampler:
    return load_profile("instant").sampler(1)


def pieces(reply: TimedReply) -> list[Piece]:
    return list(reply.take(10**15))


def test_speech_comes_back_as_it_was() -> None:
    spoken = pieces(EchoResponder(sampler()).respond(spoken_request(), 0))
    audio = [piece.samples for piece in spoken if isinstance(piece, SpeechPiece)]
    assert np.array_equal(np.concatenate(audio), noise(4800))
    assert all(not piece.words for piece in spoken if isinstance(piece, SpeechPiece))


def test_known_words_are_its_transcript() -> None:
    echo = EchoResponder(sampler(), lambda _audio: "hello there")
    spoken = pieces(echo.respond(spoken_request(), 0))
    texts = [piece.text for piece in spoken if isinstance(piece, SpeechPiece)]
    assert "".join(texts) == "hello there"
    written = pieces(echo.respond(spoken_request(modality="text"), 0))
    assert written == [TextPiece("hello"), TextPiece(" there")]


def test_writing_comes_back_in_writing_only() -> None:
    asked = written_request("Hello", modality="text")
    assert pieces(EchoResponder(sampler()).respond(asked, 0)) == [TextPiece("Hello")]
    assert pieces(EchoResponder(sampler()).respond(written_request("Hi"), 0)) == []
    assert pieces(EchoResponder(sampler()).respond(spoken_request(items=()), 0)) == []
