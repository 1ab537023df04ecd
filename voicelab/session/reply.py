"""What the server session asks of whoever speaks for the agent.

A `Responder` answers a `ReplyRequest` with a `ReplyStream`: a source of pieces
that become due as time passes. A scripted responder knows all its pieces and
their instants at once; one that waits for a model adds pieces as they arrive and
wakes its host. The session neither knows nor cares: it takes what is due. A
`Transcriber` hears the caller in the same way, commit by commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from voicelab.audio.formats import AudioFormat
from voicelab.protocol.items import Item

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word of a reply and the samples of the item that it covers."""

    text: str
    start_samples: int
    end_samples: int


@dataclass(frozen=True, slots=True)
class SpeechPiece:
    """A stretch of reply audio and the words that begin in it.

    Attributes:
        samples: 16-bit mono audio at the request's output rate.
        words: words that begin in this piece, placed from the item's start.
        text: what the transcript gains with this piece.
    """

    samples: Samples
    words: tuple[SpokenWord, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A stretch of a written reply."""

    text: str


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A function call, with its arguments as one JSON text."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class FailurePiece:
    """Generation broke off; the response ends as failed."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StagePiece:
    """What one stage of the agent took; for the record, nothing is sent.

    Attributes:
        stage: what was at work, such as `stt`, `chat` or `tts`.
        began_ms: when it began, from the instant at which the response did.
        ended_ms: when what comes after it could begin; of speech, when its first
            audio was there.
        clause: which clause of the reply it was for, from 0; None if for all of it.
        problem: what went wrong in it; None if nothing.
    """

    stage: str
    began_ms: float
    ended_ms: float
    clause: int | None = None
    problem: str | None = None


Piece = SpeechPiece | TextPiece | CallPiece | FailurePiece | StagePiece


@dataclass(frozen=True, slots=True)
class CallerAudio:
    """A stretch of the caller's audio, as it came over the wire.

    Attributes:
        item_id: the conversation item that holds it.
        format: what `data` is encoded in.
        data: the wire's bytes.
        start_ms: where it begins in all audio appended in the session; None if it
            was given as an item and never passed through the input buffer.
        duration_ms: how long it is.
        silent_from_ms: where the silence begins that it ends with, counted like
            `start_ms`; None if nobody looked for it.
    """

    item_id: str
    format: AudioFormat
    data: bytes
    start_ms: int | None
    duration_ms: int
    silent_from_ms: int | None = None

    @property
    def rate_hz(self) -> int:
        """The rate of `samples`."""
        return self.format.rate_hz

    @property
    def samples(self) -> Samples:
        """The audio, decoded anew each time: who does not look pays nothing.

        Half a sample at the end of what a client gave is left out.
        """
        whole = self.format.sample_count(len(self.data)) * self.format.bytes_per_sample
        return self.format.decode(self.data[:whole])


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """Everything a responder may look at.

    Attributes:
        response_id: the response to be filled.
        ordinal: how many in-conversation responses came before this one.
        instructions: the system prompt in force.
        modality: `audio` or `text`.
        format: the output audio's format; pieces come at its rate.
        items: the conversation so far, oldest first.
        tools: the function tools offered.
        tool_choice: the API's `tool_choice`, as sent.
        out_of_band: whether the reply stays outside the conversation.
        metadata: the response's own metadata.
        input_end_ms: up to where the caller's audio has been committed, None if
            none has.
        caller_audio: the caller's audio in `items`, oldest first; what was let go
            to bound memory is missing.
        speed: how many times as fast as usual the agent is to speak.
    """

    response_id: str
    ordinal: int
    instructions: str
    modality: str
    format: AudioFormat
    items: tuple[Item, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: Any = "auto"
    out_of_band: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    input_end_ms: int | None = None
    caller_audio: Iterable[CallerAudio] = ()
    speed: float = 1.0


class ReplyStream(Protocol):
    """The pieces of one reply, as they become due."""

    @property
    def finished(self) -> bool:
        """Whether every piece has been taken."""
        ...

    def next_due_ns(self) -> int | None:
        """Return when the next piece is due; None while none is known."""
        ...

    def take(self, now_ns: int) -> Sequence[Piece]:
        """Return the pieces that are due by `now_ns`, in order, once each."""
        ...

    def cancel(self) -> None:
        """Stop generating; nothing will be taken any more."""
        ...


class Responder(Protocol):
    """Speaks for the agent."""

    def respond(self, request: ReplyRequest, now_ns: int) -> ReplyStream:
        """Begin a reply at `now_ns`."""
        ...


TranscriptPiece = TextPiece | FailurePiece
"""A part of a transcript, or that there will be none."""


class TranscriptStream(Protocol):
    """The caller's words in one commit, as they become known.

    The whole transcript is what all its text pieces say, one after the other; a
    failure ends it.
    """

    @property
    def finished(self) -> bool:
        """Whether every piece has been taken."""
        ...

    def next_due_ns(self) -> int | None:
        """Return when the next piece, or the end, is due; None while unknown."""
        ...

    def take(self, now_ns: int) -> Sequence[TranscriptPiece]:
        """Return the pieces that are due by `now_ns`, in order, once each."""
        ...

    def cancel(self) -> None:
        """Stop listening; nothing will be taken any more."""
        ...


class Transcriber(Protocol):
    """Hears what the caller said; runs beside the agent, on each commit."""

    def transcribe(self, audio: CallerAudio, now_ns: int) -> TranscriptStream:
        """Begin to transcribe what was committed at `now_ns`."""
        ...


class EarlyHearing(Protocol):
    """Hears a turn when its speaker pauses: if that was its end, the words are there.

    What a turn has besides the audio up to its last pause is silence. So whoever
    hears the turn once it is over may take what was heard at that pause: it is the one
    with the same `start_ms` and `silent_from_ms`.
    """

    def foresee(self, audio: CallerAudio, now_ns: int) -> None:
        """Begin to hear the turn so far: it may be over. It has no item yet."""
        ...

    def forget(self) -> None:
        """The speaker goes on: what was begun last is not wanted any more."""
        ...
