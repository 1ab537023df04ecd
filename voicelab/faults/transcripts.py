"""Transcripts that come after the reply that they should go with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from voicelab.faults.chance import Chance
from voicelab.faults.model import LateTranscript
from voicelab.faults.stage import Desk, Parcel, Shelf, Stage, event_of
from voicelab.protocol import server_events as ev
from voicelab.units import NS_PER_MS, ms_to_ns

MAX_HELD_MS = 10_000
"""The caller's words are held for no longer if no reply comes after them."""

_OfAgent: TypeAlias = (
    ev.ResponseOutputAudioTranscriptDelta | ev.ResponseOutputAudioTranscriptDone
)
_OfCaller: TypeAlias = (
    ev.ConversationItemInputAudioTranscriptionDelta
    | ev.ConversationItemInputAudioTranscriptionSegment
    | ev.ConversationItemInputAudioTranscriptionCompleted
    | ev.ConversationItemInputAudioTranscriptionFailed
)


class LateTranscriptStage(Stage):
    """Holds the words of struck responses and turns until a response is done."""

    def __init__(self, fault: LateTranscript, chance: Chance, desk: Desk) -> None:
        super().__init__("late_transcript", chance, desk)
        self._fault = fault
        self._responses: dict[str, list[Parcel]] = {}  # struck, and not yet done
        self._turns: dict[str, list[Parcel]] = {}  # struck, and not yet answered
        self._give_up_ns: int | None = None
        self._shelf = Shelf()

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide once a response, and once a turn of the caller."""
        of = self._fault.of
        if isinstance(event, ev.ResponseCreated):
            return of != "caller" and self.chance.strikes("response")
        if isinstance(event, ev.InputAudioBufferCommitted):
            return of != "agent" and self.chance.strikes("turn")
        return False

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterator[Parcel]:
        """Hold a struck transcript; let it follow the end of the reply."""
        event = event_of(parcel)
        if struck and isinstance(event, ev.ResponseCreated):
            self._responses[event.response.id] = []
        elif struck and isinstance(event, ev.InputAudioBufferCommitted):
            self._turns[event.item_id] = []
        held = self._holder(event)
        if held is None:
            yield parcel
            if isinstance(event, ev.ResponseDone):
                self._reply_done(event, now_ns)
                yield from self._shelf.due(now_ns)
            return
        if not held:
            yield self.note(event)
        held.append(parcel)
        if isinstance(event, _OfCaller) and self._give_up_ns is None:
            self._give_up_ns = now_ns + MAX_HELD_MS * NS_PER_MS

    def due(self, now_ns: int) -> Iterator[Parcel]:
        """Send what has waited for long enough after the reply, or for one."""
        if self._give_up_ns is not None and self._give_up_ns <= now_ns:
            self._answer_turns(now_ns)
        yield from self._shelf.due(now_ns)

    def next_deadline(self) -> int | None:
        """Return when the next transcript is sent."""
        times = (self._give_up_ns, self._shelf.next_deadline())
        return min((at for at in times if at is not None), default=None)

    def _holder(self, event: ev.ServerEvent | None) -> list[Parcel] | None:
        """Return where a transcript is to be held, None if it may pass."""
        if isinstance(event, _OfAgent):
            return self._responses.get(event.response_id)
        if isinstance(event, _OfCaller):
            return self._turns.get(event.item_id)
        return None

    def _reply_done(self, event: ev.ResponseDone, now_ns: int) -> None:
        release_ns = now_ns + ms_to_ns(self._fault.delay_ms)
        if event.response.conversation_id is not None:
            self._answer_turns(release_ns)
        for parcel in self._responses.pop(event.response.id, ()):
            self._shelf.put(parcel, release_ns)

    def _answer_turns(self, release_ns: int) -> None:
        self._give_up_ns = None
        for held in self._turns.values():
            for parcel in held:
                self._shelf.put(parcel, release_ns)
        self._turns.clear()
