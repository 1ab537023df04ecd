"""What is billed: the usage that a server reports, sorted by what has a price.

OpenAI's guide to managing realtime costs: tokens are billed by direction and by kind
(text, audio, image); cached tokens are a part of the input tokens and cost less. Here
the input is taken apart, so that every token is counted once.

Servers that are almost compatible leave details out. What they do not tell is settled
so that the cost comes out as an upper bound, and `is_upper_bound` says so:

* tokens of a direction beyond those that the details name are `undetailed`; they are
  priced as the dearest kind of their direction;
* cached tokens of unknown kind count as text first, then image, then audio: the order
  of what the cache saves, the smallest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct, UnsetType

from voicelab.protocol.response_object import (
    CachedTokens,
    InputTokens,
    OutputTokens,
    Usage,
)
from voicelab.protocol.transcription import (
    TranscriptionDuration,
    TranscriptionTokenDetails,
    TranscriptionUsage,
)

_T = TypeVar("_T")
_BY_SAVING = ("text", "image", "audio")


class Billed(Struct, frozen=True, kw_only=True):
    """Tokens by kind, each token in one field, and the duration of audio.

    Attributes:
        text_input_tokens: text taken in and not from the cache; likewise the others.
        text_cached_input_tokens: text taken from the cache; likewise the others.
        undetailed_input_tokens: taken in; nobody told of which kind.
        undetailed_output_tokens: generated; nobody told of which kind.
        audio_s: seconds of audio, of what is billed by duration.
        cache_is_guessed: nobody told of which kind cached tokens are.
    """

    text_input_tokens: int = 0
    text_cached_input_tokens: int = 0
    audio_input_tokens: int = 0
    audio_cached_input_tokens: int = 0
    image_input_tokens: int = 0
    image_cached_input_tokens: int = 0
    undetailed_input_tokens: int = 0
    text_output_tokens: int = 0
    audio_output_tokens: int = 0
    undetailed_output_tokens: int = 0
    audio_s: float = 0.0
    cache_is_guessed: bool = False

    def __add__(self, other: Billed) -> Billed:
        fields = self.__struct_fields__
        sums = {name: getattr(self, name) + getattr(other, name) for name in fields}
        guessed = self.cache_is_guessed or other.cache_is_guessed
        return Billed(**sums | {"cache_is_guessed": guessed})

    @property
    def is_upper_bound(self) -> bool:
        """Whether a price of this is an upper bound rather than exact."""
        undetailed = self.undetailed_input_tokens + self.undetailed_output_tokens
        return self.cache_is_guessed or undetailed > 0


def billed(usage: Usage | TranscriptionUsage) -> Billed:
    """Return what a response's or a transcription's usage bills."""
    if isinstance(usage, TranscriptionDuration):
        return Billed(audio_s=max(0.0, usage.seconds))
    if isinstance(usage, Usage):
        return _of_response(usage)
    told = _told(usage.input_token_details, TranscriptionTokenDetails())
    text, audio = max(0, told.text_tokens), max(0, told.audio_tokens)
    return Billed(
        text_input_tokens=text,
        audio_input_tokens=audio,
        undetailed_input_tokens=max(0, usage.input_tokens - text - audio),
        text_output_tokens=max(0, usage.output_tokens),  # a transcript is all text
    )


def _of_response(usage: Usage) -> Billed:
    taken = _told(usage.input_token_details, InputTokens())
    given = _told(usage.output_token_details, OutputTokens())
    counts = _by_kind(taken)
    cached, guessed = _cached(taken, counts)
    text, audio = max(0, given.text_tokens), max(0, given.audio_tokens)
    return Billed(
        text_input_tokens=counts["text"] - cached["text"],
        text_cached_input_tokens=cached["text"],
        audio_input_tokens=counts["audio"] - cached["audio"],
        audio_cached_input_tokens=cached["audio"],
        image_input_tokens=counts["image"] - cached["image"],
        image_cached_input_tokens=cached["image"],
        undetailed_input_tokens=max(0, usage.input_tokens - sum(counts.values())),
        text_output_tokens=text,
        audio_output_tokens=audio,
        undetailed_output_tokens=max(0, usage.output_tokens - text - audio),
        cache_is_guessed=guessed,
    )


def _cached(
    taken: InputTokens, counts: Mapping[str, int]
) -> tuple[dict[str, int], bool]:
    """Return the cached tokens by kind, and whether the kinds are guessed."""
    told = _by_kind(_told(taken.cached_tokens_details, CachedTokens()))
    cached = {kind: min(told[kind], counts[kind]) for kind in _BY_SAVING}
    rest = taken.cached_tokens - sum(told.values())
    free = {kind: counts[kind] - cached[kind] for kind in _BY_SAVING}
    guessed = rest > 0 and sum(tokens > 0 for tokens in free.values()) > 1
    for kind in _BY_SAVING:
        taken_here = max(0, min(rest, free[kind]))
        cached[kind] += taken_here
        rest -= taken_here
    return cached, guessed


def _by_kind(tokens: InputTokens | CachedTokens) -> dict[str, int]:
    return {
        "text": max(0, tokens.text_tokens),
        "image": max(0, tokens.image_tokens),
        "audio": max(0, tokens.audio_tokens),
    }


def _told(value: _T | UnsetType, otherwise: _T) -> _T:
    return otherwise if isinstance(value, UnsetType) else value
