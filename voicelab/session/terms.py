"""What one response shall be: the session's settings and what the client changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from voicelab.audio.formats import AudioFormat
from voicelab.protocol import session_object as so
from voicelab.protocol import wire_errors
from voicelab.protocol.client_events import ResponseCreateParams
from voicelab.protocol.codec import json_size
from voicelab.protocol.items import Item, ItemReference
from voicelab.protocol.limits import (
    MAX_APPEND_BYTES,
    MAX_METADATA_KEY_CHARACTERS,
    MAX_METADATA_PAIRS,
    MAX_METADATA_VALUE_CHARACTERS,
    MAX_OBJECT_BYTES,
)
from voicelab.protocol.mcp_tool import McpTool
from voicelab.session.config import SessionConfig
from voicelab.session.conversation import Conversation, ConversationItem, given_item
from voicelab.session.reply import CallerAudio, ReplyRequest
from voicelab.session.usage import Tokens, text_tokens

T = TypeVar("T")

_MetadataKey = Annotated[str, Meta(max_length=MAX_METADATA_KEY_CHARACTERS)]
_MetadataValue = Annotated[str, Meta(max_length=MAX_METADATA_VALUE_CHARACTERS)]


@dataclass(slots=True)
class ResponseTerms:
    """What a response was asked to be.

    Attributes:
        request: what the responder is told.
        voice: the name or id of the output voice, reported back.
        max_output_tokens: where generation stops.
        metadata: what the client attached, None if nothing.
        input_tokens: what the conversation costs to read.
    """

    request: ReplyRequest
    voice: str
    max_output_tokens: int | Literal["inf"] = "inf"
    metadata: dict[str, str] | None = None
    input_tokens: list[Tokens] = field(default_factory=list)


class _Output(Struct, forbid_unknown_fields=True):
    format: so.AudioFormat | UnsetType = UNSET
    voice: so.Name | so.VoiceId | UnsetType = UNSET


class _Audio(Struct, forbid_unknown_fields=True):
    output: _Output | UnsetType = UNSET


class _Checked(Struct):
    """The parameters whose values the decoder of events leaves open."""

    audio: _Audio | UnsetType = UNSET
    output_modalities: so.OutputModalities | UnsetType = UNSET
    tools: tuple[so.FunctionTool | McpTool, ...] | UnsetType = UNSET
    tool_choice: (
        Literal["auto", "none", "required"]
        | so.FunctionChoice
        | so.McpChoice
        | UnsetType
    ) = UNSET
    max_output_tokens: (
        Annotated[int, Meta(ge=1, le=4096)] | Literal["inf"] | UnsetType
    ) = UNSET
    metadata: (
        Annotated[
            dict[_MetadataKey, _MetadataValue], Meta(max_length=MAX_METADATA_PAIRS)
        ]
        | UnsetType
        | None
    ) = UNSET


class _Event(Struct):
    response: _Checked


def resolve(
    params: ResponseCreateParams,
    config: SessionConfig,
    conversation: Conversation,
    *,
    response_id: str,
    ordinal: int,
    input_end_ms: int | None,
) -> ResponseTerms:
    """Return what is asked for: `params`, and the session's settings for the rest.

    Args:
        params: what the client wants otherwise than the session.
        config: the session's settings.
        conversation: what is read, unless the client gave other input.
        response_id: the new response's id.
        ordinal: how many in-conversation responses came before.
        input_end_ms: up to where the caller's audio has been committed.

    Raises:
        msgspec.ValidationError: a parameter is not valid; the path in the message
            starts at the event (`$.response.audio...`).
        WireError: an item that is referred to does not exist, or holds agent audio,
            or the request is larger than need be.
    """
    _check(params)
    audio: dict[str, Any] = _or(params.audio, {}).get("output", {})
    inputs = list(_inputs(params, config, conversation))
    instructions = _or(params.instructions, None)
    if instructions is None:
        instructions = config.instructions
    metadata = _or(params.metadata, None)
    modalities = params.output_modalities
    modality = config.modality if modalities is UNSET else modalities[0]
    request = ReplyRequest(
        response_id=response_id,
        ordinal=ordinal,
        instructions=instructions,
        modality=modality,
        format=(
            AudioFormat.from_wire(audio["format"]["type"])
            if "format" in audio
            else config.output_format
        ),
        items=tuple(item.wire for item in inputs),
        tools=tuple(_or(params.tools, config.tools)),
        tool_choice=_or(params.tool_choice, config.tool_choice),
        out_of_band=params.conversation == "none",
        metadata=metadata or {},
        input_end_ms=input_end_ms,
        caller_audio=_CallerAudio(inputs),
        speed=config.speed,
    )
    return ResponseTerms(
        request,
        voice=_name(audio.get("voice", config.voice)),
        max_output_tokens=_or(params.max_output_tokens, config.max_output_tokens),
        metadata=metadata,
        input_tokens=[text_tokens(instructions), *(item.tokens() for item in inputs)],
    )


class _CallerAudio:
    """The audio of items, put together only when somebody asks for it."""

    def __init__(self, items: Sequence[ConversationItem]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[CallerAudio]:
        for item in self._items:
            yield from item.caller_audio()


def _name(voice: str | dict[str, str]) -> str:
    """Return a voice as a response names it: a custom one by its bare id."""
    return voice if isinstance(voice, str) else voice["id"]


def _check(params: ResponseCreateParams) -> None:
    given = {name: getattr(params, name) for name in _Checked.__struct_fields__}
    given = {name: value for name, value in given.items() if value is not UNSET}
    msgspec.convert({"response": given}, _Event)
    if params.instructions is not UNSET:
        given["instructions"] = params.instructions
    _check_size("response", json_size(given))


def _check_given(items: list[ConversationItem]) -> None:
    """Refuse input that would take much memory as long as the response runs."""
    _check_size("response.input", sum(item.text_bytes for item in items))
    audio_bytes = sum(item.audio_bytes for item in items)
    if audio_bytes > MAX_APPEND_BYTES:
        problem = f"more than {MAX_APPEND_BYTES} bytes"
        raise wire_errors.invalid_audio("response.input", problem)


def _check_size(path: str, size_bytes: int) -> None:
    if size_bytes > MAX_OBJECT_BYTES:
        raise wire_errors.too_large(path, MAX_OBJECT_BYTES, size_bytes)


def _inputs(
    params: ResponseCreateParams, config: SessionConfig, conversation: Conversation
) -> Iterator[ConversationItem]:
    if params.input is UNSET:
        yield from conversation
        return
    given: list[ConversationItem] = []
    for index, entry in enumerate(params.input):
        if isinstance(entry, ItemReference):
            yield _known(entry, conversation)
        else:
            given.append(_given(entry, config, f"response.input[{index}]"))
            yield given[-1]
    _check_given(given)


def _known(reference: ItemReference, conversation: Conversation) -> ConversationItem:
    item = conversation.get(reference.id)
    if item is None:
        raise wire_errors.item_not_found("retrieve", reference.id)
    return item


def _given(item: Item, config: SessionConfig, path: str) -> ConversationItem:
    return given_item(item, config.input_format, path)


def _or(value: T | UnsetType, default: T) -> T:
    """Return `value`, or the default where the client said nothing."""
    return default if isinstance(value, UnsetType) else value
