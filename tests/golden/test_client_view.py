"""What a client alone can see agrees with what the lab knows.

A run's log without its server lane is what a run against a foreign server leaves.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.runs import bundled
from voicelab.lab.experiment import run_scenario
from voicelab.metrics import Facts, truncations, turn_latencies
from voicelab.record.log_reader import read_log

SEEN_OF_A_TURN = (
    "outcome",
    "cut_in",
    "user_item_id",
    "response_id",
    "item_id",
    "response_latency_ns",
    "playout_delay_ns",
    "endpointing_delay_observed_ns",
    "ttfb_observed_ns",
)
SEEN_OF_A_TRUNCATION = (
    "item_id",
    "turn",
    "verdict",
    "generated_ms",
    "kept_ms",
    "heard_ms",
    "stop_latency_ms",
)


@pytest.fixture(scope="module", params=["dentist", "directions", "flight-change"])
def views(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Facts, Facts]:
    """Return the facts of a run, and those of the same run seen by its client."""
    folder = run_scenario(bundled(request.param), tmp_path_factory.mktemp("runs"))
    raw = Path(folder, "events.jsonl").read_bytes()
    lines = raw.splitlines(keepends=True)
    seen = b"".join(line for line in lines if b'"lane":"server"' not in line)
    return Facts(read_log(raw)), Facts(read_log(seen))


def test_latencies_agree(views: tuple[Facts, Facts]) -> None:
    known, seen = (turn_latencies(facts) for facts in views)
    assert known
    for truth, sight in zip(known, seen, strict=True):
        for name in SEEN_OF_A_TURN:
            assert getattr(sight, name) == getattr(truth, name), name


def test_ledgers_agree(views: tuple[Facts, Facts]) -> None:
    known, seen = (truncations(facts) for facts in views)
    assert known
    for truth, sight in zip(known, seen, strict=True):
        for name in SEEN_OF_A_TRUNCATION:
            assert getattr(sight, name) == getattr(truth, name), name
