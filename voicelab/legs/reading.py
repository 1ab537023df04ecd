"""Reads a text of a leg strictly, and says in one sentence what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec

from voicelab.errors import LegError

MAX_MESSAGE_CHARACTERS = 1 << 20
"""The longest message of a leg that is read: 16 s of 24 kHz PCM in base64. A peer that
sends longer ones is broken or hostile; buffering them would let it take the memory."""

Sender = Literal["provider", "bridge"]
"""Which end of the leg a message comes from."""

Message = TypeVar("Message")

NOT_JSON = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What the decoder raises at a text that is not JSON, or is nested absurdly."""

_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Reader(Generic[Message]):
    """Reads the messages of one direction of a leg that has a field for their kind.

    Attributes:
        leg: the leg's name in errors.
        sender: who sends these messages.
        tag_field: the field that tells the kind.
        decoder: decodes the union of all kinds; it ignores fields it does not know.
        kinds: the kinds there are.
    """

    leg: str
    sender: Sender
    tag_field: str
    decoder: msgspec.json.Decoder[Message]
    kinds: tuple[str, ...]

    def read(self, text: str | bytes) -> Message:
        """Return the message that a text is.

        Raises:
            LegError: it is none.
        """
        check_length(text, self.leg, self.sender)
        try:
            return self.decoder.decode(text)
        except NOT_JSON as error:
            raise self._explained(text, error) from error

    def _explained(self, text: str | bytes, error: Exception) -> LegError:
        document = read_object(text, self.leg, self.sender)
        if self.tag_field not in document:
            problem = f"it has no {self.tag_field!r}{known(self.kinds)}"
        elif (kind := document[self.tag_field]) not in self.kinds:
            problem = f"unknown {self.tag_field!r} {shown(kind)}{known(self.kinds)}"
        else:
            problem = f"{shown(kind)}: {plain(error)}"
        return LegError(self.leg, self.sender, problem)


def read_object(text: str | bytes, leg: str, sender: Sender) -> dict[str, Any]:
    """Return the JSON object that a text is.

    Raises:
        LegError: it is none.
    """
    check_length(text, leg, sender)
    try:
        document: Any = msgspec.json.decode(text)
    except NOT_JSON as error:
        raise LegError(leg, sender, "it is not JSON") from error
    if not isinstance(document, dict):
        raise LegError(leg, sender, "it is JSON, but not an object")
    return document


def check_length(text: str | bytes, leg: str, sender: Sender) -> None:
    """Refuse what is too long to be read.

    Raises:
        LegError: it is longer than `MAX_MESSAGE_CHARACTERS`.
    """
    if len(text) > MAX_MESSAGE_CHARACTERS:
        most = MAX_MESSAGE_CHARACTERS
        problem = f"it has {len(text)} characters; {most} is the limit"
        raise LegError(leg, sender, problem)


def known(kinds: Iterable[str]) -> str:
    """Return the clause that lists what would be known."""
    return f"; known are {', '.join(kinds)}"


def shown(value: object) -> str:
    """Return what stands in a message for a value that may be long."""
    text = repr(value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}…"


def plain(error: Exception) -> str:
    """Return what the decoder says, without the signs it puts around names."""
    text = str(error).replace("`", "").replace(" - at $.", " at ").replace("$.", "")
    return text[:1].lower() + text[1:]
