"""One row an interrupted item, whatever order its signs come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from voicelab.lab.drive.ledger import CLAIM_WITHIN_NS, Ledger, Positions

EARLY, LATE = Positions(30, 10, 8), Positions(40, 12, 9)
Rows = list[tuple[int, str, Mapping[str, Any]]]


@pytest.fixture
def rows() -> Rows:
    return []


@pytest.fixture
def ledger(rows: Rows) -> Ledger:
    return Ledger(lambda *row: rows.append(row), lambda: 24_000)


def row(t_ns: int, at: Positions, claim: int | None, event: str | None) -> object:
    data = {
        "rate_hz": 24_000,
        "policy": "bridge",
        "trigger": "speech",
        "received_samples": at.received_samples,
        "played_samples": at.played_samples,
        "heard_samples": at.heard_samples,
        "audio_end_ms": claim,
        "truncate_event_id": event,
    }
    return (t_ns, "a", data)


def test_cancelled_then_cleared_then_claimed(ledger: Ledger, rows: Rows) -> None:
    ledger.cancelled("a", 1, "speech", EARLY)
    ledger.cleared("a", 5, "speech", LATE)
    assert rows == []
    assert ledger.claimed("a", 7, "speech", LATE, (500, "e"))
    assert rows == [row(5, LATE, 500, "e")]


def test_claimed_before_it_is_cleared(ledger: Ledger, rows: Rows) -> None:
    ledger.cancelled("a", 1, "speech", EARLY)
    ledger.claimed("a", 3, "speech", LATE, (0, None))
    ledger.cleared("a", 5, "speech", LATE)
    ledger.advance(10 * CLAIM_WITHIN_NS)
    assert rows == [row(1, EARLY, 0, None)]


def test_only_claimed(ledger: Ledger, rows: Rows) -> None:
    ledger.claimed("a", 3, "speech", LATE, (0, None))
    assert rows == [row(3, LATE, 0, None)]


def test_never_claimed(ledger: Ledger, rows: Rows) -> None:
    ledger.cleared("a", 5, "speech", LATE)
    assert ledger.next_deadline() == 5 + CLAIM_WITHIN_NS
    ledger.advance(4 + CLAIM_WITHIN_NS)
    assert rows == []
    ledger.advance(5 + CLAIM_WITHIN_NS)
    assert rows == [row(5, LATE, None, None)]
    assert ledger.next_deadline() is None
    assert not ledger.claimed("a", 9, "speech", LATE, (1, "e"))
    assert len(rows) == 1


def test_the_end_of_the_call_waits_for_nothing(ledger: Ledger, rows: Rows) -> None:
    ledger.cancelled("a", 1, "speech", EARLY)
    ledger.finish()
    ledger.finish()
    assert rows == [row(1, EARLY, None, None)]
