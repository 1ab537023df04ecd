from __future__ import annotations

from typing import Any

import pytest

from tests.support.logs import LogBuilder
from voicelab.metrics.causes import cause_of, had_when_decided_ns
from voicelab.metrics.facts import Facts
from voicelab.units import ms_to_ns


def heard_noise(*, server: bool = True) -> LogBuilder:
    """Return a log in which the server took 3.0 to 3.2 s for speech, at 3.06 s."""
    log = LogBuilder(server=server)
    log.frames(5000)
    log.heard_as("user-0", 3000, 3200, sent_ms=3800)
    return log


def cause(log: LogBuilder) -> str:
    facts: Facts = log.facts()
    return cause_of(facts, facts.user_items[0])


@pytest.mark.parametrize(
    ("component", "named"),
    [("noise", "noise"), ("echo", "echo"), ("speech", "unknown")],
)
def test_the_loudest_component_is_the_cause(component: str, named: str) -> None:
    log = heard_noise()
    spans: dict[str, Any] = {component: (3000, 3200)}
    log.levels(5000, **spans)
    assert cause(log) == named


def test_what_was_over_before_the_onset_is_not_the_cause() -> None:
    log = heard_noise()
    log.levels(5000, noise=(2000, 3000), echo=(3000, 3100))
    assert cause(log) == "echo"


def test_what_the_server_did_not_have_yet_is_not_the_cause() -> None:
    log = heard_noise()  # at 3.06 s it has what was sent 40 ms before: up to 3.02 s
    log.levels(5000, noise=(3000, 3020), echo=(3020, 3200))
    assert cause(log) == "noise"


def test_without_the_server_it_is_what_had_been_sent() -> None:
    log = heard_noise(server=False)
    log.levels(5000, noise=(3000, 3040), echo=(3040, 3300))
    assert cause(log) == "echo"  # the client is told at 3.11 s
    assert had_when_decided_ns(log.facts(), "user-0") == ms_to_ns(3100)


def test_the_server_has_what_has_arrived() -> None:
    facts = heard_noise().facts()
    assert had_when_decided_ns(facts, "user-0") == ms_to_ns(3020)
    assert had_when_decided_ns(facts, "another") == 0


def test_it_is_unknown_where_nobody_measured_or_told() -> None:
    assert cause(heard_noise()) == "unknown"
    log = heard_noise()
    log.levels(5000, noise=(0, 5000))
    assert cause_of(log.facts(), None) == "unknown"
    log = heard_noise()
    log.levels(5000)
    assert cause(log) == "unknown"
