"""The facts of one run, each worked out once, that every metric starts from."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from voicelab.metrics.agent import AgentItem, agent_items
from voicelab.metrics.caller import CallerTurn, caller_turns
from voicelab.metrics.levels import Levels, levels
from voicelab.metrics.session import SessionFacts, session_facts
from voicelab.metrics.stops import INTERRUPTION, Stop, stops
from voicelab.metrics.user_items import UserItem, user_items
from voicelab.record.log_reader import Log


class Facts:
    """What happened in a run, by party.

    Args:
        log: the run's event log.
        unobserved: what the manifest says that nobody observed. `player` and `ear`
            among it take the log's word on what was played and heard for what it
            is, a report or a model: no position of it counts as known.
    """

    def __init__(self, log: Log, unobserved: Collection[str] = ()) -> None:
        self.log = log
        self._unobserved = frozenset(unobserved)

    @cached_property
    def session(self) -> SessionFacts:
        """What the session was set to."""
        return session_facts(self.log)

    @cached_property
    def caller_turns(self) -> list[CallerTurn]:
        """What the caller did, backchannels included."""
        return caller_turns(self.log)

    @cached_property
    def user_items(self) -> list[UserItem]:
        """What the server took for the caller's turns."""
        return user_items(self.log, self.session)

    @cached_property
    def agent_items(self) -> dict[str, AgentItem]:
        """What the agent said, by item id."""
        return agent_items(self.log, self.session.output_format)

    def items_of(self, response_id: str) -> list[AgentItem]:
        """Return the audio items of a response."""
        items = self.agent_items.values()
        return [item for item in items if item.response_id == response_id]

    @cached_property
    def stops(self) -> list[Stop]:
        """Each time that agent audio was broken off, and by which speech."""
        return stops(self.log, self.agent_items, self.user_items, self.caller_turns)

    @cached_property
    def levels(self) -> Levels | None:
        """What was in the microphone; None if nobody measured it."""
        return levels(self.log)

    # -- what the log was in a place to see -----------------------------------

    @property
    def caller_observed(self) -> bool:
        """Whether it is known when the caller really spoke."""
        return "user" in self._lanes

    @property
    def client_observed(self) -> bool:
        """Whether it is known what reached the client."""
        return "client" in self._lanes

    @property
    def player_observed(self) -> bool:
        """Whether it is known what left the player."""
        return self._is_observed("player", "player", "played_samples")

    @property
    def ear_observed(self) -> bool:
        """Whether it is known what was heard."""
        return self._is_observed("ear", "agent", "heard_samples")

    @cached_property
    def _lanes(self) -> frozenset[str]:
        return frozenset(event.lane for event in self.log.events)

    def _is_observed(self, place: str, lane: str, position: str) -> bool:
        """Whether a place is observed, even if nothing ever came so far.

        Who speaks for the caller listens for them, too; without them, interruptions
        tell positions at that place. If they tell of more than nothing where there
        is no lane, the log does not hold what passed there.
        """
        if place in self._unobserved:
            return False
        if lane in self._lanes:
            return True
        interruptions = self.log.of("client", INTERRUPTION)
        told = [event.data.get(position) for event in interruptions]
        positions = [each for each in told if isinstance(each, int)]
        return not any(positions) and (self.caller_observed or bool(positions))
