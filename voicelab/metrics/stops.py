"""What broke the agent's audio off, and which sound of the caller lies behind it.

The client stops all items of a response, and those queued after it, at one instant
for one reason; what arrives of the response later is dropped for the same reason. All
this together is one stop. A response is stopped once.

A client may also settle an item that was over, or let one play on to its end (see
`client.truncates` and `client.on_interruption` in docs/scenario.md). That breaks
nothing off: all that was made of the item was heard, and its response was complete.

Which of the caller's sounds stopped it follows from the item in which the server took
them for a turn (`trigger`): the last turn or backchannel of which it holds speech.
Where nobody told the trigger (the client itself broke off, or the log is of a foreign
client) it is the last that began, if it was not over for longer than `MAX_STOP_MS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.user_items import UserItem
from voicelab.record.log_reader import Event, Log
from voicelab.units import ms_to_ns

MAX_STOP_MS = 1000
"""Within this time of a barge-in's onset the agent should be silent: the default of
voicebench's `max_stop_ms`."""

INTERRUPTION = "interruption"


@dataclass(slots=True)
class Stop:
    """Agent audio broken off at one instant.

    Attributes:
        t_ns: when the client did it; where it did not tell, when the ear fell silent.
        trigger: the caller's item that made it do so; None if nobody told.
        item_ids: what was stopped.
        items: those of them of which there is audio.
        broken_ids: those of them that were not heard to their end.
        caller: the turn or backchannel behind it; None if there is none.
    """

    t_ns: int
    trigger: str | None
    caller: CallerTurn | None
    item_ids: list[str] = field(default_factory=list)
    items: list[AgentItem] = field(default_factory=list)
    broken_ids: list[str] = field(default_factory=list)

    def heard(self) -> list[AgentItem]:
        """Return the items of which something was heard, in the order heard."""
        items = (item for item in self.items if item.heard)
        return sorted(items, key=lambda item: item.heard[0].start_ns)

    @property
    def heard_from_ns(self) -> int | None:
        """When the first of its items was first heard; None if none was."""
        return min((item.heard[0].start_ns for item in self.heard()), default=None)

    @property
    def silent_ns(self) -> int | None:
        """When the last of its items was last heard; None if none was."""
        return max((item.heard[-1].end_ns for item in self.heard()), default=None)


def stops(
    log: Log,
    items: Mapping[str, AgentItem],
    user_items: Sequence[UserItem],
    turns: Sequence[CallerTurn],
) -> list[Stop]:
    """Return the stops in order of time."""
    found = _Stops(items, _completed(log), user_items, turns)
    for event in log.of("client", INTERRUPTION):
        found.add(event.item_id or "", event.t_ns, trigger_of(event))
    for item in items.values():
        if item.heard and item.heard[-1].reason == "interrupted":
            found.add(item.item_id, item.heard[-1].end_ns, None)
    return sorted(found, key=lambda stop: stop.t_ns)


def _completed(log: Log) -> frozenset[str]:
    """Return the responses that came to their own end, by id."""
    lane = "server" if log.has_server else "client"
    ends = (event.data["response"] for event in log.of(lane, "response.done"))
    return frozenset(end["id"] for end in ends if end.get("status") == "completed")


def trigger_of(event: Event) -> str | None:
    """Return the caller's item that an interruption names, None if it names none."""
    trigger = event.data.get("trigger")
    return trigger if isinstance(trigger, str) else None


class _Stops:
    """Collects stops; an item that is known to be stopped changes nothing."""

    def __init__(
        self,
        items: Mapping[str, AgentItem],
        completed: frozenset[str],
        user_items: Sequence[UserItem],
        turns: Sequence[CallerTurn],
    ) -> None:
        self._items = items
        self._completed = completed
        self._user_items = {item.item_id: item for item in user_items}
        self._turns = turns
        self._stops: list[Stop] = []
        self._by_item: dict[str, Stop] = {}
        self._by_response: dict[str, Stop] = {}

    def __iter__(self) -> Iterator[Stop]:
        return iter(self._stops)

    def add(self, item_id: str, t_ns: int, trigger: str | None) -> None:
        """Add an item that was stopped."""
        if item_id in self._by_item:
            return
        item = self._items.get(item_id)
        response_id = None if item is None else item.response_id
        stop = self._by_response.get(response_id or "") or self._same(t_ns, trigger)
        if stop is None:
            stop = Stop(t_ns, trigger, self._behind(t_ns, trigger))
            self._stops.append(stop)
        stop.item_ids.append(item_id)
        if item is None or not self._came_to_its_end(item):
            stop.broken_ids.append(item_id)
        self._by_item[item_id] = stop
        if item is not None:
            stop.items.append(item)
            self._by_response.setdefault(item.response_id, stop)

    def _came_to_its_end(self, item: AgentItem) -> bool:
        whole = item.heard_samples >= item.generated_samples
        return whole and item.response_id in self._completed

    def _same(self, t_ns: int, trigger: str | None) -> Stop | None:
        """Return the stop that an item belongs to whose response was not stopped."""
        last = self._stops[-1] if self._stops else None
        if last is None or last.trigger != trigger:
            return None
        return last if trigger is not None or last.t_ns == t_ns else None

    def _behind(self, t_ns: int, trigger: str | None) -> CallerTurn | None:
        begun = [turn for turn in self._turns if turn.start_ns <= t_ns]
        if trigger is None:
            return begun[-1] if begun and t_ns < answers_until_ns(begun[-1]) else None
        taken = self._user_items.get(trigger)
        if taken is None:
            return None
        behind = [turn for turn in begun if turn.end_ns > taken.onset_ns]
        return behind[-1] if behind else None


def answers_until_ns(turn: CallerTurn) -> int:
    """Return until when silence of the agent counts as its answer to a turn.

    That is the end of the turn, and `MAX_STOP_MS` after its onset if the turn is
    shorter.
    """
    return max(turn.end_ns, turn.start_ns + ms_to_ns(MAX_STOP_MS))
