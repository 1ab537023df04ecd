"""Faults that are error events: commit_error and stray_error."""

from __future__ import annotations

from collections.abc import Iterable

from voicelab.faults.chance import Chance
from voicelab.faults.model import CommitError, StrayError
from voicelab.faults.stage import Desk, Parcel, Stage, event_of
from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.protocol import wire_errors
from voicelab.protocol.codec import wire_type


class CommitErrorStage(Stage):
    """Refuses commits in the session's place; nothing is committed then."""

    def __init__(self, fault: CommitError, chance: Chance, desk: Desk) -> None:
        del fault
        super().__init__("commit_error", chance, desk)

    def refuse(self, event: ce.InputAudioBufferCommit) -> Iterable[Parcel]:
        """Return the refusal of a commit, nothing if the session shall have it."""
        if not self.chance.strikes("commit"):
            return ()
        event_id = event.event_id if isinstance(event.event_id, str) else None
        error = wire_errors.commit_too_small(0.0).caused_by(event_id)
        refusal = error.to_event(self.desk.ids.event())
        return (self.note(refusal), Parcel(refusal))


class StrayErrorStage(Stage):
    """Lets an error that nobody caused follow the events it strikes."""

    def __init__(self, fault: StrayError, chance: Chance, desk: Desk) -> None:
        super().__init__("stray_error", chance, desk)
        self._fault = fault
        self._on = frozenset(fault.on)

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide by the event's type."""
        kind = wire_type(event)
        return kind in self._on and self.chance.strikes(kind)

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Return a struck event and the error after it."""
        del now_ns
        if not struck:
            return (parcel,)
        code, message = self._fault.code, self._fault.message
        detail = ev.ErrorDetail(type="server_error", code=code, message=message)
        error = ev.ErrorEvent(event_id=self.desk.ids.event(), error=detail)
        return (parcel, self.note(event_of(parcel)), Parcel(error))
