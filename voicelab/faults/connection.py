"""Faults of the session as a whole: disconnect and expire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from voicelab.faults.audio import AudioMeter
from voicelab.faults.chance import Chance
from voicelab.faults.model import Disconnect, Expire
from voicelab.faults.stage import Desk, Parcel, Stage, event_of, response_id_of
from voicelab.protocol import connection_errors
from voicelab.protocol import server_events as ev
from voicelab.protocol.close_codes import CLOSE_GOING_AWAY
from voicelab.session.outbox import HangUp
from voicelab.units import s_to_ns


class DisconnectStage(Stage):
    """Ends the connection once so much audio of a struck response was sent."""

    def __init__(self, fault: Disconnect, chance: Chance, desk: Desk) -> None:
        super().__init__("disconnect", chance, desk)
        self._fault = fault
        self._meter = AudioMeter()
        self._struck: set[str] = set()

    def strikes(self, event: ev.ServerEvent) -> bool:
        """Decide once a response, at its creation."""
        created = isinstance(event, ev.ResponseCreated)
        return created and self.chance.strikes("response")

    def take(self, parcel: Parcel, *, struck: bool, now_ns: int) -> Iterable[Parcel]:
        """Let the end follow the event that completes the audio to be sent."""
        del now_ns
        event = event_of(parcel)
        response_id = None if event is None else response_id_of(event)
        if event is None or response_id is None:
            return (parcel,)
        if struck:
            self._struck.add(response_id)
        self._meter.pass_by(event)
        if isinstance(event, ev.ResponseDone):
            self._struck.discard(response_id)
        sent_ms = self._meter.ms(response_id)
        if response_id not in self._struck or sent_ms < self._fault.after_ms:
            return (parcel,)
        code = self._fault.code
        end = HangUp(code, self._fault.reason)
        return (parcel, self.note(event, code=code), Parcel(end))


class ExpireStage(Stage):
    """Ends the session when it has lasted for so long."""

    def __init__(self, fault: Expire, chance: Chance, desk: Desk) -> None:
        super().__init__("expire", chance, desk)
        self._after_s = fault.after_s
        self._expires_ns: int | None = None

    def opened(self, now_ns: int) -> None:
        """Count from now."""
        self._expires_ns = now_ns + s_to_ns(self._after_s)

    def due(self, now_ns: int) -> Iterator[Parcel]:
        """Say that it is over, and hang up."""
        if self._expires_ns is None or now_ns < self._expires_ns:
            return
        self._expires_ns = None
        error = connection_errors.session_expired(self._after_s)
        event = error.to_event(self.desk.ids.event())
        yield self.note(event, after_s=self._after_s)
        yield Parcel(event)
        yield Parcel(HangUp(CLOSE_GOING_AWAY, error.close_reason))

    def next_deadline(self) -> int | None:
        """Return when it is over."""
        return self._expires_ns
