"""What the stages of a cascade are, and what passes between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from voicelab.protocol.items import (
    ContentPart,
    InputAudio,
    InputText,
    Item,
    MessageItem,
    OutputAudio,
    OutputText,
)
from voicelab.responders.script import Speech
from voicelab.session.reply import (
    CallerAudio,
    CallPiece,
    ReplyRequest,
    Samples,
    SpokenWord,
)


class Stage(Protocol):
    """What all three stages tell of themselves."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def identity(self) -> str:
        """What it is, down to its weights, or what it goes by."""
        ...

    @property
    def is_stand_in(self) -> bool:
        """Whether it knows its result, words or recordings, rather than makes it.

        What it takes is then made up, on a real port too.
        """
        ...


class Ears(Stage, Protocol):
    """The first stage: tells the words of the caller's audio."""

    def words(self, audio: CallerAudio) -> str | None:
        """Return the words, none for silence; None if they cannot be told."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stretch of a recorded reply: the words in it, and its audio up to the next.

    Attributes:
        speech: the whole reply.
        first: the first word of the stretch, by its place in the reply.
        end: the first word that is not part of it.
    """

    speech: Speech
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of what the agent says, as it is written.

    Attributes:
        text: what the reply gains with it, blanks included.
        recorded: the recording of it, if the reply is a recorded one; the text is
            then a clause, whole.
    """

    text: str
    recorded: Recorded | None = None


ChatPiece = Said | CallPiece


@dataclass(frozen=True)
class Turn:
    """What the second stage is asked.

    Attributes:
        request: the request, with the conversation so far.
        words: what the first stage heard, by the id of the caller's item.
    """

    request: ReplyRequest
    words: Mapping[str, str] = field(default_factory=dict)

    def newest_said(self) -> str | None:
        """Return what the caller said last; None if there is nothing of the caller."""
        for item in reversed(self.request.items):
            if isinstance(item, MessageItem) and item.role == "user":
                return self.text_of(item)
        return None

    def text_of(self, item: Item) -> str:
        """Return the words of a message, as far as they are known."""
        if not isinstance(item, MessageItem):
            return ""
        heard = self.words.get(str(item.id))
        texts = [_words_of(part, heard) for part in item.content]
        return " ".join(text for text in texts if text)


def _words_of(part: ContentPart, heard: str | None) -> str:
    """Return the words of a part; `heard` are those of spoken ones, if known."""
    match part:
        case InputText(text) | OutputText(text):
            return text
        case InputAudio() if heard is not None:
            return heard
        case InputAudio(transcript=str(known)) | OutputAudio(transcript=str(known)):
            return known
    return ""


class Chat(Stage, Protocol):
    """The second stage: says what is to be answered."""

    def answer(self, turn: Turn) -> Iterator[ChatPiece]:
        """Return the answer, piece after piece.

        Raises:
            VoicelabError: there is none; what came before counts.
        """
        ...


@dataclass(frozen=True, slots=True)
class Clause:
    """What the third stage says in one go."""

    text: str
    recorded: Recorded | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClauseAudio:
    """A clause as it sounds.

    Attributes:
        samples: 16-bit mono audio at the rate that was asked for.
        words: its words, placed from its first sample.
    """

    samples: Samples
    words: tuple[SpokenWord, ...] = ()


class Mouth(Stage, Protocol):
    """The third stage: says a clause."""

    def say(self, clause: Clause, rate_hz: int, speed: float) -> ClauseAudio:
        """Return a clause's audio at a rate, so many times as fast as usual.

        Raises:
            VoicelabError: it cannot be said.
        """
        ...
