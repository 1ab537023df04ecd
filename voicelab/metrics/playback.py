"""How far each agent item came, and whether it stalled on the way to the ear.

Conventions
    A row stands for one item of agent audio, in the order of their first audio;
    positions count its samples. heard ≤ played ≤ received ≤ generated. What the log
    was not in a place to see is missing, not 0: without the client's lane what was
    received, without the player's what was played, without the ear what was heard.

Measures
    `underruns`: how often the ear fell silent within the item because no more of it
    was there, and it went on later. `underrun_ms`: how long these gaps are together.
    Silence after which nothing of the item was heard any more is none: there the item
    ended, or was broken off.
"""

from __future__ import annotations

from itertools import pairwise

import msgspec

from voicelab.metrics.agent import AgentItem, Stretch
from voicelab.metrics.facts import Facts
from voicelab.units import ns_to_ms, samples_to_ms


class ItemPlayback(msgspec.Struct, frozen=True, kw_only=True):
    """One item of agent audio; the module says what the columns mean.

    Attributes:
        t_heard_ns: when it was first heard; None if it was not, or nobody listened.
        interrupted: whether it was stopped before its end.
    """

    item_id: str
    response_id: str
    t_heard_ns: int | None
    interrupted: bool
    rate_hz: int
    generated_samples: int
    received_samples: int | None
    played_samples: int | None
    heard_samples: int | None
    underruns: int | None
    underrun_ms: float | None

    @property
    def generated_ms(self) -> float:
        """How much the server made."""
        return samples_to_ms(self.generated_samples, self.rate_hz)

    @property
    def received_ms(self) -> float | None:
        """How much reached the client."""
        return optional_ms(self.received_samples, self.rate_hz)

    @property
    def played_ms(self) -> float | None:
        """How much left the player."""
        return optional_ms(self.played_samples, self.rate_hz)

    @property
    def heard_ms(self) -> float | None:
        """How much reached the ear."""
        return optional_ms(self.heard_samples, self.rate_hz)


def item_playbacks(facts: Facts) -> list[ItemPlayback]:
    """Return one row per agent item."""
    stopped = {item_id for stop in facts.stops for item_id in stop.broken_ids}
    return [_row(facts, item, stopped) for item in facts.agent_items.values()]


def _row(facts: Facts, item: AgentItem, stopped: set[str]) -> ItemPlayback:
    received = item.received[-1].end_samples if item.received else 0
    ear = facts.ear_observed
    gaps_ns = underruns(item.heard)
    return ItemPlayback(
        item_id=item.item_id,
        response_id=item.response_id,
        t_heard_ns=item.heard[0].start_ns if ear and item.heard else None,
        interrupted=item.item_id in stopped,
        rate_hz=item.rate_hz,
        generated_samples=item.generated_samples,
        received_samples=received if facts.client_observed else None,
        played_samples=item.played_samples if facts.player_observed else None,
        heard_samples=item.heard_samples if ear else None,
        underruns=len(gaps_ns) if ear else None,
        underrun_ms=ns_to_ms(sum(gaps_ns)) if ear else None,
    )


def underruns(stretches: list[Stretch]) -> list[int]:
    """Return how long each gap between stretches of an item is, in nanoseconds."""
    gaps = (
        after.start_ns - before.end_ns
        for before, after in pairwise(stretches)
        if before.reason == "drained"
    )
    return [gap_ns for gap_ns in gaps if gap_ns > 0]


def optional_ms(samples: int | None, rate_hz: int) -> float | None:
    """Return a position in milliseconds; what is unknown stays so."""
    return None if samples is None else samples_to_ms(samples, rate_hz)
