"""The conversation: items in order, what each holds, what each costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from voicelab.audio.formats import AudioFormat
from voicelab.protocol import wire_errors
from voicelab.protocol.codec import json_size
from voicelab.protocol.items import (
    ContentPart,
    FunctionCallItem,
    FunctionCallOutputItem,
    InputAudio,
    InputImage,
    InputText,
    Item,
    MessageItem,
    OutputAudio,
    OutputText,
    tag_of,
)
from voicelab.protocol.limits import MAX_OBJECT_BYTES
from voicelab.session.reply import CallerAudio
from voicelab.session.timeline import AudioTimeline
from voicelab.session.usage import Tokens, input_audio_tokens, text_tokens

RETAINED_AUDIO_BYTES = 24 << 20
"""The audio of both parties that is kept (nearly 9 minutes of PCM; the longest turn
fits): a session of an hour must not grow without end."""

MAX_ITEMS = 10_000
"""An item every third of a second for an hour."""

MAX_TEXT_BYTES = 4 << 20
"""What clients may put into a conversation, as JSON without audio: about a million
tokens, many times what any Realtime model reads."""

ROOT = "root"
"""As `previous_item_id`: before everything else."""


@dataclass(slots=True)
class ConversationItem:
    """One item and what the server knows of it beyond the wire.

    Attributes:
        wire: the item as clients see it.
        timeline: the audio of an agent item, None for all others.
        audio: the wire audio of each audio part of a caller item; empty for all
            others, or if it was let go to bound memory.
        audio_ms: the length of a caller item's audio.
        text_bytes: the size of an item that a client gave, as JSON without audio.
        audio_format: what `audio` is encoded in.
        start_ms: where in the input stream a committed item's audio begins.
        silent_from_ms: where in it the silence begins that the audio ends with; None
            if nobody looked for it.
    """

    wire: Item
    timeline: AudioTimeline | None = None
    audio: list[bytes] = field(default_factory=list)
    audio_ms: int = 0
    text_bytes: int = 0
    audio_format: AudioFormat | None = None
    start_ms: int | None = None
    silent_from_ms: int | None = None

    @property
    def id(self) -> str:
        """The item's id."""
        return str(self.wire.id)

    @property
    def audio_bytes(self) -> int:
        """How much memory the item's audio takes."""
        own = sum(map(len, self.audio))
        return own if self.timeline is None else own + self.timeline.audio_bytes

    def caller_audio(self) -> Iterator[CallerAudio]:
        """Return the audio of a caller item, part by part, if it is still kept."""
        if self.audio_format is None:
            return
        for data in self.audio:
            length_ms = self.audio_format.duration_ms(len(data))
            if self.start_ms is not None:
                length_ms = self.audio_ms  # exact, also where milliseconds are cut
            yield CallerAudio(
                self.id,
                self.audio_format,
                data,
                self.start_ms,
                length_ms,
                self.silent_from_ms,
            )

    def let_go_of_audio(self) -> None:
        """Forget the audio; what it costs and how long it is stays known."""
        self.audio = []
        if self.timeline is not None:
            self.timeline.let_go_of_audio()

    def tokens(self) -> Tokens:
        """Return what the item costs each time it is read."""
        if self.timeline is not None:
            return self.timeline.tokens()
        return input_audio_tokens(self.audio_ms) + text_tokens(_text_of(self.wire))


def given_item(
    wire: Item, audio_format: AudioFormat, path: str = "item"
) -> ConversationItem:
    """Return an item that a client gave.

    Its audio is kept beside the item, since no event but `retrieved` carries it.
    Pictures are let go if the item would not fit into an event with them: the server
    has to repeat the item, and nobody here looks at pictures.

    Args:
        wire: the item as it came.
        audio_format: the format of any audio in it.
        path: where in the client's event the item stands.

    Raises:
        WireError: it holds agent audio, which only the agent can make, or is too
            large to be repeated in an event.
    """
    if not isinstance(wire, MessageItem):
        return ConversationItem(wire, text_bytes=_fitting_size(wire, path))
    audio: list[bytes] = []
    content: list[ContentPart] = []
    for index, part in enumerate(wire.content):
        if isinstance(part, OutputAudio):
            raise wire_errors.invalid_value(
                f"{path}.content[{index}].type", tag_of(part), [tag_of(OutputText)]
            )
        if isinstance(part, InputAudio):
            audio.append(part.audio or b"")
            content.append(InputAudio(transcript=part.transcript or None))
        else:
            content.append(part)
    wire = msgspec.structs.replace(wire, content=content)
    if json_size(wire) > MAX_OBJECT_BYTES:
        wire = _without_pictures(wire)
    return ConversationItem(
        wire,
        audio=audio,
        text_bytes=_fitting_size(wire, path),
        audio_ms=sum(map(audio_format.duration_ms, map(len, audio))),
        audio_format=audio_format,
    )


def _fitting_size(item: Item, path: str) -> int:
    """Return an item's size as JSON.

    Raises:
        WireError: no event could carry it.
    """
    size_bytes = json_size(item)
    if size_bytes > MAX_OBJECT_BYTES:
        raise wire_errors.too_large(path, MAX_OBJECT_BYTES, size_bytes)
    return size_bytes


def _without_pictures(message: MessageItem) -> MessageItem:
    content = [
        InputImage(detail=part.detail) if isinstance(part, InputImage) else part
        for part in message.content
    ]
    return msgspec.structs.replace(message, content=content)


def _text_of(item: Item) -> str:
    if isinstance(item, FunctionCallItem):
        return item.name + item.arguments
    if isinstance(item, FunctionCallOutputItem):
        return item.output
    return "".join(
        part.text for part in item.content if isinstance(part, InputText | OutputText)
    )


class Conversation:
    """The items of a session's one conversation, oldest first.

    Once there are more than `MAX_ITEMS`, or clients have written more than
    `MAX_TEXT_BYTES`, the oldest leave it, as they leave the context of a model that
    has read too much. Nothing is said of it, just as nothing is said of that.
    """

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self._items: dict[str, ConversationItem] = {}
        self._order: list[str] = []
        self._with_audio: dict[str, ConversationItem] = {}
        self._audio_bytes = 0
        self._text_bytes = 0

    def __iter__(self) -> Iterator[ConversationItem]:
        return (self._items[item_id] for item_id in self._order)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    @property
    def last_id(self) -> str | None:
        """The newest item's id."""
        return self._order[-1] if self._order else None

    def get(self, item_id: str) -> ConversationItem | None:
        """Return an item, None if there is none of that id."""
        return self._items.get(item_id)

    def add(
        self, item: ConversationItem, previous_item_id: str | None = None
    ) -> str | None:
        """Insert after `previous_item_id` (None: at the end).

        Returns:
            The id of the item that now stands before it, None if it is the first.

        Raises:
            WireError: no such previous item, or the id is taken.
        """
        if item.id in self._items:
            raise wire_errors.duplicate_item_id(item.id)
        if previous_item_id is None:
            at = len(self._order)
        elif previous_item_id == ROOT:
            at = 0
        elif previous_item_id in self._items:
            at = self._order.index(previous_item_id) + 1
        else:
            raise wire_errors.previous_item_not_found(previous_item_id)
        self._order.insert(at, item.id)
        self._items[item.id] = item
        self._text_bytes += item.text_bytes
        previous_id = self._order[at - 1] if at else None
        while len(self._order) > MAX_ITEMS or self._text_bytes > MAX_TEXT_BYTES:
            # An item put at the front is the oldest, yet it has only just come.
            self._remove(self._order[1 if self._order[0] == item.id else 0])
        return previous_id

    def retain_audio(self, item: ConversationItem) -> None:
        """Keep the audio of a complete item, and let go of the oldest if need be."""
        if not item.audio_bytes:
            return
        if item.id not in self._items:
            item.let_go_of_audio()
            return
        self._with_audio[item.id] = item
        self._audio_bytes += item.audio_bytes
        while self._audio_bytes > RETAINED_AUDIO_BYTES:
            self._let_go_of_audio(next(iter(self._with_audio)))

    def _let_go_of_audio(self, item_id: str) -> None:
        item = self._with_audio.pop(item_id, None)
        if item is not None:
            self._audio_bytes -= item.audio_bytes
            item.let_go_of_audio()

    def previous_id(self, item_id: str) -> str | None:
        """Return the id of the item before `item_id`."""
        at = self._order.index(item_id) if item_id in self._items else 0
        return self._order[at - 1] if at else None

    def delete(self, item_id: str) -> None:
        """Remove an item.

        Raises:
            WireError: there is none of that id.
        """
        if item_id not in self._items:
            raise wire_errors.item_not_found("delete", item_id)
        self._remove(item_id)

    def _remove(self, item_id: str) -> None:
        self._let_go_of_audio(item_id)
        self._text_bytes -= self._items.pop(item_id).text_bytes
        self._order.remove(item_id)

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Keep the first `audio_end_ms` of an agent item's audio.

        Raises:
            WireError: no such item, not agent audio, or more than it holds.
        """
        item = self._items.get(item_id)
        if item is None:
            raise wire_errors.item_not_found("truncate", item_id)
        timeline = item.timeline
        if timeline is None or timeline.samples == 0 or content_index != 0:
            raise wire_errors.truncate_not_audio()
        if not timeline.reaches(audio_end_ms):
            raise wire_errors.truncate_too_long(timeline.held_ms, audio_end_ms)
        timeline.truncate(audio_end_ms)
        item.wire = _without_transcript(item.wire)

    def retrieve(self, item_id: str, max_audio_bytes: int) -> Item:
        """Return an item with its audio, if that fits in one message.

        Raises:
            WireError: there is none of that id.
        """
        item = self._items.get(item_id)
        if item is None:
            raise wire_errors.item_not_found("retrieve", item_id)
        audio = item.audio
        if item.timeline is not None and item.timeline.audio_bytes:
            audio = [item.timeline.format.encode(item.timeline.held_audio())]
        if not audio or sum(map(len, audio)) > max_audio_bytes:
            return item.wire
        whole = _with_audio(item.wire, audio)
        return whole if json_size(whole) <= MAX_OBJECT_BYTES else item.wire

    def transcribe(self, item_id: str, transcript: str) -> None:
        """Put the words of a caller's item into it, if it is still there."""
        item = self._items.get(item_id)
        if item is None or not isinstance(item.wire, MessageItem):
            return
        content = [
            msgspec.structs.replace(part, transcript=transcript)
            if isinstance(part, InputAudio)
            else part
            for part in item.wire.content
        ]
        item.wire = msgspec.structs.replace(item.wire, content=content)


def _without_transcript(item: Item) -> Item:
    if not isinstance(item, MessageItem):
        return item
    content = [
        OutputAudio() if isinstance(part, OutputAudio) else part
        for part in item.content
    ]
    return msgspec.structs.replace(item, content=content)


def _with_audio(item: Item, audio: Iterable[bytes]) -> Item:
    if not isinstance(item, MessageItem):
        return item
    parts = iter(audio)
    content = [
        msgspec.structs.replace(part, audio=next(parts))
        if isinstance(part, InputAudio | OutputAudio)
        else part
        for part in item.content
    ]
    return msgspec.structs.replace(item, content=content)
