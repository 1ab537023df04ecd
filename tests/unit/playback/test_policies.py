"""What a client claims of the same evidence, by policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voicelab.errors import ScenarioError
from voicelab.playback import POLICIES, Evidence, policy_named
from voicelab.units import NS_PER_MS

NOTHING = Evidence(rate_hz=24_000, received_samples=0, played_samples=0)
"""Of an item whose audio is still to come."""

IN_PLAY = Evidence(
    rate_hz=24_000,
    received_samples=3_000 * 24,
    played_samples=1_000 * 24 + 23,
    acknowledged_samples=900 * 24,
    since_acknowledged_ns=100 * NS_PER_MS + 999_999,
    since_first_delta_ns=1_170 * NS_PER_MS + 999_999,
    media_since_first_delta_ns=1_160 * NS_PER_MS,
)
"""3 s have come, 1 s was played, the last mark stands at 0.9 s."""

LATE = replace(
    IN_PLAY,
    since_acknowledged_ns=60_000 * NS_PER_MS,
    since_first_delta_ns=62_000 * NS_PER_MS,
    media_since_first_delta_ns=62_000 * NS_PER_MS,
)
"""The same a minute after: something stalled, or all was over long ago."""

CLAIMS = {
    "played": (1_000, 1_000, 0),
    "marks": (900, 900, 0),
    "marks_elapsed": (1_000, 3_000, 0),
    "media_clock": (1_160, 62_000, 0),
    "wall_since_first_delta": (1_170, 62_000, 0),
    "min_wall_received": (1_170, 3_000, 0),
    "received": (3_000, 3_000, 0),
    "zero": (0, 0, 0),
    "none": (None, None, None),
}


@pytest.mark.parametrize("name", POLICIES)
def test_claims(name: str) -> None:
    policy = policy_named(name)
    assert policy.name == name
    assert policy.claims
    found = tuple(map(policy.audio_end_ms, (IN_PLAY, LATE, NOTHING)))
    assert found == CLAIMS[name]


def test_only_the_clocks_ever_claim_more_than_arrived() -> None:
    over = {name for name, claims in CLAIMS.items() if (claims[1] or 0) > 3_000}
    assert over == {"media_clock", "wall_since_first_delta"}


def test_before_the_first_mark_elapsed_time_says_nothing() -> None:
    waiting = replace(IN_PLAY, acknowledged_samples=None)
    assert policy_named("marks").audio_end_ms(waiting) == 0
    assert policy_named("marks_elapsed").audio_end_ms(waiting) == 0


def test_a_position_beyond_what_arrived_is_not_claimed() -> None:
    """A report counts what the far player was given; the client knows better."""
    ahead = replace(IN_PLAY, played_samples=4_000 * 24)
    assert policy_named("played").audio_end_ms(ahead) == 3_000


def test_a_claim_rounds_down_so_that_it_is_never_refused() -> None:
    short = Evidence(rate_hz=8_000, received_samples=7, played_samples=7)
    assert policy_named("played").audio_end_ms(short) == 0


def test_an_unknown_policy_is_named_with_the_known_ones() -> None:
    with pytest.raises(
        ScenarioError, match="no truncation policy named 'honest'"
    ) as caught:
        policy_named("honest")
    for name in POLICIES:
        assert name in str(caught.value)
