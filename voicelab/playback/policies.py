"""Truncation policies: what a client claims was heard, from what it can know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicelab.errors import ScenarioError
from voicelab.units import samples_to_whole_ms


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a client can know of an item at the instant of an interruption.

    Attributes:
        rate_hz: the rate of the item's audio; positions count its samples.
        received_samples: how much arrived.
        played_samples: how much the player says has left it.
    """

    rate_hz: int
    received_samples: int
    played_samples: int


class TruncationPolicy(Protocol):
    """Decides what to claim."""

    @property
    def name(self) -> str:
        """The policy's name in scenarios."""
        ...

    def audio_end_ms(self, evidence: Evidence) -> int | None:
        """Return the claim in whole milliseconds; None to send no truncation."""
        ...


@dataclass(frozen=True, slots=True)
class Played:
    """The player's own position: the honest answer, if the player is honest."""

    name: str = "played"

    def audio_end_ms(self, evidence: Evidence) -> int | None:
        """Claim what has been played, in whole milliseconds."""
        return samples_to_whole_ms(evidence.played_samples, evidence.rate_hz)


@dataclass(frozen=True, slots=True)
class Zero:
    """Always 0, as much-copied sample code does: nothing was heard."""

    name: str = "zero"

    def audio_end_ms(self, evidence: Evidence) -> int | None:
        """Claim nothing."""
        del evidence
        return 0


@dataclass(frozen=True, slots=True)
class NoTruncation:
    """Stop playing and tell nobody: everything generated counts as heard."""

    name: str = "none"

    def audio_end_ms(self, evidence: Evidence) -> int | None:
        """Send nothing."""
        del evidence
        return None


POLICIES: dict[str, TruncationPolicy] = {
    policy.name: policy for policy in (Played(), Zero(), NoTruncation())
}


def policy_named(name: str) -> TruncationPolicy:
    """Return a policy by its name.

    Raises:
        ScenarioError: no policy of that name.
    """
    try:
        return POLICIES[name]
    except KeyError:
        raise ScenarioError(
            f"there is no truncation policy named {name!r}",
            path="client.truncation",
            fix=f"use one of {', '.join(POLICIES)}",
        ) from None
