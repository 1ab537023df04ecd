"""The output items of a response and the events that open, fill and close them.

The ladder of events is the one captured from the real endpoint: an item is added
to the response, then to the conversation, then its part; it closes in the
opposite order.
"""

from __future__ import annotations

from typing import Any

import msgspec

from voicelab.audio.formats import AudioFormat
from voicelab.protocol import server_events as ev
from voicelab.protocol.items import (
    AudioPart,
    FunctionCallItem,
    Item,
    ItemStatus,
    MessageItem,
    OutputAudio,
    OutputText,
    TextPart,
)
from voicelab.session.conversation import Conversation, ConversationItem
from voicelab.session.outbox import Outbox
from voicelab.session.reply import CallPiece, SpeechPiece, TextPiece
from voicelab.session.timeline import AudioTimeline
from voicelab.session.usage import Tokens, output_audio_tokens, text_tokens
from voicelab.units import ms_to_samples

MAX_DELTA_MS = 200
"""No audio delta is longer, which keeps every message far below 1 MB."""

_ARGUMENTS_DELTA_CHARACTERS = 8


class OutputItem:
    """One item that a response is producing.

    Args:
        conversation: where the item goes; None for out-of-band responses.
    """

    def __init__(
        self,
        item: ConversationItem,
        *,
        response_id: str,
        output_index: int,
        outbox: Outbox,
        conversation: Conversation | None,
    ) -> None:
        self.item = item
        self._outbox = outbox
        self._conversation = conversation
        self._ladder = {"response_id": response_id, "output_index": output_index}

    def open(self) -> None:
        """Announce the item."""
        self._outbox.emit(
            ev.ResponseOutputItemAdded, **self._ladder, item=self.item.wire
        )
        if self._conversation is not None:
            previous_id = self._conversation.add(self.item)
            self._outbox.emit(
                ev.ConversationItemAdded,
                previous_item_id=previous_id,
                item=self.item.wire,
            )

    def close(self, status: ItemStatus) -> None:
        """Announce the finished item."""
        self.item.wire = wire = self._finished(status)
        if self._conversation is not None and self.item.id in self._conversation:
            previous_id = self._conversation.previous_id(self.item.id)
            self._outbox.emit(
                ev.ConversationItemDone, previous_item_id=previous_id, item=wire
            )
        self._outbox.emit(ev.ResponseOutputItemDone, **self._ladder, item=wire)

    def tokens(self) -> Tokens:
        """Return what was generated so far."""
        return self.item.tokens()

    def _finished(self, status: ItemStatus) -> Item:
        return msgspec.structs.replace(self.item.wire, status=status)


class _Message(OutputItem):
    """A message with one part."""

    @property
    def _part_ladder(self) -> dict[str, Any]:
        return {**self._ladder, "item_id": self.item.id, "content_index": 0}


class SpokenMessage(_Message):
    """Audio and its transcript."""

    _said = ""

    def open(self) -> None:
        """Announce the item and its part."""
        super().open()
        self._outbox.emit(
            ev.ResponseContentPartAdded, **self._part_ladder, part=AudioPart()
        )

    @property
    def timeline(self) -> AudioTimeline:
        """What the message says, and when."""
        if self.item.timeline is None:
            raise TypeError("a spoken message has a timeline")
        return self.item.timeline

    def tokens(self) -> Tokens:
        """Return what was generated so far, whatever was truncated since."""
        return output_audio_tokens(self.timeline.duration_ms) + text_tokens(self._said)

    def add(self, piece: SpeechPiece) -> None:
        """Send the piece's transcript, then its audio."""
        timeline = self.timeline
        timeline.add(piece)
        self._said += piece.text
        ladder = self._part_ladder
        if piece.text:
            self._outbox.emit(
                ev.ResponseOutputAudioTranscriptDelta, **ladder, delta=piece.text
            )
        step = ms_to_samples(MAX_DELTA_MS, timeline.format.rate_hz)
        for start in range(0, len(piece.samples), step):
            audio = timeline.format.encode(piece.samples[start : start + step])
            self._outbox.emit(ev.ResponseOutputAudioDelta, **ladder, delta=audio)

    def note_what_it_says(self) -> None:
        """Leave the words and their places to the record."""
        timeline = self.timeline
        self._outbox.note(
            "reply.audio",
            self.item.id,
            rate_hz=timeline.format.rate_hz,
            samples=timeline.samples,
            words=[[w.text, w.start_samples, w.end_samples] for w in timeline.words],
        )

    def close(self, status: ItemStatus) -> None:
        """Finish audio, transcript and part, then the item."""
        if self._conversation is not None:
            self._conversation.retain_audio(self.item)
        self.note_what_it_says()
        ladder = self._part_ladder
        self._outbox.emit(ev.ResponseOutputAudioDone, **ladder)
        said = self._said
        self._outbox.emit(
            ev.ResponseOutputAudioTranscriptDone, **ladder, transcript=said
        )
        self._outbox.emit(
            ev.ResponseContentPartDone, **ladder, part=AudioPart(transcript=said)
        )
        super().close(status)

    def _finished(self, status: ItemStatus) -> Item:
        # a truncation that overtook the close-out has dropped the transcript
        if self.timeline.kept_samples is None:
            content = OutputAudio(transcript=self.timeline.transcript)
        else:
            content = OutputAudio()
        return msgspec.structs.replace(self.item.wire, status=status, content=[content])


class WrittenMessage(_Message):
    """Text."""

    _text = ""

    def open(self) -> None:
        """Announce the item and its part."""
        super().open()
        self._outbox.emit(
            ev.ResponseContentPartAdded, **self._part_ladder, part=TextPart()
        )

    def add(self, piece: TextPiece) -> None:
        """Send the piece."""
        self._text += piece.text
        self._outbox.emit(
            ev.ResponseOutputTextDelta, **self._part_ladder, delta=piece.text
        )

    def close(self, status: ItemStatus) -> None:
        """Finish text and part, then the item."""
        ladder = self._part_ladder
        self._outbox.emit(ev.ResponseOutputTextDone, **ladder, text=self._text)
        self._outbox.emit(
            ev.ResponseContentPartDone, **ladder, part=TextPart(text=self._text)
        )
        super().close(status)

    def tokens(self) -> Tokens:
        """Return what was written so far."""
        return text_tokens(self._text)

    def _finished(self, status: ItemStatus) -> Item:
        return msgspec.structs.replace(
            self.item.wire, status=status, content=[OutputText(text=self._text)]
        )


class FunctionCall(OutputItem):
    """A function call; complete as soon as it is opened."""

    def write(self, piece: CallPiece, call_id: str) -> None:
        """Send the arguments."""
        ladder = {**self._ladder, "item_id": self.item.id, "call_id": call_id}
        text = piece.arguments
        for start in range(0, len(text), _ARGUMENTS_DELTA_CHARACTERS):
            delta = text[start : start + _ARGUMENTS_DELTA_CHARACTERS]
            self._outbox.emit(
                ev.ResponseFunctionCallArgumentsDelta, **ladder, delta=delta
            )
        self._outbox.emit(
            ev.ResponseFunctionCallArgumentsDone,
            **ladder,
            name=piece.name,
            arguments=text,
        )
        self.item.wire = msgspec.structs.replace(self.item.wire, arguments=text)


def message_item(item_id: str, audio_format: AudioFormat | None) -> ConversationItem:
    """Return a new agent message; spoken if a format is given."""
    wire = MessageItem(id=item_id, status="in_progress", role="assistant", content=[])
    timeline = None if audio_format is None else AudioTimeline(audio_format)
    return ConversationItem(wire, timeline=timeline)


def call_item(item_id: str, call_id: str, name: str) -> ConversationItem:
    """Return a new function call whose arguments are still to come."""
    return ConversationItem(
        FunctionCallItem(
            id=item_id,
            status="in_progress",
            name=name,
            call_id=call_id,
            arguments="",
        )
    )
