"""A cascade whose every stage does as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.recordings import noise
from voicelab.audio.formats import AudioFormat
from voicelab.protocol.items import InputAudio, InputText, MessageItem
from voicelab.responders.cascade import (
    CascadeProfile,
    CascadeReply,
    ChatPiece,
    Clause,
    ClauseAudio,
    KnownEars,
    Said,
    SharedHearing,
    Stages,
    Turn,
)
from voicelab.responders.profile import Constant
from voicelab.session.reply import CallerAudio, Piece, ReplyRequest, SpokenWord
from voicelab.session.work import INLINE, Fatal, Work
from voicelab.units import NS_PER_MS

RATE_HZ = 24_000
MS = 24


def cascade_profile(**changes: Any) -> CascadeProfile:
    """Return a profile of round numbers: a token each 100 ms, speech 4 x real time."""
    fields: dict[str, Any] = {
        "voicelab_cascade_profile": 1,
        "name": "made",
        "source": "made for a test",
        "modelled": True,
        "stt_final_ms": Constant(300),
        "chat_first_token_ms": Constant(400),
        "chat_tokens_per_s": Constant(10),
        "tts_first_audio_ms": Constant(200),
        "tts_speed": Constant(4),
    }
    return CascadeProfile(**fields | changes)


def write_round_profile(folder: Path, *, tokens_per_s: int) -> Path:
    """Write a profile of other round numbers; return its file.

    300 ms until the words are there, 400 to the first token, 200 to the first audio,
    and speech in a fifth of its own time.
    """
    values = {
        "stt_final_ms": 300,
        "chat_first_token_ms": 400,
        "chat_tokens_per_s": tokens_per_s,
        "tts_first_audio_ms": 200,
        "tts_speed": 5,
    }
    told = {
        "voicelab_cascade_profile": 1,
        "name": "round",
        "source": "made for a test",
        "modelled": True,
    } | {
        name: {"distribution": "constant", "value": value}
        for name, value in values.items()
    }
    file = folder / "round.yaml"
    file.write_text(json.dumps(told), "utf-8")  # which is YAML, too
    return file


class FakeChat:
    """Answers as told; remembers what it was asked."""

    name = identity = "fake"
    is_stand_in = False

    def __init__(self, *pieces: ChatPiece | Exception) -> None:
        self._pieces = pieces
        self.turns: list[Turn] = []

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        self.turns.append(turn)
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


class FakeMouth:
    """Says 100 ms a word; remembers what it was to say."""

    name = identity = "fake"
    is_stand_in = False

    def __init__(self, breaks_at: str = "") -> None:
        self.said: list[str] = []
        self._breaks_at = breaks_at

    def say(self, clause: Clause, rate_hz: int, speed: float) -> ClauseAudio:
        del speed
        if self._breaks_at and self._breaks_at in clause.text:
            raise ValueError("no breath left")
        self.said.append(clause.text)
        each = rate_hz // 10
        words = tuple(
            SpokenWord(word, place * each, (place + 1) * each)
            for place, word in enumerate(clause.text.split())
        )
        return ClauseAudio(np.full(len(words) * each, 100, np.int16), words)


def text(words: str) -> list[Said]:
    """Return a text as it is written, word by word."""
    return [Said(w if i == 0 else f" {w}") for i, w in enumerate(words.split())]


def stages(
    chat: Any,
    mouth: Any = None,
    *,
    hear: Callable[[CallerAudio], str | None] = lambda _audio: "hello",
    profile: CascadeProfile | None = None,
    work: Work = INLINE,
    fallback: str = "Sorry.",
    fatal: Fatal = (),
) -> Stages:
    """Return the stages of a session, each of them charged by the profile."""
    sampler = (profile or cascade_profile()).sampler(1)
    return Stages(
        hearing=SharedHearing(KnownEars(hear), work, sampler.stt_final_ns, fatal),
        chat=chat,
        chat_work=work,
        mouth=mouth or FakeMouth(),
        mouth_work=work,
        sampler=sampler,
        fallback=fallback,
        fatal=fatal,
    )


def spoken_request(**changes: Any) -> ReplyRequest:
    """Return a request whose newest item is speech."""
    audio = CallerAudio("item_1", AudioFormat.PCM, noise(4800).tobytes(), 0, 200)
    message = MessageItem(
        id="item_1", role="user", content=[InputAudio(transcript=None)]
    )
    fields: dict[str, Any] = {
        "response_id": "resp_1",
        "ordinal": 0,
        "instructions": "",
        "modality": "audio",
        "format": AudioFormat.PCM,
        "items": (message,),
        "caller_audio": (audio,),
    }
    return ReplyRequest(**fields | changes)


def written_request(said: str, **changes: Any) -> ReplyRequest:
    """Return a request whose newest item is text."""
    message = MessageItem(id="item_1", role="user", content=[InputText(said)])
    return spoken_request(items=(message,), caller_audio=(), **changes)


def drain(reply: CascadeReply, now_ns: int = 0) -> list[tuple[float, Piece]]:
    """Take a reply to its end, each piece with its instant in ms."""
    taken: list[tuple[float, Piece]] = []
    for _ in range(10_000):
        taken += [(now_ns / NS_PER_MS, piece) for piece in reply.take(now_ns)]
        due_ns = reply.next_due_ns()
        if due_ns is None:
            return taken
        assert due_ns >= now_ns
        now_ns = due_ns
    raise AssertionError("it never ends")


def of_kind(taken: Sequence[tuple[float, Piece]], kind: type) -> list[Any]:
    """Return the pieces of one kind."""
    return [piece for _, piece in taken if isinstance(piece, kind)]
