"""What is expected of all runs together: shares and percentiles over all turns.

Conventions
    A share is judged by the end of its Wilson interval that lies nearer to the limit
    (95 %, `voicelab.metrics.statistics`), so that few turns prove nothing: no cut-in
    in 20 turns is compatible with 16 %. `judged_by: estimate` takes the share itself.
    The interval takes turns for independent; where many are of the same conversation
    under other seeds it is too narrow.

    A percentile is that of all turns, or interrupted items, that have a value, and is
    refused where there are too few. Those without one are counted beside it: they are
    for `unanswered_rate` to hold to account.

Measures
    ========================  ================================================
    `cut_in_rate`             turns inside which an endpoint fell ÷ turns
    `unanswered_rate`         turns without an answer ÷ turns
    `missed_barge_in_rate`    missed barge-ins ÷ those, and those stopped for
    `refused_rate`            refused claims ÷ claims sent
    `…_p50_ms` to `…_p99_ms`  percentiles of `response_latency`,
                              `endpointing_delay` and `stop_latency`
    ========================  ================================================

    Shares are those of `voicelab.metrics.pooled_shares`, under the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from statistics import NormalDist
from typing import Literal

from msgspec import Struct, structs

from voicelab.budgets.measured import Measured
from voicelab.budgets.verdict import EVERY_RUN, Verdict, limit_text, number, outside
from voicelab.errors import StatisticsError
from voicelab.metrics.statistics import (
    CONFIDENCE,
    Counted,
    Interval,
    percentile,
    wilson_interval,
)
from voicelab.scenario.model import Bounds

CLAIMS_SENT = "claims_sent"

SHARES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "cut_in_rate": ("cut_ins", ("turns",), "turns"),
    "unanswered_rate": ("unanswered", ("turns",), "turns"),
    "missed_barge_in_rate": (
        "missed_barge_ins",
        ("missed_barge_ins", "stopped_barge_ins"),
        "barge-ins to stop for",
    ),
    "refused_rate": ("refused", (CLAIMS_SENT,), "claims sent"),
}
"""Of each share its numerator, what its denominator adds up, and what that counts."""

PERCENTILES: Mapping[str, tuple[str, float]] = {
    f"{stem}_p{percent}_ms": (stem, percent / 100)
    for stem in ("response_latency", "endpointing_delay", "stop_latency")
    for percent in (50, 90, 95, 99)
}
"""The sample and the quantile of each percentile."""

POOLED: tuple[str, ...] = (*SHARES, *PERCENTILES)


class PooledBounds(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a measure over all runs may be, ends included; None is no limit.

    Attributes:
        min: the least allowed value.
        max: the greatest allowed value.
        judged_by: for shares: by the `bound` of the interval, or by the `estimate`.
    """

    min: float | None = None
    max: float | None = None
    judged_by: Literal["bound", "estimate"] | None = None

    @property
    def bounds(self) -> Bounds:
        """The limits alone."""
        return Bounds(min=self.min, max=self.max)


def pooled(
    runs: Sequence[Measured], limits: Mapping[str, PooledBounds]
) -> Iterator[Verdict]:
    """Yield how all runs together stand to limits on pooled measures."""
    for measure, limit in limits.items():
        row = Verdict(
            subject=EVERY_RUN,
            source="budget",
            measure=measure,
            limit=limit_text(limit.bounds),
        )
        if measure in SHARES:
            yield _share(row, runs, limit)
        else:
            yield _percentile(row, runs, limit)


def _share(row: Verdict, runs: Sequence[Measured], limit: PooledBounds) -> Verdict:
    numerator, denominator, counted = SHARES[row.measure]
    part, whole = _total(runs, [numerator]), _total(runs, denominator)
    if part is None or whole is None:
        return row.failing(f"{row.measure} is not known: a run does not tell")
    if not whole:
        return row.failing(f"{row.measure} is not known: there are no {counted}")
    found = wilson_interval(part, whole)
    row = structs.replace(row, measured=found.estimate)
    if outside(found.estimate, limit.bounds):
        return row.failing(_told(row, f"{number(found.estimate)} ({part} of {whole})"))
    if limit.judged_by == "estimate" or not _reaches_out(found, limit.bounds):
        return row
    reach = f"{number(found.low)} to {number(found.high)}"
    more = _enough_without(limit) if part == 0 else ""
    told = f"{part} of {whole}, which may be {reach}{more}"
    return row.failing(_told(row, told))


def _total(runs: Sequence[Measured], names: Sequence[str]) -> int | None:
    values = [
        run.claims_sent if name == CLAIMS_SENT else run.measures[name]
        for run in runs
        for name in names
    ]
    known = [int(value) for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _reaches_out(found: Interval, bounds: Bounds) -> bool:
    return outside(found.low, Bounds(min=bounds.min)) or outside(
        found.high, Bounds(max=bounds.max)
    )


def _enough_without(limit: PooledBounds) -> str:
    """Return how many trials without a success would show that a share is kept.

    With none in n trials the upper end of Wilson's interval is z² / (n + z²).
    """
    if not limit.max:
        return ""
    z2 = NormalDist().inv_cdf((1 - CONFIDENCE) / 2) ** 2
    return f"; none in {ceil(z2 * (1 - limit.max) / limit.max)} would show it"


def _percentile(row: Verdict, runs: Sequence[Measured], limit: PooledBounds) -> Verdict:
    stem, q = PERCENTILES[row.measure]
    sample = Counted.of(value for run in runs for value in run.samples[stem])
    silent = f", {sample.failed} more have none" if sample.failed else ""
    try:
        value = percentile(sample.values, q)
    except StatisticsError as error:
        told = f"{row.measure} is not known: {error.problem}{silent}"
        return row.failing(told)
    row = structs.replace(row, measured=value)
    if not outside(value, limit.bounds):
        return row
    told = f"{number(value)} (of {len(sample.values)} values{silent})"
    return row.failing(_told(row, told))


def _told(row: Verdict, found: str) -> str:
    return f"{row.measure} is {found}, allowed is {row.limit} (budget)"
