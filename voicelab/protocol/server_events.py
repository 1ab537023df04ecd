"""What a server may send over a WebSocket: one struct per event type.

One flat vocabulary, in the order in which a session uses it; field names are
the wire's. Every field without a default is what the published SDK requires, so
leaving one out is a type error here. Servers that are less exact are read by
`tolerance`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from voicelab.protocol.items import Item, Part
from voicelab.protocol.response_object import Response
from voicelab.protocol.transcription import (
    LogProb,
    TranscriptionError,
    TranscriptionUsage,
)


class _ServerEvent(Struct, frozen=True, kw_only=True, tag_field="type"):
    event_id: str


class _ContentEvent(_ServerEvent, frozen=True, kw_only=True):
    response_id: str
    item_id: str
    output_index: int
    content_index: int


# --- session -----------------------------------------------------------------


class SessionCreated(_ServerEvent, frozen=True, kw_only=True, tag="session.created"):
    """The first event of a session, with its effective defaults."""

    session: dict[str, Any]


class SessionUpdated(_ServerEvent, frozen=True, kw_only=True, tag="session.updated"):
    """The whole effective configuration after a `session.update`."""

    session: dict[str, Any]


class ErrorDetail(Struct, frozen=True, kw_only=True):
    """What was wrong; all five fields are always sent, null where unknown.

    Attributes:
        event_id: the id of the client event that caused the error.
    """

    type: str
    code: str | None = None
    message: str
    param: str | None = None
    event_id: str | None = None


class ErrorEvent(_ServerEvent, frozen=True, kw_only=True, tag="error"):
    """A client event was refused, or the session cannot go on."""

    error: ErrorDetail


class RateLimit(Struct, frozen=True, kw_only=True):
    """One limit: `requests` or `tokens`."""

    name: str
    limit: int
    remaining: int
    reset_seconds: float


class RateLimitsUpdated(
    _ServerEvent, frozen=True, kw_only=True, tag="rate_limits.updated"
):
    """The limits after a response; sent after its `response.done`."""

    rate_limits: list[RateLimit]


# --- input audio buffer ------------------------------------------------------


class InputAudioBufferCommitted(
    _ServerEvent, frozen=True, kw_only=True, tag="input_audio_buffer.committed"
):
    """The input buffer became (the content of) a user item."""

    previous_item_id: str | None = None
    item_id: str


class InputAudioBufferCleared(
    _ServerEvent, frozen=True, kw_only=True, tag="input_audio_buffer.cleared"
):
    """The input buffer was thrown away."""


class InputAudioBufferSpeechStarted(
    _ServerEvent, frozen=True, kw_only=True, tag="input_audio_buffer.speech_started"
):
    """The turn detector heard speech begin.

    Attributes:
        audio_start_ms: position in all audio ever appended, padding included.
        item_id: the item that the turn will become.
    """

    audio_start_ms: int
    item_id: str


class InputAudioBufferSpeechStopped(
    _ServerEvent, frozen=True, kw_only=True, tag="input_audio_buffer.speech_stopped"
):
    """The turn detector decided that the turn has ended.

    Attributes:
        audio_end_ms: position in all audio ever appended, the silence that was
            waited for included.
    """

    audio_end_ms: int
    item_id: str


class InputAudioBufferTimeoutTriggered(
    _ServerEvent, frozen=True, kw_only=True, tag="input_audio_buffer.timeout_triggered"
):
    """Nobody spoke for `idle_timeout_ms`; the silent audio will be committed."""

    audio_start_ms: int
    audio_end_ms: int
    item_id: str


# --- conversation ------------------------------------------------------------


class Conversation(Struct, frozen=True, kw_only=True):
    """A conversation's identity."""

    id: str
    object: str = "realtime.conversation"


class ConversationCreated(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.created"
):
    """A leftover of the beta protocol that some servers still send."""

    conversation: Conversation


class ConversationItemCreated(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.item.created"
):
    """The beta name of `conversation.item.added`."""

    previous_item_id: str | None = None
    item: Item


class ConversationItemAdded(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.item.added"
):
    """An item entered the conversation, perhaps still unfinished."""

    previous_item_id: str | None = None
    item: Item


class ConversationItemDone(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.item.done"
):
    """An item of the conversation is final."""

    previous_item_id: str | None = None
    item: Item


class ConversationItemRetrieved(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.item.retrieved"
):
    """The item that was asked for, with its audio."""

    item: Item


class ConversationItemDeleted(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.item.deleted"
):
    """An item left the conversation."""

    item_id: str


class ConversationItemTruncated(
    _ServerEvent, frozen=True, kw_only=True, tag="conversation.item.truncated"
):
    """An assistant item was cut to `audio_end_ms`; its transcript is gone."""

    item_id: str
    content_index: int
    audio_end_ms: int


# --- transcription of the caller ---------------------------------------------


class ConversationItemInputAudioTranscriptionDelta(
    _ServerEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.delta",
):
    """More words of the caller."""

    item_id: str
    content_index: int = 0
    delta: str = ""
    logprobs: list[LogProb] | UnsetType | None = UNSET


class ConversationItemInputAudioTranscriptionCompleted(
    _ServerEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.completed",
):
    """The caller's words in full.

    Attributes:
        usage: strict clients refuse the event without it; absent only from
            compatible servers that leave it out.
    """

    item_id: str
    content_index: int
    transcript: str
    logprobs: list[LogProb] | UnsetType | None = UNSET
    usage: TranscriptionUsage | UnsetType = UNSET


class ConversationItemInputAudioTranscriptionSegment(
    _ServerEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.segment",
):
    """A stretch of one speaker's words; `start` and `end` are seconds."""

    item_id: str
    content_index: int
    id: str
    speaker: str
    start: float
    end: float
    text: str


class ConversationItemInputAudioTranscriptionFailed(
    _ServerEvent,
    frozen=True,
    kw_only=True,
    tag="conversation.item.input_audio_transcription.failed",
):
    """The caller's words could not be transcribed."""

    item_id: str
    content_index: int
    error: TranscriptionError


# --- response ----------------------------------------------------------------


class ResponseCreated(_ServerEvent, frozen=True, kw_only=True, tag="response.created"):
    """A response began."""

    response: Response


class ResponseDone(_ServerEvent, frozen=True, kw_only=True, tag="response.done"):
    """A response ended: completed, cancelled, failed or incomplete."""

    response: Response


class ResponseOutputItemAdded(
    _ServerEvent, frozen=True, kw_only=True, tag="response.output_item.added"
):
    """A response began an item."""

    response_id: str
    output_index: int
    item: Item


class ResponseOutputItemDone(
    _ServerEvent, frozen=True, kw_only=True, tag="response.output_item.done"
):
    """An item of a response is final."""

    response_id: str
    output_index: int
    item: Item


class ResponseContentPartAdded(
    _ContentEvent, frozen=True, kw_only=True, tag="response.content_part.added"
):
    """A response began a content part."""

    part: Part


class ResponseContentPartDone(
    _ContentEvent, frozen=True, kw_only=True, tag="response.content_part.done"
):
    """A content part of a response is final."""

    part: Part


class ResponseOutputAudioDelta(
    _ContentEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.output_audio.delta",
):
    """More audio of the agent, samples in the session's output format."""

    delta: bytes


class ResponseOutputAudioDone(
    _ContentEvent, frozen=True, kw_only=True, tag="response.output_audio.done"
):
    """All audio of a content part was sent."""


class ResponseOutputAudioTranscriptDelta(
    _ContentEvent,
    frozen=True,
    kw_only=True,
    tag="response.output_audio_transcript.delta",
):
    """More words of what the agent says."""

    delta: str


class ResponseOutputAudioTranscriptDone(
    _ContentEvent,
    frozen=True,
    kw_only=True,
    tag="response.output_audio_transcript.done",
):
    """All words of what the agent said in a content part."""

    transcript: str


class ResponseOutputTextDelta(
    _ContentEvent, frozen=True, kw_only=True, tag="response.output_text.delta"
):
    """More text of the agent."""

    delta: str


class ResponseOutputTextDone(
    _ContentEvent, frozen=True, kw_only=True, tag="response.output_text.done"
):
    """All text of a content part."""

    text: str


class ResponseFunctionCallArgumentsDelta(
    _ServerEvent,
    frozen=True,
    kw_only=True,
    tag="response.function_call_arguments.delta",
):
    """More of the JSON text of a function call's arguments."""

    response_id: str
    item_id: str
    output_index: int
    call_id: str
    delta: str


class ResponseFunctionCallArgumentsDone(
    _ServerEvent,
    frozen=True,
    kw_only=True,
    tag="response.function_call_arguments.done",
):
    """The arguments of a function call in full."""

    response_id: str
    item_id: str
    output_index: int
    call_id: str
    name: str = ""
    arguments: str


class UnknownServerEvent(Struct, frozen=True):
    """An event that this package has no struct for, or cannot read, as it came.

    Attributes:
        type: the wire's `type`; empty if the event has none.
        raw: the whole event.
        problem: why an event of a known type could not be read; None if the type is
            not known.
    """

    type: str
    raw: dict[str, Any]
    problem: str | None = None


ServerEvent: TypeAlias = (
    SessionCreated
    | SessionUpdated
    | ErrorEvent
    | RateLimitsUpdated
    | InputAudioBufferCommitted
    | InputAudioBufferCleared
    | InputAudioBufferSpeechStarted
    | InputAudioBufferSpeechStopped
    | InputAudioBufferTimeoutTriggered
    | ConversationCreated
    | ConversationItemCreated
    | ConversationItemAdded
    | ConversationItemDone
    | ConversationItemRetrieved
    | ConversationItemDeleted
    | ConversationItemTruncated
    | ConversationItemInputAudioTranscriptionDelta
    | ConversationItemInputAudioTranscriptionCompleted
    | ConversationItemInputAudioTranscriptionSegment
    | ConversationItemInputAudioTranscriptionFailed
    | ResponseCreated
    | ResponseDone
    | ResponseOutputItemAdded
    | ResponseOutputItemDone
    | ResponseContentPartAdded
    | ResponseContentPartDone
    | ResponseOutputAudioDelta
    | ResponseOutputAudioDone
    | ResponseOutputAudioTranscriptDelta
    | ResponseOutputAudioTranscriptDone
    | ResponseOutputTextDelta
    | ResponseOutputTextDone
    | ResponseFunctionCallArgumentsDelta
    | ResponseFunctionCallArgumentsDone
)
