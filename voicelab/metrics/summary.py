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

from voicelab.metrics.barge_in import (
    BARGE_IN_OUTCOMES,
    FALSE_CAUSES,
    BargeIn,
    barge_ins,
)
from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import TurnLatency, turn_latencies
from voicelab.metrics.overlap import Overlap, overlap
from voicelab.metrics.phantom import sum_known
from voicelab.metrics.playback import ItemPlayback, item_playbacks
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
        billed_phantom_tokens: what later responses were billed to read of audio that
            nobody heard.
        barge_ins: turns begun while agent audio was heard: those stopped for, missed,
            and begun as it came to its own end. None, as all below, if the log does
            not tell when the caller spoke or what was heard.
        false_barge_ins: what was no turn and stopped the agent, by cause below.
        ignored_backchannels: backchannels that did not.
        overlap_ms: how long both parties spoke at once.
        talk_over_rate: the share of the caller's speech that the agent talked over.
        underruns: how often an item stalled at the ear.
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
    billed_phantom_tokens: int | None = None
    barge_ins: int | None = None
    stopped_barge_ins: int | None = None
    missed_barge_ins: int | None = None
    ended_barge_ins: int | None = None
    false_barge_ins: int | None = None
    false_by_backchannel: int | None = None
    false_by_noise: int | None = None
    false_by_echo: int | None = None
    false_by_unknown: int | None = None
    ignored_backchannels: int | None = None
    overlap_ms: float | None = None
    talk_over_rate: float | None = None
    underruns: int | None = None


def summarise(facts: Facts) -> Summary:
    """Return the summary of a run."""
    both = overlap(facts)
    met = None if both is None else barge_ins(facts)
    return summary_of(
        turn_latencies(facts), truncations(facts), met, both, item_playbacks(facts)
    )


def summary_of(
    latency: Sequence[TurnLatency],
    ledger: Sequence[Truncation],
    met: Sequence[BargeIn] | None = None,
    both: Overlap | None = None,
    played: Sequence[ItemPlayback] | None = None,
) -> Summary:
    """Return the summary of tables that were worked out before.

    Args:
        latency: one row a turn.
        ledger: one row an interrupted item.
        met: one row a sound that met the agent's speech; None if that is unknown.
        both: how long both parties spoke at once; None if that is unknown.
        played: one row an agent item; None if that is unknown.
    """
    outcomes = Counter(row.outcome for row in latency)
    errors = [row.truncation_error_ms for row in ledger]
    known = [error for error in errors if error is not None]
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
        phantom_words=sum_known(row.phantom_words for row in ledger),
        forgotten_words=sum_known(row.forgotten_words for row in ledger),
        truncation_error_max_ms=max(known, key=abs, default=None),
        stop_latency_p50_ms=_median(row.stop_latency_ms for row in ledger),
        billed_phantom_tokens=sum_known(row.billed_phantom_tokens for row in ledger),
        overlap_ms=None if both is None else both.overlap_ms,
        talk_over_rate=None if both is None else both.talk_over_rate,
        underruns=None
        if played is None
        else sum_known(row.underruns for row in played),
        **({} if met is None else _counts(met)),
    )


def _counts(met: Sequence[BargeIn]) -> dict[str, int]:
    by_outcome = Counter(row.outcome for row in met)
    false = Counter(row.cause for row in met if row.outcome == "false")
    return {
        "barge_ins": sum(by_outcome[outcome] for outcome in BARGE_IN_OUTCOMES),
        **{f"{each}_barge_ins": by_outcome[each] for each in BARGE_IN_OUTCOMES},
        "false_barge_ins": by_outcome["false"],
        **{f"false_by_{cause}": false[cause] for cause in FALSE_CAUSES},
        "ignored_backchannels": by_outcome["ignored"],
    }


def percentile(
    values: Iterable[float | None], percent: float, min_values: int
) -> float | None:
    """Return a percentile of the known values; None if there are too few."""
    known = [value for value in values if value is not None]
    return float(np.percentile(known, percent)) if len(known) >= min_values else None


def _median(values: Iterable[float | None]) -> float | None:
    return percentile(values, 50, MIN_VALUES_P50)
