"""The response object that `response.created` and `response.done` carry."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from voicelab.protocol.items import Item

ResponseStatus: TypeAlias = Literal[
    "in_progress", "completed", "cancelled", "failed", "incomplete"
]
EndStatus: TypeAlias = Literal["completed", "cancelled", "failed", "incomplete"]
Modality: TypeAlias = Literal["text", "audio"]
MaxOutputTokens: TypeAlias = int | Literal["inf"]


class CachedTokens(Struct, frozen=True, kw_only=True):
    """How many of the input tokens came from the prompt cache, by kind."""

    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0


class InputTokens(Struct, frozen=True, kw_only=True):
    """The input tokens of a response by kind; cached ones are among them."""

    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0
    cached_tokens: int = 0
    cached_tokens_details: CachedTokens | UnsetType = UNSET


class OutputTokens(Struct, frozen=True, kw_only=True):
    """The output tokens of a response by kind."""

    text_tokens: int = 0
    audio_tokens: int = 0


class Usage(Struct, frozen=True, kw_only=True):
    """The tokens that a response consumed.

    The input counts the whole conversation again at every response, so audio
    that a truncation removed lowers the next `input_tokens`.
    """

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_token_details: InputTokens | UnsetType = UNSET
    output_token_details: OutputTokens | UnsetType = UNSET


class StatusError(Struct, frozen=True, kw_only=True):
    """Why a response failed."""

    type: str | UnsetType | None = UNSET
    code: str | UnsetType | None = UNSET
    message: str | UnsetType | None = UNSET


class StatusDetails(Struct, frozen=True, kw_only=True):
    """Why a response ended other than by completing.

    Attributes:
        reason: `turn_detected` or `client_cancelled` (cancelled),
            `max_output_tokens` or `content_filter` (incomplete).
        error: present when the response failed.
    """

    type: EndStatus | UnsetType = UNSET
    reason: str | UnsetType | None = UNSET
    error: StatusError | UnsetType | None = UNSET


class Response(Struct, frozen=True, kw_only=True):
    """A response of the model, from its creation to its end.

    Attributes:
        status_details: a bare string from some compatible servers; read it
            through `reason`.
        output: the items generated, without their audio.
        conversation_id: null for an out-of-band response; always sent.
        audio: `{"output": {"format": ..., "voice": ...}}`.
        metadata: what `response.create` attached, at most 16 pairs.
    """

    object: Literal["realtime.response"] = "realtime.response"
    id: str
    status: ResponseStatus
    status_details: StatusDetails | str | UnsetType | None = UNSET
    output: list[Item] = []
    conversation_id: str | None = None
    output_modalities: list[Modality] | UnsetType = UNSET
    max_output_tokens: MaxOutputTokens | UnsetType | None = UNSET
    audio: dict[str, Any] | UnsetType | None = UNSET
    usage: Usage | UnsetType | None = UNSET
    metadata: dict[str, str] | UnsetType | None = UNSET

    @property
    def reason(self) -> str | None:
        """Why the response ended early, or None where nothing was said."""
        details = self.status_details
        if isinstance(details, StatusDetails):
            return details.reason or None
        return details or None
