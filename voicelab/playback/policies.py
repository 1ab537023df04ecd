"""Truncation policies: what a client claims was heard, from what it can know.

Each is what a shipped product or a much-copied sample does. A claim is in whole
milliseconds, rounded down, so that an honest one is never refused for its fraction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voicelab.errors import ScenarioError
from voicelab.playback.evidence import Evidence
from voicelab.units import NS_PER_MS, ns_to_samples, samples_to_whole_ms

Claim = Callable[[Evidence], int | None]
"""Returns the claim in whole milliseconds; None to send no truncation."""


@dataclass(frozen=True, slots=True)
class TruncationPolicy:
    """Decides what to claim.

    Attributes:
        name: the policy's name in scenarios.
        audio_end_ms: what it claims, given the evidence.
        claims: in a few words, what it claims.
    """

    name: str
    audio_end_ms: Claim
    claims: str


def _played(evidence: Evidence) -> int:
    played = min(evidence.played_samples, evidence.received_samples)
    return samples_to_whole_ms(played, evidence.rate_hz)


def _marks(evidence: Evidence) -> int:
    return samples_to_whole_ms(evidence.acknowledged_samples or 0, evidence.rate_hz)


def _marks_elapsed(evidence: Evidence) -> int:
    acknowledged = evidence.acknowledged_samples
    if acknowledged is None:
        return 0
    elapsed = ns_to_samples(evidence.since_acknowledged_ns, evidence.rate_hz)
    unacknowledged = evidence.received_samples - acknowledged
    played = acknowledged + min(elapsed, unacknowledged)
    return samples_to_whole_ms(played, evidence.rate_hz)


def _media_clock(evidence: Evidence) -> int:
    return (evidence.media_since_first_delta_ns or 0) // NS_PER_MS


def _wall_since_first_delta(evidence: Evidence) -> int:
    return (evidence.since_first_delta_ns or 0) // NS_PER_MS


def _received(evidence: Evidence) -> int:
    return samples_to_whole_ms(evidence.received_samples, evidence.rate_hz)


def _min_wall_received(evidence: Evidence) -> int:
    return min(_wall_since_first_delta(evidence), _received(evidence))


def _zero(evidence: Evidence) -> int:
    del evidence
    return 0


def _none(evidence: Evidence) -> None:
    del evidence


POLICIES: dict[str, TruncationPolicy] = {
    name: TruncationPolicy(name, claim, claims)
    for name, claim, claims in (
        ("played", _played, "the player's own position"),
        ("marks", _marks, "the last acknowledged mark"),
        ("marks_elapsed", _marks_elapsed, "that mark and the time since"),
        ("media_clock", _media_clock, "the caller's media time since the first audio"),
        (
            "wall_since_first_delta",
            _wall_since_first_delta,
            "the time since the first audio arrived",
        ),
        ("min_wall_received", _min_wall_received, "that time, or all if less arrived"),
        ("received", _received, "all that arrived"),
        ("zero", _zero, "nothing, always"),
        ("none", _none, "no claim is made"),
    )
}
"""The policies by name, from the most careful to the least."""


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
