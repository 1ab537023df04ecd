"""The GA session object as a client may send it: keys, values and ranges.

Scenarios carry it verbatim and `session.update` puts it on the wire; both are
checked against these types, so that a misspelt key or a threshold of 7 is refused
by name. Keys, values and ranges are those of the Realtime API reference
(`session.update`, sessions of type `realtime`); voices and models are left open,
since their lists change.

Every optional key may be absent: the server's default, or what was there before.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from voicelab.protocol.limits import MAX_ID_CHARACTERS, MAX_MS
from voicelab.protocol.mcp_tool import McpTool

Milliseconds = Annotated[int, Meta(ge=0, le=MAX_MS)]
Name = Annotated[str, Meta(max_length=MAX_ID_CHARACTERS)]


class PcmFormat(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="audio/pcm"
):
    """16-bit little-endian PCM, mono."""

    rate: Literal[24000] | UnsetType = UNSET


class PcmuFormat(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="audio/pcmu"
):
    """G.711 µ-law at 8 kHz."""


class PcmaFormat(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="audio/pcma"
):
    """G.711 A-law at 8 kHz."""


AudioFormat = PcmFormat | PcmuFormat | PcmaFormat


class ServerVad(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="server_vad"
):
    """Turn detection by voice activity and a silence timeout."""

    threshold: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    prefix_padding_ms: Milliseconds | UnsetType = UNSET
    silence_duration_ms: Milliseconds | UnsetType = UNSET
    idle_timeout_ms: Annotated[int, Meta(gt=0, le=MAX_MS)] | UnsetType | None = UNSET
    create_response: bool | UnsetType = UNSET
    interrupt_response: bool | UnsetType = UNSET


class SemanticVad(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="semantic_vad",
):
    """Turn detection by what was said."""

    eagerness: Literal["low", "medium", "high", "auto"] | UnsetType = UNSET
    create_response: bool | UnsetType = UNSET
    interrupt_response: bool | UnsetType = UNSET


class NoiseReduction(Struct, frozen=True, forbid_unknown_fields=True):
    """Filtering of the caller's audio before turn detection."""

    type: Literal["near_field", "far_field"] | UnsetType = UNSET
    strength: Annotated[float, Meta(ge=0)] | UnsetType = UNSET


class Transcription(Struct, frozen=True, forbid_unknown_fields=True):
    """Transcription of the caller beside the model."""

    model: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    prompt: str | UnsetType | None = UNSET
    keywords: tuple[str, ...] | UnsetType = UNSET
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | UnsetType = UNSET


class InputAudio(Struct, frozen=True, forbid_unknown_fields=True):
    """How the caller's audio is coded and cut into turns."""

    format: AudioFormat | UnsetType = UNSET
    transcription: Transcription | UnsetType | None = UNSET
    noise_reduction: NoiseReduction | UnsetType | None = UNSET
    turn_detection: ServerVad | SemanticVad | UnsetType | None = UNSET


class VoiceId(Struct, frozen=True, forbid_unknown_fields=True):
    """A custom voice."""

    id: Name


class OutputAudio(Struct, frozen=True, forbid_unknown_fields=True):
    """How the agent's audio is spoken and coded."""

    format: AudioFormat | UnsetType = UNSET
    voice: Name | VoiceId | UnsetType = UNSET
    speed: Annotated[float, Meta(ge=0.25, le=1.5)] | UnsetType = UNSET


class SessionAudio(Struct, frozen=True, forbid_unknown_fields=True):
    """The audio of both directions."""

    input: InputAudio | UnsetType = UNSET
    output: OutputAudio | UnsetType = UNSET


class FunctionTool(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="function"
):
    """A function that the agent may call; `parameters` is a JSON schema."""

    name: Name
    description: str | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET


class FunctionChoice(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="function"
):
    """The one function to call."""

    name: Name


class McpChoice(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="mcp"
):
    """The one tool server, and perhaps the one tool of it, to call."""

    server_label: str
    name: str | UnsetType | None = UNSET


class TokenLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits that hold after the instructions."""

    post_instructions: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class RetentionRatio(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="retention_ratio",
):
    """How much of the context to keep once it is full."""

    retention_ratio: Annotated[float, Meta(ge=0, le=1)]
    token_limits: TokenLimits | UnsetType = UNSET


class Tracing(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the far side files its trace."""

    workflow_name: str | UnsetType = UNSET
    group_id: str | UnsetType = UNSET
    metadata: Any | UnsetType = UNSET


class PromptText(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="input_text"
):
    """Text that fills a place of a prompt template."""

    text: str


class PromptImage(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="input_image"
):
    """A picture that fills a place of a prompt template."""

    detail: Literal["low", "high", "auto", "original"]
    file_id: str | UnsetType | None = UNSET
    image_url: str | UnsetType | None = UNSET


class PromptFile(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="input_file"
):
    """A file that fills a place of a prompt template."""

    detail: Literal["low", "high", "auto"] | UnsetType | None = UNSET
    file_data: str | UnsetType | None = UNSET
    file_id: str | UnsetType | None = UNSET
    file_url: str | UnsetType | None = UNSET
    filename: str | UnsetType | None = UNSET


class Prompt(Struct, frozen=True, forbid_unknown_fields=True):
    """A prompt template stored at the far side."""

    id: str
    version: str | UnsetType | None = UNSET
    variables: (
        dict[str, str | PromptText | PromptImage | PromptFile] | UnsetType | None
    ) = UNSET


class Reasoning(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a reasoning model may think."""

    effort: Literal["minimal", "low", "medium", "high", "xhigh"] | UnsetType = UNSET


OutputModalities: TypeAlias = Annotated[
    tuple[Literal["audio", "text"], ...], Meta(min_length=1, max_length=1)
]
"""What a response is made of: audio, which includes its transcript, or text."""


class SessionObject(Struct, frozen=True, forbid_unknown_fields=True):
    """A GA session object as `session.update` takes it; sent verbatim."""

    type: Literal["realtime"]
    model: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    output_modalities: OutputModalities | UnsetType = UNSET
    audio: SessionAudio | UnsetType = UNSET
    tools: tuple[FunctionTool | McpTool, ...] | UnsetType = UNSET
    tool_choice: (
        Literal["auto", "none", "required"] | FunctionChoice | McpChoice | UnsetType
    ) = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    max_output_tokens: (
        Annotated[int, Meta(ge=1, le=4096)] | Literal["inf"] | UnsetType
    ) = UNSET
    truncation: Literal["auto", "disabled"] | RetentionRatio | UnsetType = UNSET
    reasoning: Reasoning | UnsetType = UNSET
    tracing: Literal["auto"] | Tracing | UnsetType | None = UNSET
    prompt: Prompt | UnsetType | None = UNSET
    include: (
        tuple[Literal["item.input_audio_transcription.logprobs"], ...]
        | UnsetType
        | None
    ) = UNSET

    @property
    def speaks(self) -> bool:
        """Whether the agent answers with audio; text alone is the other choice."""
        return self.output_modalities is UNSET or "audio" in self.output_modalities
