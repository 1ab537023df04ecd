"""What a client claims of the same evidence, by policy."""

from __future__ import annotations

import pytest

from voicelab.errors import ScenarioError
from voicelab.playback import POLICIES, policy_named
from voicelab.playback.policies import Evidence

EVIDENCE = Evidence(rate_hz=24_000, received_samples=48_000, played_samples=24_023)


@pytest.mark.parametrize(
    ("name", "claim"), [("played", 1000), ("zero", 0), ("none", None)]
)
def test_claims(name: str, claim: int | None) -> None:
    assert policy_named(name).name == name
    assert policy_named(name).audio_end_ms(EVIDENCE) == claim


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
