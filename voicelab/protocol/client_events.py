"""What a client may send: one struct per event type.

Field names are the wire's. An unknown top-level field is refused here; fields
of nested objects are checked by `refusals.check_nested`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from voicelab.protocol.items import Item, ItemReference
from voicelab.protocol.limits import MAX_APPEND_BYTES, MAX_ID_CHARACTERS, MAX_MS
from voicelab.protocol.response_object import MaxOutputTokens, Modality

ToolChoice: TypeAlias = Literal["none", "auto", "required"] | dict[str, Any]
NaturalInt: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_MS)]
Identifier: TypeAlias = Annotated[str, Meta(max_length=MAX_ID_CHARACTERS)]


class _ClientEvent(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"
):
    event_id: Identifier | UnsetType = UNSET


class SessionUpdate(_ClientEvent, frozen=True, kw_only=True, tag="session.update"):
    """Change the session.

    Attributes:
        session: the fields to change, as sent; the session merges and validates.
    """

    session: dict[str, Any]


class InputAudioBufferAppend(
    _ClientEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="input_audio_buffer.append",
):
    """Add caller audio to the input buffer.

    Attributes:
        audio: samples in the session's input format, 1 to `MAX_APPEND_BYTES` bytes.
    """

    audio: Annotated[bytes, Meta(min_length=1, max_length=MAX_APPEND_BYTES)]


class InputAudioBufferCommit(
    _ClientEvent, frozen=True, kw_only=True, tag="input_audio_buffer.commit"
):
    """Make a user item of the input buffer."""


class InputAudioBufferClear(
    _ClientEvent, frozen=True, kw_only=True, tag="input_audio_buffer.clear"
):
    """Throw the input buffer away."""


class OutputAudioBufferClear(
    _ClientEvent, frozen=True, kw_only=True, tag="output_audio_buffer.clear"
):
    """Stop the server's playback; valid over WebRTC and SIP only."""


class ConversationItemCreate(
    _ClientEvent, frozen=True, kw_only=True, tag="conversation.item.create"
):
    """Add an item to the conversation.

    Attributes:
        previous_item_id: the item to insert after, or `root` for the front;
            null or absent means the end.
    """

    previous_item_id: Identifier | UnsetType | None = UNSET
    item: Item


class ConversationItemRetrieve(
    _ClientEvent, frozen=True, kw_only=True, tag="conversation.item.retrieve"
):
    """Ask for an item with its audio."""

    item_id: Identifier


class ConversationItemTruncate(
    _ClientEvent, frozen=True, kw_only=True, tag="conversation.item.truncate"
):
    """Tell the server how much of an assistant item was played.

    Attributes:
        content_index: which content part; 0 for every item of today's models.
        audio_end_ms: milliseconds of that part's own audio to keep.
    """

    item_id: Identifier
    content_index: NaturalInt
    audio_end_ms: NaturalInt


class ConversationItemDelete(
    _ClientEvent, frozen=True, kw_only=True, tag="conversation.item.delete"
):
    """Remove an item from the conversation."""

    item_id: Identifier


class ResponseCreateParams(Struct, frozen=True, kw_only=True):
    """What one response shall do differently from the session.

    Attributes:
        conversation: `none` makes the response out of band.
        input: the context to use instead of the conversation; empty for none.
        instructions: instead of the session's; null, which livekit-agents 1.8.9 sends
            where it has none, leaves the session's.
        audio: `{"output": {"format": ..., "voice": ...}}`.
        metadata: at most 16 pairs, handed back with the response.
    """

    conversation: Literal["auto", "none"] | UnsetType = UNSET
    input: list[Item | ItemReference] | UnsetType = UNSET
    instructions: str | UnsetType | None = UNSET
    output_modalities: list[Modality] | UnsetType = UNSET
    audio: dict[str, Any] | UnsetType = UNSET
    tools: list[dict[str, Any]] | UnsetType = UNSET
    tool_choice: ToolChoice | UnsetType = UNSET
    max_output_tokens: MaxOutputTokens | UnsetType = UNSET
    metadata: dict[str, str] | UnsetType | None = UNSET
    prompt: dict[str, Any] | UnsetType | None = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    reasoning: dict[str, Any] | UnsetType = UNSET


class ResponseCreate(_ClientEvent, frozen=True, kw_only=True, tag="response.create"):
    """Ask for a response."""

    response: ResponseCreateParams | UnsetType = UNSET


class ResponseCancel(_ClientEvent, frozen=True, kw_only=True, tag="response.cancel"):
    """Stop a response.

    Attributes:
        response_id: which one; absent means that of the conversation.
    """

    response_id: Identifier | UnsetType = UNSET


ClientEvent: TypeAlias = (
    SessionUpdate
    | InputAudioBufferAppend
    | InputAudioBufferCommit
    | InputAudioBufferClear
    | OutputAudioBufferClear
    | ConversationItemCreate
    | ConversationItemTruncate
    | ConversationItemDelete
    | ConversationItemRetrieve
    | ResponseCreate
    | ResponseCancel
)
