"""Conversation items and the content they carry.

Two families of parts exist and must not be mixed: the *content* of an item
(`input_text`, `output_audio`, ...) and the *part* of the
`response.content_part.*` events (`text`, `audio`). Absent optional fields are
`UNSET` and stay off the wire; a null in their place makes strict clients drop
the event.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from msgspec import UNSET, Struct, UnsetType

ItemStatus: TypeAlias = Literal["completed", "incomplete", "in_progress"]
Role: TypeAlias = Literal["system", "user", "assistant"]
ImageDetail: TypeAlias = Literal["auto", "low", "high"]


class InputText(Struct, frozen=True, tag_field="type", tag="input_text"):
    """Text from the user or the system."""

    text: str


class InputAudio(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="input_audio"
):
    """Speech from the user.

    Attributes:
        audio: samples in the session's input format; on the wire (base64) only
            in an item that a client creates or retrieves.
        transcript: null while the transcript is not known, which is the one
            null that the real server sends inside an item.
    """

    audio: bytes | UnsetType = UNSET
    transcript: str | UnsetType | None = UNSET


class InputImage(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="input_image"
):
    """A picture from the user.

    Attributes:
        image_url: a data URL (`data:image/png;base64,...`), which a client must give;
            absent in what the server says of an item that would not fit into an
            event with it.
    """

    image_url: str | UnsetType = UNSET
    detail: ImageDetail | UnsetType = UNSET


class OutputText(Struct, frozen=True, tag_field="type", tag="output_text"):
    """Text that the model wrote."""

    text: str


class OutputAudio(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="output_audio"
):
    """Speech that the model generated.

    Attributes:
        audio: samples in the session's output format; on the wire (base64) only
            in an item that a client retrieves.
        transcript: the words; absent once a truncation removed them.
    """

    audio: bytes | UnsetType = UNSET
    transcript: str | UnsetType | None = UNSET


ContentPart: TypeAlias = InputText | InputAudio | InputImage | OutputText | OutputAudio

ROLE_CONTENT: dict[Role, tuple[type[ContentPart], ...]] = {
    "system": (InputText,),
    "user": (InputText, InputAudio, InputImage),
    "assistant": (OutputText, OutputAudio),
}
"""Which kinds of content a message of each role may hold."""


class TextPart(Struct, frozen=True, tag_field="type", tag="text"):
    """The part of `response.content_part.*` for text output."""

    text: str = ""


class AudioPart(Struct, frozen=True, tag_field="type", tag="audio"):
    """The part of `response.content_part.*` for audio output; never has audio."""

    transcript: str = ""


Part: TypeAlias = TextPart | AudioPart


class MessageItem(Struct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """A message of the system, the user or the assistant.

    Attributes:
        id: absent only in an item that a client asks to create.
        status: absent only in an item that a client asks to create.
    """

    id: str | UnsetType = UNSET
    object: Literal["realtime.item"] = "realtime.item"
    status: ItemStatus | UnsetType = UNSET
    role: Role
    content: list[ContentPart]


class FunctionCallItem(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="function_call"
):
    """The model's request to run a function.

    Attributes:
        arguments: a JSON text, empty while the call is still being written.
    """

    id: str | UnsetType = UNSET
    object: Literal["realtime.item"] = "realtime.item"
    status: ItemStatus | UnsetType = UNSET
    name: str
    call_id: str | UnsetType = UNSET
    arguments: str


class FunctionCallOutputItem(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="function_call_output"
):
    """What the function returned, given back by the client."""

    id: str | UnsetType = UNSET
    object: Literal["realtime.item"] = "realtime.item"
    status: ItemStatus | UnsetType = UNSET
    call_id: str
    output: str


Item: TypeAlias = MessageItem | FunctionCallItem | FunctionCallOutputItem


class ItemReference(Struct, frozen=True, tag_field="type", tag="item_reference"):
    """Stands for an existing item in the `input` of `response.create`."""

    id: str


def tag_of(kind: Struct | type[Struct]) -> str:
    """Return the wire's `type` of a tagged struct, or of its class."""
    return str(kind.__struct_config__.tag)


def tags(union: object) -> tuple[str, ...]:
    """Return the wire's `type` of every struct in a union of structs."""
    return tuple(tag_of(member) for member in get_args(union))
