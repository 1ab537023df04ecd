"""When the caller hears the agent, and whether it has said all it had to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from voicelab.lab.hearing import Hearer
from voicelab.playback.playback import PlaybackEvent, PlaybackStop


class AgentTurns:
    """Tells whoever listens when the agent begins, pauses and ends.

    Args:
        hearer: whoever listens.
        on_its_way: tells whether audio that was sent has not arrived, or has not been
            heard, yet.
        ends_ns: tells when all that has arrived will have been heard; None if it has.
    """

    def __init__(
        self,
        hearer: Hearer,
        *,
        on_its_way: Callable[[], bool],
        ends_ns: Callable[[], int | None],
    ) -> None:
        self._hearer = hearer
        self._on_its_way = on_its_way
        self._ends_ns = ends_ns
        self._responses: set[str] = set()
        self._audible = False
        self._owes_end = False
        self._dropped = False  # what has not arrived will not be heard

    @property
    def speaking(self) -> frozenset[str]:
        """The responses that are being made."""
        return frozenset(self._responses)

    def response_created(self, response_id: str) -> None:
        """The agent will speak."""
        self._responses.add(response_id)

    def response_done(self, response_id: str, now_ns: int, *, cancelled: bool) -> None:
        """It has said all, or will not say the rest."""
        self._responses.discard(response_id)
        self._dropped = self._dropped or cancelled
        self.check(now_ns)

    def audio_sent(self) -> None:
        """More is to be heard."""
        self._dropped = False

    def cleared(self) -> None:
        """What was queued will not be heard."""
        self._dropped = True

    def heard(self, events: Sequence[PlaybackEvent], now_ns: int) -> None:
        """Take what happened at the ear, in order of time."""
        for event, after in zip_longest(events, events[1:]):
            if not isinstance(event, PlaybackStop):
                self._begin(event.t_ns)
            elif after is None or after.t_ns > event.t_ns:
                self._fall_silent(event)
        self.check(now_ns)

    def _begin(self, t_ns: int) -> None:
        self._owes_end = True
        if not self._audible:
            self._audible = True
            self._hearer.agent_heard(t_ns)

    def _fall_silent(self, event: PlaybackStop) -> None:
        self._audible = False
        if event.reason == "interrupted":
            self._owes_end = False
            self._hearer.agent_silent(event.t_ns, "interrupted")
        elif self._more_is_to_come:
            self._hearer.agent_silent(event.t_ns, "stalled")
        else:
            self._owes_end = False
            self._hearer.agent_silent(event.t_ns, "finished")

    @property
    def _more_is_to_come(self) -> bool:
        return bool(self._responses) or (self._on_its_way() and not self._dropped)

    def check(self, now_ns: int) -> None:
        """Tell if all was heard of which more seemed to come, or when it will be."""
        if not self._owes_end or self._more_is_to_come:
            return
        if self._audible:
            ends_ns = self._ends_ns()
            if ends_ns is not None:
                self._hearer.agent_will_end(ends_ns)
            return
        self._owes_end = False
        self._hearer.agent_silent(now_ns, "finished")
