"""Keeps the notes of what the agent says true where its audio is lost or doubled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from voicelab.faults.audio import AudioMeter
from voicelab.protocol.server_events import ResponseOutputAudioDelta, ServerEvent
from voicelab.session.outbox import Note

REPLY_AUDIO = "reply.audio"


@dataclass(frozen=True, slots=True)
class _Edit:
    """Samples [start, end) of an item that are sent `copies` times, not once."""

    start: int
    end: int
    copies: int

    @property
    def grows(self) -> int:
        return (self.end - self.start) * (self.copies - 1)

    def start_shift(self, start: int) -> int:
        """Return how far what begins at `start` moves."""
        if self.copies:
            return self.grows if start >= self.end else 0
        return -max(min(start, self.end) - self.start, 0)

    def end_shift(self, end: int) -> int:
        """Return how far what ends at `end` moves; doubled, it ends the first time."""
        if self.copies:
            return self.grows if end > self.end else 0
        return self.start_shift(end)


class SentAudio:
    """Follows the audio of each item and says where its words lie in what is sent."""

    def __init__(self) -> None:
        self._meter = AudioMeter()
        self._position: dict[str, int] = {}
        self._edits: dict[str, list[_Edit]] = {}

    def leaves(self, event: ServerEvent, copies: int) -> None:
        """An event leaves the session, to be sent so many times."""
        if isinstance(event, ResponseOutputAudioDelta):
            start = self._position.get(event.item_id, 0)
            end = start + self._meter.samples_in(event)
            self._position[event.item_id] = end
            if copies != 1:
                edits = self._edits.setdefault(event.item_id, [])
                edits.append(_Edit(start, end, copies))
        self._meter.pass_by(event)

    def told(self, note: Note) -> Note:
        """Return a note with its positions counted in what is really sent.

        A word of which nothing is sent is not said.
        """
        if note.type != REPLY_AUDIO or note.item_id is None:
            return note
        self._position.pop(note.item_id, None)
        edits = self._edits.pop(note.item_id, [])
        return replace(note, data=_edited(note.data, edits)) if edits else note


def _edited(data: dict[str, Any], edits: list[_Edit]) -> dict[str, Any]:
    moved = [
        [
            text,
            start + sum(edit.start_shift(start) for edit in edits),
            end + sum(edit.end_shift(end) for edit in edits),
        ]
        for text, start, end in data["words"]
    ]
    return data | {
        "samples": data["samples"] + sum(edit.grows for edit in edits),
        "words": [word for word in moved if word[2] > word[1]],
    }
