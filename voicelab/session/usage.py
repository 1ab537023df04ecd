"""Token counts, as the API bills them.

Audio: one token per 100 ms of caller audio and per 50 ms of agent audio (OpenAI's
guide to managing realtime costs); a capture of the real endpoint bills 2796 ms of
input as 27 tokens, so part tokens are not billed. Text: the true tokenizer is not
public for these models; one token per four characters is OpenAI's rule of thumb.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voicelab.protocol.response_object import (
    CachedTokens,
    InputTokens,
    OutputTokens,
    Usage,
)

INPUT_MS_PER_TOKEN = 100
OUTPUT_MS_PER_TOKEN = 50
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """A count of text and audio tokens."""

    text: int = 0
    audio: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.text + other.text, self.audio + other.audio)

    @property
    def total(self) -> int:
        """Both kinds together."""
        return self.text + self.audio


def text_tokens(text: str) -> Tokens:
    """Return the tokens of a text (rounded up: no text is free)."""
    return Tokens(text=-(-len(text) // CHARACTERS_PER_TOKEN))


def input_audio_tokens(duration_ms: int) -> Tokens:
    """Return the tokens of caller audio."""
    return Tokens(audio=duration_ms // INPUT_MS_PER_TOKEN)


def output_audio_tokens(duration_ms: int) -> Tokens:
    """Return the tokens of agent audio."""
    return Tokens(audio=duration_ms // OUTPUT_MS_PER_TOKEN)


def usage_of(inputs: Iterable[Tokens], outputs: Iterable[Tokens]) -> Usage:
    """Return the API's usage object for what went in and what came out."""
    taken = sum(inputs, Tokens())
    given = sum(outputs, Tokens())
    return Usage(
        total_tokens=taken.total + given.total,
        input_tokens=taken.total,
        output_tokens=given.total,
        input_token_details=InputTokens(
            text_tokens=taken.text,
            audio_tokens=taken.audio,
            cached_tokens_details=CachedTokens(),
        ),
        output_token_details=OutputTokens(
            text_tokens=given.text, audio_tokens=given.audio
        ),
    )
