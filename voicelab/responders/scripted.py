"""The responder that says what it was given, as fast as its profile says."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.protocol.items import FunctionCallOutputItem
from voicelab.responders.profile import LatencySampler, ReplyTiming
from voicelab.responders.script import SILENCE, ScriptedReply, Speech
from voicelab.session.reply import (
    CallPiece,
    Piece,
    ReplyRequest,
    SpeechPiece,
    SpokenWord,
    TextPiece,
)
from voicelab.units import NS_PER_S

Chooser = Callable[[ReplyRequest], int | None]
"""Picks the index of the reply to a request; None to say nothing."""

Render = Callable[[Speech, int, float], Samples]
"""Returns recorded speech at a rate, so many times as fast as it was recorded."""

WRITTEN_WORDS_PER_S = 3.0
"""A written reply comes at the speed of speech (180 words a minute) times the
profile's generation speed, which keeps the two modalities comparable."""


class TimedReply:
    """Pieces that are all known in advance, each with the instant it is due."""

    def __init__(self, pieces: Iterator[tuple[int, Piece]]) -> None:
        self._pieces = deque(pieces)

    @property
    def finished(self) -> bool:
        """Whether every piece has been taken."""
        return not self._pieces

    def next_due_ns(self) -> int | None:
        """Return when the next piece is due."""
        return self._pieces[0][0] if self._pieces else None

    def take(self, now_ns: int) -> Sequence[Piece]:
        """Return the pieces that are due."""
        due = []
        while self._pieces and self._pieces[0][0] <= now_ns:
            due.append(self._pieces.popleft()[1])
        return due

    def cancel(self) -> None:
        """Drop what has not been taken."""
        self._pieces.clear()


def in_order(count: int) -> Chooser:
    """Return a chooser: the n-th response gets the n-th reply, then the last.

    Once all have been given, a function's output gets no reply: a last reply that
    calls a function would call it for ever.
    """

    def choose(request: ReplyRequest) -> int | None:
        if request.ordinal < count:
            return request.ordinal
        newest = request.items[-1] if request.items else None
        return None if isinstance(newest, FunctionCallOutputItem) else count - 1

    return choose


class Speaker:
    """Says replies, spoken, written or called, as fast as its profile says.

    Args:
        sampler: draws each reply's timing.
        render: returns a reply's audio at a rate and speed; by default `Speech.at`.
    """

    def __init__(self, sampler: LatencySampler, render: Render = Speech.at) -> None:
        self._sampler = sampler
        self._render = render

    def say(
        self, reply: ScriptedReply, request: ReplyRequest, now_ns: int
    ) -> TimedReply:
        """Begin a reply to a request at `now_ns`."""
        return TimedReply(self._schedule(reply, request, self._sampler.draw(), now_ns))

    def _schedule(
        self,
        reply: ScriptedReply,
        request: ReplyRequest,
        timing: ReplyTiming,
        now_ns: int,
    ) -> Iterator[tuple[int, Piece]]:
        due_ns = now_ns + timing.first_audio_ns
        pieces: Iterator[tuple[int, Piece]] = iter(())
        if request.modality == "text":
            pieces = _written(reply.text, timing.speed)
        elif reply.speech is not None:
            if timing.announced_ns < timing.first_audio_ns:
                nothing_yet = np.empty(0, dtype=np.int16)
                yield now_ns + timing.announced_ns, SpeechPiece(nothing_yet, (), "")
            pieces = self._spoken(reply.speech, reply.text, request, timing.speed)
        spent_ns = 0
        for after_ns, piece in pieces:
            yield due_ns + after_ns, piece
            spent_ns = after_ns
        if reply.call is not None:
            call = CallPiece(reply.call.name, reply.call.arguments)
            yield due_ns + spent_ns, call

    def _spoken(
        self, speech: Speech, text: str, request: ReplyRequest, speed: float
    ) -> Iterator[tuple[int, Piece]]:
        """Yield chunks, each due when what came before it has been generated.

        Speech is made faster or slower after it has been generated (so the API's
        reference of `audio.output.speed`): generating it takes as long as before.
        """
        rate_hz, faster = request.format.rate_hz, request.speed
        samples = self._render(speech, rate_hz, faster)
        words = deque(speech.spoken_words(rate_hz, faster))
        chunks = self._sampler.chunk_samples(rate_hz)
        said = False
        start = 0
        while start < len(samples):
            end = min(start + next(chunks), len(samples))
            spoken: list[SpokenWord] = []
            while words and (words[0].start_samples < end or end == len(samples)):
                spoken.append(words.popleft())
            delta = " ".join(word.text for word in spoken)
            if not speech.words and start == 0:
                delta = text
            elif said and delta:
                delta = f" {delta}"
            said = said or bool(delta)
            after_ns = round(start * faster * NS_PER_S / (rate_hz * speed))
            yield after_ns, SpeechPiece(samples[start:end], tuple(spoken), delta)
            start = end


class ScriptedResponder:
    """Answers with given replies.

    Args:
        replies: what may be said.
        sampler: draws each reply's timing.
        choose: picks the reply; by default in order.
        render: returns a reply's audio at a rate and speed; by default `Speech.at`.
    """

    def __init__(
        self,
        replies: Sequence[ScriptedReply],
        sampler: LatencySampler,
        choose: Chooser | None = None,
        render: Render = Speech.at,
    ) -> None:
        self._replies = replies
        self._speaker = Speaker(sampler, render)
        self._choose = choose or in_order(len(replies))

    def respond(self, request: ReplyRequest, now_ns: int) -> TimedReply:
        """Begin the chosen reply."""
        index = self._choose(request)
        reply = SILENCE if index is None else self._replies[index]
        return self._speaker.say(reply, request, now_ns)


def _written(text: str, speed: float) -> Iterator[tuple[int, Piece]]:
    for index, word in enumerate(text.split()):
        after_ns = round(index * NS_PER_S / (WRITTEN_WORDS_PER_S * speed))
        yield after_ns, TextPiece(word if index == 0 else f" {word}")
