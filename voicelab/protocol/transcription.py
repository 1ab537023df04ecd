"""What the events about the caller's transcript carry."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType


class LogProb(Struct, frozen=True, kw_only=True):
    """A transcribed token and its log probability."""

    token: str
    logprob: float
    bytes: list[int]


class TranscriptionTokenDetails(Struct, frozen=True, kw_only=True):
    """The input tokens of a transcription by kind."""

    text_tokens: int = 0
    audio_tokens: int = 0


class TranscriptionTokens(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="tokens"
):
    """What a transcription cost where the model is billed by token."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_token_details: TranscriptionTokenDetails | UnsetType = UNSET


class TranscriptionDuration(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="duration"
):
    """What a transcription cost where the model is billed by time."""

    seconds: float


class TranscriptionError(Struct, frozen=True, kw_only=True):
    """Why a transcription failed."""

    type: str | UnsetType = UNSET
    code: str | UnsetType | None = UNSET
    message: str | UnsetType = UNSET
    param: str | UnsetType | None = UNSET


TranscriptionUsage: TypeAlias = TranscriptionTokens | TranscriptionDuration
