"""One run in one row: counts, medians, and what went wrong.

Conventions
    A percentile is told only from enough values: a median from 3, a 95th percentile
    from 20; below that it is None, never a guess. Percentiles interpolate linearly
    between order statistics (numpy's default). Names are those that a scenario's
    `expect` may hold to account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import TurnLatency, turn_latencies
from voicelab.metrics.truncation import Truncation, truncations

MIN_VALUES_P50 = 3
MIN_VALUES_P95 = 20


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a run comes to.

    Attributes:
        turns: caller turns, backchannels not counted.
        answered: turns whose answer was heard, cut-ins included.
        unanswered: turns without one.
        interrupted: turns whose answer was stopped before any of it was heard.
        merged: turns that the server joined with the next.
        cut_ins: turns inside which an endpoint fell.
        truncations: interrupted items.
        refused: claims that the server refused.
        phantom_words: words kept and never heard, in all; None if none are known.
        forgotten_words: words heard and not kept, in all; None if none are known.
        truncation_error_max_ms: the error farthest from 0, with its sign.
    """

    turns: int
    answered: int
    unanswered: int
    interrupted: int
    merged: int
    cut_ins: int
    response_latency_p50_ms: float | None
    response_latency_p95_ms: float | None
    uplink_p50_ms: float | None
    endpointing_delay_p50_ms: float | None
    server_ttfb_p50_ms: float | None
    downlink_p50_ms: float | None
    playout_delay_p50_ms: float | None
    truncations: int
    refused: int
    phantom_words: int | None
    forgotten_words: int | None
    truncation_error_max_ms: float | None
    stop_latency_p50_ms: float | None


def summarise(facts: Facts) -> Summary:
    """Return the summary of a run."""
    return summary_of(turn_latencies(facts), truncations(facts))


def summary_of(latency: Sequence[TurnLatency], ledger: Sequence[Truncation]) -> Summary:
    """Return the summary of tables that were worked out before."""
    outcomes = Counter(row.outcome for row in latency)
    errors = [row.truncation_error_ms for row in ledger]
    total = [row.response_latency_ms for row in latency]
    return Summary(
        turns=len(latency),
        answered=outcomes["answered"] + outcomes["cut_in"],
        unanswered=outcomes["unanswered"],
        interrupted=outcomes["interrupted"],
        merged=outcomes["merged"],
        cut_ins=sum(row.cut_in for row in latency),
        response_latency_p50_ms=percentile(total, 50, MIN_VALUES_P50),
        response_latency_p95_ms=percentile(total, 95, MIN_VALUES_P95),
        uplink_p50_ms=_median(row.uplink_ms for row in latency),
        endpointing_delay_p50_ms=_median(row.endpointing_delay_ms for row in latency),
        server_ttfb_p50_ms=_median(row.server_ttfb_ms for row in latency),
        downlink_p50_ms=_median(row.downlink_ms for row in latency),
        playout_delay_p50_ms=_median(row.playout_delay_ms for row in latency),
        truncations=len(ledger),
        refused=sum(row.verdict == "refused" for row in ledger),
        phantom_words=_sum(row.phantom_words for row in ledger),
        forgotten_words=_sum(row.forgotten_words for row in ledger),
        truncation_error_max_ms=max(errors, key=abs, default=None),
        stop_latency_p50_ms=_median(row.stop_latency_ms for row in ledger),
    )


def percentile(
    values: Iterable[float | None], percent: float, min_values: int
) -> float | None:
    """Return a percentile of the known values; None if there are too few."""
    known = [value for value in values if value is not None]
    return float(np.percentile(known, percent)) if len(known) >= min_values else None


def _median(values: Iterable[float | None]) -> float | None:
    return percentile(values, 50, MIN_VALUES_P50)


def _sum(values: Iterable[int | None]) -> int | None:
    """Return the sum of what is known; None if something is there but unknown."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if known or not listed else None
