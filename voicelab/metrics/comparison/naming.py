"""Names for what a run is about that mean the same in another run of its scenario.

Ids are drawn anew in every run and by every server. What two runs of one scenario
share is the caller: their turns are numbered in the recording. So everything is
named after the turn that led to it:

* an item of the caller after the turn that had begun last when it was first told
  of (`turn 2`; a turn cut in two gives `turn 2` and `turn 2 (2)`);
* a response after the caller's item that was committed last before it (`answer to
  turn 2`; the next one to it `answer to turn 2 (2)`), and one outside of the
  conversation after nothing (`aside`, `aside (2)`);
* an item of the agent after its response and its place in it (`answer to turn 2
  item 0`);
* what belongs to none of these after the last turn that had begun.

An extra response of one server therefore shifts no name of a later turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from voicelab.record.log_reader import Event, Log

OPENING = "the opening"
SESSION = "the session"

_RATE_LIMITS = "rate_limits.updated"


class Names:
    """The names of one run.

    Args:
        log: its event log.
    """

    def __init__(self, log: Log) -> None:
        self._items: dict[str, str] = {}
        self._responses: dict[str, str] = {}
        self._homes: dict[str, str] = {}  # agent item → name of its response
        self._subjects: dict[str, str] = {}  # event id → what the event is about
        self._taken: Counter[str] = Counter()
        seen = [event for event in log.events if event.lane in ("client", "user")]
        self._name_by_turns(seen)
        self._name_the_rest(seen)
        self._name_the_rest(log.events)
        self._find_subjects(seen)

    def of_id(self, some_id: str | None) -> str | None:
        """Return the name of an item or a response; None for what is not known."""
        if some_id is None:
            return None
        return self._items.get(some_id) or self._responses.get(some_id)

    def subject(self, event: Event) -> str:
        """Return what an event is about."""
        if event.lane == "user":
            return f"turn {event.data.get('turn')}"
        named = self.of_id(event.item_id) or self.of_id(response_id(event))
        return named or self._subjects.get(_event_id(event), SESSION)

    def home(self, event: Event) -> str:
        """Return the exchange an event belongs to: a response, or the subject."""
        subject = self.subject(event)
        return self._homes.get(event.item_id or "", subject)

    # -- giving names -------------------------------------------------------

    def _unique(self, name: str) -> str:
        self._taken[name] += 1
        count = self._taken[name]
        return name if count == 1 else f"{name} ({count})"

    def _name_by_turns(self, events: Iterable[Event]) -> None:
        turn = asked = OPENING
        for event in events:
            if event.lane == "user":
                turn = f"turn {event.data.get('turn')}"
            elif event.type.startswith("input_audio_buffer.") and event.item_id:
                if event.item_id not in self._items:
                    self._items[event.item_id] = self._unique(turn)
                if event.type == "input_audio_buffer.committed":
                    asked = self._items[event.item_id]
            elif event.type == "response.created":
                self._name_response(event, asked)
            elif event.item_id and "output_index" in event.data:
                self._name_output(event.item_id, event.data)

    def _name_response(self, event: Event, asked: str) -> None:
        made = event.data.get("response") or {}
        beside = made.get("conversation_id", "") is None
        name = self._unique("aside" if beside else f"answer to {asked}")
        self._responses.setdefault(str(made.get("id")), name)

    def _name_output(self, item_id: str, data: dict[str, Any]) -> None:
        response = self._responses.get(str(data.get("response_id")))
        if response is not None and item_id not in self._items:
            self._items[item_id] = f"{response} item {data['output_index']}"
            self._homes[item_id] = response

    def _name_the_rest(self, events: Iterable[Event]) -> None:
        """Name items that the client gave, or that never reached it."""
        for event in events:
            if event.item_id and event.item_id not in self._items:
                self._items[event.item_id] = self._unique("given item")

    # -- what has no id of its own ------------------------------------------

    def _find_subjects(self, events: Iterable[Event]) -> None:
        """Attach what names no item and no response to what it follows."""
        turn, answer = OPENING, OPENING
        for event in events:
            if event.lane == "user":
                turn = self.subject(event)
            answer = self.of_id(response_id(event)) or answer
            if event.type.startswith("session."):
                about = SESSION
            elif event.type == _RATE_LIMITS:
                about = answer
            else:
                about = self._subjects.get(_caused_by(event), turn)
            named = self.of_id(event.item_id) or self.of_id(response_id(event))
            self._subjects.setdefault(_event_id(event), named or about)


def response_id(event: Event) -> str | None:
    """Return the id of the response that an event is about."""
    made = event.data.get("response")
    found = made.get("id") if isinstance(made, dict) else event.data.get("response_id")
    return found if isinstance(found, str) else None


def _event_id(event: Event) -> str:
    """Return the event's id; one that has none is told from others by its place."""
    return str(event.data.get("event_id") or f"line {event.seq}")


def _caused_by(event: Event) -> str:
    error = event.data.get("error")
    return str(error.get("event_id")) if isinstance(error, dict) else ""
