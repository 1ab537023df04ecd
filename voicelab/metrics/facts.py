"""The facts of one run, each worked out once, that every metric starts from."""

from __future__ import annotations

from functools import cached_property

from voicelab.metrics.agent import AgentItem, agent_items
from voicelab.metrics.caller import CallerTurn, caller_turns
from voicelab.metrics.session import SessionFacts, session_facts
from voicelab.metrics.user_items import UserItem, user_items
from voicelab.record.log_reader import Log


class Facts:
    """What happened in a run, by party.

    Args:
        log: the run's event log.
    """

    def __init__(self, log: Log) -> None:
        self.log = log

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
