"""Reports over many runs: what the values come to, and how often things went wrong.

Conventions
    Components of all runs are put together first and measured then, so that a long
    conversation counts for more than a short one. A turn or an item without a value
    is counted as `failed`, never left out unseen. A cluster is a conversation: all
    runs of one name, whatever their seeds, because they share their recording; with
    `clusters="run"` each run is its own, which describes those conversations alone
    and not others like them.

Measures
    Of values (`pooled_values`): the median and the 95th percentile, each with a
    cluster bootstrap interval. A percentile is refused where there are too few values
    for it, an interval where there are too few clusters; the number is then None and
    the reason stands in `p50_refused`, `p95_refused` or `interval_refused`.

    Of shares (`pooled_shares`): numerator ÷ denominator. Where single turns or items
    are counted the interval is Wilson's, which takes them for independent; where words
    or milliseconds are, whole conversations are drawn (`voicelab.metrics.ratios`).

    ============  ====================================================
    `report`      what its rates count
    ============  ====================================================
    latency       turns, by outcome (`voicelab.metrics.latency`);
                  `cut_in_rate` counts the flag: turns inside which
                  some endpoint fell
    endpointing   turns missed or merged, out of all turns; false
                  turns, out of all that the server took for turns
    truncation    claims that were refused, out of those sent; phantom
                  and forgotten words, out of those generated in
                  interrupted items; the caller's speech talked over
    barge_in      barge-ins missed, out of those that were stopped or
                  missed; sounds that were no barge-in and stopped the
                  agent, out of all sounds that stopped it
    ============  ====================================================

Sources
    See `voicelab.metrics.statistics` for percentiles and intervals; components before
    division: Bredin 2017, "pyannote.metrics" (Interspeech).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

from voicelab.errors import StatisticsError
from voicelab.metrics.components import Components, Conversation, gather
from voicelab.metrics.pooled_parts import Share, Values, shares_of, values_of
from voicelab.metrics.ratios import ratio_interval
from voicelab.metrics.report import Report
from voicelab.metrics.statistics import (
    CONFIDENCE,
    RESAMPLES,
    Counted,
    Interval,
    check_draws,
    cluster_bootstrap,
    percentile,
    quantile,
    wilson_interval,
)

Runs: TypeAlias = Iterable[Conversation | Components]
Clusters: TypeAlias = Literal["conversation", "run"]

REPORTS = ("latency", "endpointing", "truncation", "barge_in")
"""The reports there are."""

_P50, _P95 = 0.5, 0.95
_ONE_KIND = {
    0.0: "none was seen, and drawing again what was seen never shows any",
    1.0: "nothing else was seen, and drawing again what was seen never shows it",
}


class PooledValues(msgspec.Struct, frozen=True, kw_only=True):
    """What many values come to; numbers have the unit that ends the measure's name.

    Attributes:
        report: which report it belongs to.
        measure: the column of the run's table.
        n: how many values.
        failed: how many turns or items have none.
        conversations: how many clusters the values come from.
        confidence: of the intervals.
        p50_refused: why there is no median.
        p95_refused: why there is no 95th percentile.
        interval_refused: why there are no intervals.
    """

    report: str
    measure: str
    n: int
    failed: int
    conversations: int
    p50: float | None = None
    p50_low: float | None = None
    p50_high: float | None = None
    p95: float | None = None
    p95_low: float | None = None
    p95_high: float | None = None
    confidence: float = CONFIDENCE
    p50_refused: str | None = None
    p95_refused: str | None = None
    interval_refused: str | None = None


class PooledShare(msgspec.Struct, frozen=True, kw_only=True):
    """A share over many runs.

    Attributes:
        report: which report it belongs to.
        measure: what is counted.
        numerator: how many, or how much.
        denominator: out of how many, or how much.
        rate: the one over the other; None if there is nothing to divide by.
        low: the lower bound.
        high: the upper bound.
        interval: `wilson` or `bootstrap`.
        conversations: how many clusters have anything to divide by.
        confidence: of the interval.
        refused: why there is no rate, or no interval.
    """

    report: str
    measure: str
    numerator: float
    denominator: float
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str
    conversations: int
    confidence: float = CONFIDENCE
    refused: str | None = None


def pooled_values(
    runs: Runs,
    *,
    reports: Sequence[str] = REPORTS,
    clusters: Clusters = "conversation",
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Report[PooledValues]:
    """Return what the values of many runs come to, one row a measure.

    Args:
        runs: runs, or what `gather` made of them.
        reports: which of `REPORTS`.
        clusters: what was drawn independently.
        confidence: of the intervals.
        resamples: how often clusters are drawn.
        seed: of the draws.

    Raises:
        StatisticsError: there is no run, no such report, or a setting is out of range.
    """
    check_draws(confidence, resamples, seed)
    held = _gathered(runs, reports)
    rows = [
        _values_row(values, clusters, confidence, resamples, seed)
        for values in values_of(held)
        if values.report in reports
    ]
    return Report(tuple(rows), PooledValues)


def pooled_shares(
    runs: Runs,
    *,
    reports: Sequence[str] = REPORTS,
    clusters: Clusters = "conversation",
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Report[PooledShare]:
    """Return the shares of many runs, one row a measure; arguments as above.

    Raises:
        StatisticsError: there is no run, no such report, or a setting is out of range.
    """
    check_draws(confidence, resamples, seed)
    held = _gathered(runs, reports)
    rows = [
        _share_row(share, clusters, confidence, resamples, seed)
        for share in shares_of(held)
        if share.report in reports
    ]
    return Report(tuple(rows), PooledShare)


def _gathered(runs: Runs, reports: Sequence[str]) -> list[Components]:
    unknown = [name for name in reports if name not in REPORTS]
    if unknown:
        raise StatisticsError(
            f"there is no report {unknown[0]!r}",
            fix=f"choose from {', '.join(REPORTS)}",
        )
    held = gather(runs)
    if not held:
        raise StatisticsError("there is no run to report on", fix="give at least one")
    return held


def _values_row(
    values: Values, clusters: Clusters, confidence: float, resamples: int, seed: int
) -> PooledValues:
    counted = Counted.of(value for _, _, value in values.each)
    groups = _grouped(values, clusters)
    row = PooledValues(
        report=values.report,
        measure=values.measure,
        n=len(counted.values),
        failed=counted.failed,
        conversations=len(groups),
        confidence=confidence,
    )
    told: dict[str, float | str | None] = {}
    for name, q in (("p50", _P50), ("p95", _P95)):
        try:
            told[name] = percentile(counted.values, q)
        except StatisticsError as refusal:
            told[f"{name}_refused"] = str(refusal)
            continue
        try:
            interval = cluster_bootstrap(
                groups,
                quantile(q),
                confidence=confidence,
                resamples=resamples,
                seed=seed,
            )
            told[f"{name}_low"], told[f"{name}_high"] = interval.low, interval.high
        except StatisticsError as refusal:
            told["interval_refused"] = str(refusal)
    return msgspec.structs.replace(row, **told)


def _grouped(values: Values, clusters: Clusters) -> list[list[float]]:
    """Return the values by cluster; clusters without any are no clusters."""
    groups: dict[str, list[float]] = {}
    for name, run, value in values.each:
        if value is not None:
            groups.setdefault(run if clusters == "run" else name, []).append(value)
    return list(groups.values())


def _share_row(
    share: Share, clusters: Clusters, confidence: float, resamples: int, seed: int
) -> PooledShare:
    sums: dict[str, tuple[float, float]] = {}
    for name, run, above, below in share.each:
        key = run if clusters == "run" else name
        before = sums.get(key, (0.0, 0.0))
        sums[key] = (before[0] + above, before[1] + below)
    above = sum(pair[0] for pair in sums.values())
    below = sum(pair[1] for pair in sums.values())
    row = PooledShare(
        report=share.report,
        measure=share.measure,
        numerator=above,
        denominator=below,
        rate=above / below if below else None,
        interval="wilson" if share.counts else "bootstrap",
        conversations=sum(pair[1] > 0 for pair in sums.values()),
        confidence=confidence,
    )
    if row.rate in _ONE_KIND and not share.counts:
        return msgspec.structs.replace(row, refused=_ONE_KIND[row.rate])
    try:
        if share.counts:
            interval = wilson_interval(round(above), round(below), confidence)
        else:
            interval = _ratio(sums, confidence, resamples, seed)
    except StatisticsError as refusal:
        return msgspec.structs.replace(row, refused=str(refusal))
    return msgspec.structs.replace(row, low=interval.low, high=interval.high)


def _ratio(
    sums: dict[str, tuple[float, float]], confidence: float, resamples: int, seed: int
) -> Interval:
    above, below = zip(*sums.values(), strict=True)
    return ratio_interval(
        above, below, confidence=confidence, resamples=resamples, seed=seed
    )
