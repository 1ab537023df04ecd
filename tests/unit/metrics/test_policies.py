"""The row of a ledger, worked out by hand."""

from __future__ import annotations

from typing import Any

from voicelab.metrics.policies import PolicyRow, policy_row
from voicelab.metrics.truncation import Truncation

NEUTRAL: dict[str, Any] = dict.fromkeys(Truncation.__struct_fields__) | {
    "item_id": "item_1",
    "rate_hz": 1000,
    "t_ns": 0,
    "verdict": "accepted",
}


def stopped(heard_ms: int | None, claim_ms: int, **fields: Any) -> Truncation:
    """Return a row at 1 kHz, where a sample is a millisecond."""
    made = {"generated_samples": 9000, "received_samples": 9000, "kept_samples": 0}
    return Truncation(
        **NEUTRAL
        | made
        | {"heard_samples": heard_ms, "audio_end_ms": claim_ms}
        | fields
    )


def test_of_nothing_there_is_nothing_to_tell() -> None:
    assert policy_row("elks", "none", []) == PolicyRow(
        player="elks",
        policy="none",
        n=0,
        truncation_error_p50_ms=None,
        truncation_error_max_ms=None,
        phantom_words=0,
        forgotten_words=0,
        refused=0,
        stop_latency_p50_ms=None,
    )


def test_a_ledger_is_counted_and_its_middle_and_its_worst_are_told() -> None:
    ledger = [
        stopped(1000, 1010, phantom_words=1, forgotten_words=0, stop_latency_ms=100.0),
        stopped(2000, 1700, phantom_words=0, forgotten_words=2, stop_latency_ms=300.0),
        stopped(3000, 3020, phantom_words=None, stop_latency_ms=140.0),
        stopped(None, 3020),
        stopped(8990, 9500, verdict="refused"),
    ]
    row = policy_row("browser", "marks", ledger)
    assert row.n == 5
    assert row.truncation_error_p50_ms == 10.0  # of -300, 10, 10, 20
    assert row.truncation_error_max_ms == -300.0
    assert (row.phantom_words, row.forgotten_words, row.refused) == (1, 2, 1)
    assert row.stop_latency_p50_ms == 140.0


def test_of_two_values_no_median_is_told() -> None:
    row = policy_row("browser", "zero", [stopped(10, 0), stopped(20, 0)])
    assert row.truncation_error_p50_ms is None
    assert row.truncation_error_max_ms == -20.0
