"""Faults by which a response fails or never comes.

The session is told to cancel the response, which it does as for any client; on the
wire its end becomes the failure. A response that fails before it says anything
leaves no items behind, so the conversation is what the client sees of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from voicelab.faults.audio import AudioMeter
from voicelab.faults.chance import Chance
from voicelab.faults.model import NoResponse, RateLimited, ResponseFailed
from voicelab.faults.stage import (
    Desk,
    Parcel,
    Stage,
    event_of,
    item_id_of,
    response_id_of,
)
from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.protocol.response_object import StatusDetails, StatusError
from voicelab.session.outbox import Note

SERVER_ERROR = StatusError(
    type="server_error",
    code="server_error",
    message="The server had an error while processing your request.",
)


class _Breaking(Stage):
    """Has the session break off the responses that it strikes."""

    def __init__(self, kind: str, chance: Chance, desk: Desk) -> None:
        super().__init__(kind, chance, desk)
        self._asked: set[str] = set()  # ids of what the session was told

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide once a response, at its creation."""
        created = isinstance(event, ev.ResponseCreated)
        return created and self.chance.strikes("response")

    def cancel(self, response_id: str) -> None:
        """Have the session cancel a response."""
        self.desk.tell(ce.ResponseCancel(event_id=self._ask(), response_id=response_id))

    def delete(self, item_id: str) -> None:
        """Have the session forget an item."""
        self.desk.tell(ce.ConversationItemDelete(event_id=self._ask(), item_id=item_id))

    def is_own_refusal(self, event: ev.ServerEvent) -> bool:
        """Whether the session refuses what it was told here: it was done already."""
        return isinstance(event, ev.ErrorEvent) and event.error.event_id in self._asked

    def _ask(self) -> str:
        event_id = self.desk.ids.event()
        self._asked.add(event_id)
        return event_id


class HiddenResponseStage(_Breaking):
    """Lets nothing of a struck response be seen, but its beginning and failed end.

    A response of which nothing at all is to be seen has no error.
    """

    def __init__(
        self, kind: str, chance: Chance, desk: Desk, error: StatusError | None
    ) -> None:
        super().__init__(kind, chance, desk)
        self._error = error
        self._hidden: dict[str, set[str]] = {}  # the items of each hidden response
        self._deleted: set[str] = set()
        self._at_end = False  # the limits after a hidden response come next

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Hide what belongs to a struck response."""
        del now_ns
        if isinstance(parcel.entry, Note):
            return () if self._is_hidden(parcel.entry) else (parcel,)
        event = event_of(parcel)
        if event is None:
            return (parcel,)
        if struck and isinstance(event, ev.ResponseCreated):
            return self._hide(parcel, event)
        if self._at_end and isinstance(event, ev.RateLimitsUpdated):
            self._at_end = False
            return self.limits(parcel, event)
        if self.is_own_refusal(event) or self._is_own_deletion(event):
            return ()
        return self._seen(parcel, event)

    def limits(self, parcel: Parcel, event: ev.RateLimitsUpdated) -> Iterable[Parcel]:
        """Return what becomes of the limits after a hidden response."""
        del event
        return () if self._error is None else (parcel,)

    def _hide(self, parcel: Parcel, event: ev.ResponseCreated) -> Iterable[Parcel]:
        self._hidden[event.response.id] = set()
        self.cancel(event.response.id)
        note = self.note(event)
        return (note,) if self._error is None else (parcel, note)

    def _seen(self, parcel: Parcel, event: ev.ServerEvent) -> Iterable[Parcel]:
        item_id = item_id_of(event)
        response_id = response_id_of(event)
        if response_id not in self._hidden:
            among = any(item_id in items for items in self._hidden.values())
            return () if among else (parcel,)
        if item_id is not None:
            self._hidden[response_id].add(item_id)
        if isinstance(event, ev.ResponseDone):
            return self._end(parcel, event)
        return ()

    def _end(self, parcel: Parcel, event: ev.ResponseDone) -> Iterable[Parcel]:
        for item_id in sorted(self._hidden.pop(event.response.id)):
            self._deleted.add(item_id)
            self.delete(item_id)
        self._at_end = True
        if self._error is None:
            return ()
        failed = _failed(event, self._error, output=[], usage=UNSET)
        return (parcel.holding(failed),)

    def _is_hidden(self, note: Note) -> bool:
        """Whether a note tells of what was never said, or of no answer at all."""
        answer = note.data.get("response_id") if self._error is None else None
        hidden_items = set().union(self._deleted, *self._hidden.values())
        return note.item_id in hidden_items or (
            note.type == "response.trigger" and answer in self._hidden
        )

    def _is_own_deletion(self, event: ev.ServerEvent) -> bool:
        return (
            isinstance(event, ev.ConversationItemDeleted)
            and event.item_id in self._deleted
        )


class NoResponseStage(HiddenResponseStage):
    """Gives no answer."""

    def __init__(self, fault: NoResponse, chance: Chance, desk: Desk) -> None:
        del fault
        super().__init__("no_response", chance, desk, None)


class RateLimitedStage(HiddenResponseStage):
    """Answers that no tokens are left."""

    def __init__(self, fault: RateLimited, chance: Chance, desk: Desk) -> None:
        error = StatusError(
            type="tokens",
            code="rate_limit_exceeded",
            message="Rate limit reached on tokens per min (TPM). "
            f"Please try again in {fault.reset_s:g}s.",
        )
        super().__init__("rate_limit", chance, desk, error)
        self._reset_s = fault.reset_s

    def limits(self, parcel: Parcel, event: ev.RateLimitsUpdated) -> Iterable[Parcel]:
        """Say that nothing is left."""
        spent = [
            msgspec.structs.replace(limit, remaining=0, reset_seconds=self._reset_s)
            for limit in event.rate_limits
        ]
        told = msgspec.structs.replace(event, rate_limits=spent)
        return (parcel.holding(told),)


class FailsAtOnceStage(HiddenResponseStage):
    """Answers with a server error before anything is said."""

    def __init__(self, fault: ResponseFailed, chance: Chance, desk: Desk) -> None:
        del fault
        super().__init__("response_failed", chance, desk, SERVER_ERROR)


class FailsLaterStage(_Breaking):
    """Lets a struck response fail once so much of its audio was sent."""

    def __init__(self, fault: ResponseFailed, chance: Chance, desk: Desk) -> None:
        super().__init__("response_failed", chance, desk)
        self._after_ms = fault.after_ms
        self._meter = AudioMeter()
        self._to_fail: set[str] = set()
        self._failing: set[str] = set()

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Break a struck response off, and say at its end that it failed."""
        del now_ns
        event = event_of(parcel)
        if event is None:
            return (parcel,)
        if self.is_own_refusal(event):
            return ()
        self._meter.pass_by(event)
        response_id = response_id_of(event)
        if response_id is None:
            return (parcel,)
        if struck:
            self._to_fail.add(response_id)
        if isinstance(event, ev.ResponseDone):
            return self._end(parcel, event)
        if self._is_far_enough(response_id):
            self._to_fail.discard(response_id)
            self._failing.add(response_id)
            self.cancel(response_id)
            return (parcel, self.note(event))
        return (parcel,)

    def _is_far_enough(self, response_id: str) -> bool:
        sent_ms = self._meter.ms(response_id)
        return response_id in self._to_fail and sent_ms >= self._after_ms

    def _end(self, parcel: Parcel, event: ev.ResponseDone) -> Iterable[Parcel]:
        response_id = event.response.id
        self._to_fail.discard(response_id)
        if response_id not in self._failing:
            return (parcel,)
        self._failing.discard(response_id)
        return (parcel.holding(_failed(event, SERVER_ERROR)),)


def _failed(
    event: ev.ResponseDone, error: StatusError, **changes: Any
) -> ev.ResponseDone:
    details = StatusDetails(type="failed", error=error)
    response = msgspec.structs.replace(
        event.response, status="failed", status_details=details, **changes
    )
    return msgspec.structs.replace(event, response=response)
