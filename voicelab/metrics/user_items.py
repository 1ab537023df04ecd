"""What the server took for the caller's turns, and the responses that it gave.

Where the server's own lane was recorded, onsets, ends and the response to each
item are known. Against a foreign server they are read off the wire, as a client
sees it: onset and end from `speech_started` and `speech_stopped`, with padding and
silence taken off, and the response as the first to be created after the commit. A
server that tells no positions leaves the arrival of these events in their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.session import SessionFacts
from voicelab.protocol.tolerance import NOT_TOLD_MS
from voicelab.record.log_reader import Event, Log
from voicelab.units import ms_to_ns

_STARTED = "input_audio_buffer.speech_started"
_STOPPED = "input_audio_buffer.speech_stopped"
_COMMITTED = "input_audio_buffer.committed"
_END_OF_TIME_NS = (1 << 63) - 1


@dataclass(slots=True)
class Response:
    """A response in the conversation.

    Attributes:
        response_id: its id.
        created_ns: when it was created (server's lane, or else arrival).
        status: how it ended; `in_progress` if the log ends before it.
    """

    response_id: str
    created_ns: int
    status: str = "in_progress"


@dataclass(slots=True)
class UserItem:
    """A stretch of caller audio that the server took for a turn.

    Positions in appended audio are instants: the caller's first sample is at 0.

    Attributes:
        item_id: its id.
        onset_ns: where its speech begins.
        voiced_end_ns: where its speech ends.
        audio_end_ns: where the decision was made that it is over; the end of time
            if it never was.
        endpoint_sent_ns: when the server said so; None if not observed.
        endpoint_received_ns: when the client learned of it.
        responses: the responses to it, in order.
    """

    item_id: str
    onset_ns: int
    voiced_end_ns: int
    audio_end_ns: int
    endpoint_sent_ns: int | None
    endpoint_received_ns: int | None
    responses: list[Response] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it was ever declared over."""
        return self.audio_end_ns < _END_OF_TIME_NS

    def holds_speech_of(self, turn: CallerTurn) -> bool:
        """Whether speech in it overlaps a turn."""
        return self.onset_ns < turn.end_ns and self.voiced_end_ns > turn.start_ns


def user_items(log: Log, session: SessionFacts) -> list[UserItem]:
    """Return the items in order, each with the responses to it."""
    items = _Items(log, session).read()
    _attach_responses(log, items)
    return items


class _Items:
    def __init__(self, log: Log, session: SessionFacts) -> None:
        lane = "server" if log.has_server else "client"
        self._session = session
        self._has_server = log.has_server
        self._started = _by_item(log.of(lane, _STARTED))
        self._stopped = _by_item(log.of(lane, _STOPPED))
        self._committed = _by_item(log.of(lane, _COMMITTED))
        self._stopped_received = _by_item(log.of("client", _STOPPED))
        self._committed_received = _by_item(log.of("client", _COMMITTED))
        self._onsets = _by_item(log.of("server", "turn.onset"))
        self._endpoints = _by_item(log.of("server", "turn.endpoint"))

    def read(self) -> list[UserItem]:
        begun = {**self._committed, **self._started}
        items: list[UserItem] = []
        for item_id in sorted(begun, key=lambda key: begun[key].seq):
            floor_ns = items[-1].audio_end_ns if items else 0
            items.append(self._item(item_id, floor_ns))
        return items

    def _item(self, item_id: str, floor_ns: int) -> UserItem:
        audio_end_ns = self._audio_end_ns(item_id)
        sent = self._stopped.get(item_id) or self._committed.get(item_id)
        received = self._stopped_received.get(item_id) or self._committed_received.get(
            item_id
        )
        return UserItem(
            item_id,
            self._onset_ns(item_id, floor_ns),
            self._voiced_end_ns(item_id, audio_end_ns),
            audio_end_ns,
            sent.t_ns if sent is not None and self._has_server else None,
            None if received is None else received.t_ns,
        )

    def _onset_ns(self, item_id: str, floor_ns: int) -> int:
        if item_id in self._onsets:
            return ms_to_ns(self._onsets[item_id].data["onset_ms"])
        if item_id in self._started:
            start_ms = self._started[item_id].data["audio_start_ms"]
            if start_ms == NOT_TOLD_MS:
                return self._started[item_id].t_ns
            return ms_to_ns(start_ms + self._session.prefix_padding_ms)
        return floor_ns  # committed by hand: all since the last commit

    def _audio_end_ns(self, item_id: str) -> int:
        if item_id in self._stopped:
            end_ms = self._stopped[item_id].data["audio_end_ms"]
            if end_ms == NOT_TOLD_MS:
                return self._stopped[item_id].t_ns
            return ms_to_ns(end_ms)
        if item_id in self._committed:
            return self._committed[item_id].t_ns
        return _END_OF_TIME_NS

    def _voiced_end_ns(self, item_id: str, audio_end_ns: int) -> int:
        if item_id in self._endpoints:
            return ms_to_ns(self._endpoints[item_id].data["last_voiced_ms"])
        if item_id in self._stopped:
            return audio_end_ns - ms_to_ns(self._session.silence_duration_ms)
        return audio_end_ns


def _by_item(events: Iterable[Event]) -> dict[str, Event]:
    return {event.item_id: event for event in events if event.item_id is not None}


def _attach_responses(log: Log, items: list[UserItem]) -> None:
    """Give each response to the item that it answers.

    A response nobody triggered (the client asked for it, perhaps after a function
    call) goes with the last item committed before it.
    """
    lane = "server" if log.has_server else "client"
    by_id = {item.item_id: item for item in items}
    triggers = {
        event.data["response_id"]: event.item_id
        for event in log.of("server", "response.trigger")
    }
    statuses = {
        event.data["response"]["id"]: event.data["response"].get("status")
        for event in log.of(lane, "response.done")
    }
    committed = log.of(lane, _COMMITTED)
    for event in log.of(lane, "response.created"):
        made: dict[str, Any] = event.data["response"]
        if made.get("conversation_id", "") is None:
            continue  # out of band
        response_id = made["id"]
        before = [each.item_id for each in committed if each.seq < event.seq]
        item_id = triggers.get(response_id) or (before[-1] if before else None)
        if item_id in by_id:
            status = statuses.get(response_id) or "in_progress"
            response = Response(response_id, event.t_ns, status)
            by_id[item_id].responses.append(response)
