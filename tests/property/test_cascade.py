"""Cascades whose stages take and say anything, stopped at any moment."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.support.cascades import (
    FakeChat,
    cascade_profile,
    drain,
    of_kind,
    spoken_request,
    stages,
    text,
)
from voicelab.responders.cascade import CascadeReply, CascadeResponder, Said
from voicelab.responders.profile import Constant
from voicelab.session.reply import CallPiece, SpeechPiece, StagePiece

SEEDS = range(25)
WORDS = [
    "yes",
    "no",
    "well",
    "Monday,",
    "Tuesday.",
    "nine,",
    "ten.",
    "perhaps;",
    "certainly!",
    "why?",
    "so:",
]


def made(seed: int) -> tuple[CascadeReply, str]:
    """Return a reply of random stages, and what it will say."""
    random = np.random.default_rng(seed)
    said = " ".join(random.choice(WORDS, size=int(random.integers(1, 60))))
    profile = cascade_profile(
        stt_final_ms=Constant(float(random.integers(0, 900))),
        chat_first_token_ms=Constant(float(random.integers(0, 900))),
        chat_tokens_per_s=Constant(float(random.integers(1, 200))),
        tts_first_audio_ms=Constant(float(random.integers(0, 900))),
        tts_speed=Constant(float(random.uniform(0.2, 50))),
        chunk_ms=tuple(int(ms) for ms in random.integers(1, 400, size=3)),
    )
    pieces: list[Said | CallPiece] = [*text(said), CallPiece("ring", "{}")]
    chat = FakeChat(*pieces)
    made_of = stages(chat, profile=profile)
    return CascadeResponder(made_of).respond(spoken_request(), 0), said


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_come_in_order_and_say_all(seed: int) -> None:
    reply, said = made(seed)
    taken = drain(reply)
    assert reply.finished
    instants = [at for at, _ in taken]
    assert instants == sorted(instants)
    speech = of_kind(taken, SpeechPiece)
    assert "".join(piece.text for piece in speech) == said
    placed = [word.start_samples for piece in speech for word in piece.words]
    assert placed == [place * 2400 for place in range(len(said.split()))]
    assert isinstance(taken[-1][1], CallPiece)
    total = sum(len(piece.samples) for piece in speech)
    assert total == len(placed) * 2400


@pytest.mark.parametrize("seed", SEEDS)
def test_stages_follow_each_other(seed: int) -> None:
    reply, _ = made(seed)
    taken = drain(reply)
    notes = [(at, piece) for at, piece in taken if isinstance(piece, StagePiece)]
    for at, note in notes:
        assert note.began_ms <= note.ended_ms
        assert note.ended_ms == pytest.approx(at, abs=1e-6)
    heard, *chats = [note for _, note in notes if note.stage != "tts"]
    spoken = [note for _, note in notes if note.stage == "tts"]
    assert chats[0].began_ms == heard.ended_ms
    for before, after in pairwise(chats):
        assert after.began_ms == before.ended_ms
    assert [note.clause for note in chats] == [note.clause for note in spoken]
    for chat, speech in zip(chats, spoken, strict=True):
        assert speech.began_ms >= chat.ended_ms


@pytest.mark.parametrize("seed", SEEDS)
def test_it_can_be_cancelled_at_any_moment(seed: int) -> None:
    whole, _ = made(seed)
    ends_ms = drain(whole)[-1][0]
    reply, said = made(seed)
    stop_ns = round(np.random.default_rng(seed).uniform(0, ends_ms) * 1e6)
    now_ns, heard = 0, ""
    while now_ns <= stop_ns:
        pieces = reply.take(now_ns)
        heard += "".join(p.text for p in pieces if isinstance(p, SpeechPiece))
        due_ns = reply.next_due_ns()
        assert due_ns is not None or reply.finished
        now_ns = stop_ns + 1 if due_ns is None else due_ns
    reply.cancel()
    assert reply.finished
    assert reply.next_due_ns() is None
    assert list(reply.take(10**15)) == []
    assert said.startswith(heard)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_does_not_matter_how_often_one_looks(seed: int) -> None:
    """Taken late, and all at once, the pieces are the same, and as due."""
    one, _ = made(seed)
    other, _ = made(seed)
    in_time = [piece for _, piece in drain(one)]
    late: list[object] = []
    while not other.finished:
        late += other.take(10**12)
    assert [_plain(piece) for piece in late] == [_plain(piece) for piece in in_time]


def _plain(piece: object) -> object:
    if isinstance(piece, SpeechPiece):
        return piece.samples.tobytes(), piece.words, piece.text
    return piece
