"""What a client application tells whoever listens to the agent."""

from __future__ import annotations

from typing import Literal, Protocol

Silence = Literal["finished", "interrupted", "stalled"]
"""Why the agent is no longer heard: it has said all it had to say, it was stopped, or
more is to come and is late."""


class Hearer(Protocol):
    """Whoever listens to the agent."""

    def agent_heard(self, now_ns: int) -> None:
        """Agent audio begins to reach the ear, or, after a stall, goes on."""
        ...

    def agent_silent(self, now_ns: int, why: Silence) -> None:
        """The agent is heard no more."""
        ...

    def agent_will_end(self, t_ns: int) -> None:
        """All that the agent has to say is known, and will end at `t_ns`."""
        ...
