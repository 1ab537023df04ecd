"""Two configurations on the same conversations: what changed, and how surely.

Conventions
    Runs are paired by conversation and seed, and turns within them by their number.
    The difference is the candidate's value less the baseline's, pair by pair. A turn
    that has a value in one configuration only is no pair: it is counted as failed
    where it has none. Turns of runs that are there once only are counted as unpaired.

Measures
    One row a measure, in the unit that ends its name. Of turns: the response latency,
    its parts and the endpoint's offset; `cut_in_rate` and `answered_rate` are means of
    0 and 1, so their difference is that of two shares. Of whole runs: phantom and
    forgotten words, cut-ins, false barge-ins, and `overlap_ms`.

    The interval draws conversations, the p-value flips their signs
    (`voicelab.metrics.statistics.paired_difference`): with k conversations it is at
    least 2^(1-k), so from fewer than six none is below 0.05.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np

from voicelab.errors import StatisticsError
from voicelab.metrics.components import Components, gather
from voicelab.metrics.latency import PARTS
from voicelab.metrics.phantom import sum_known
from voicelab.metrics.pooled import Clusters, Runs
from voicelab.metrics.report import Report
from voicelab.metrics.statistics import (
    CONFIDENCE,
    RESAMPLES,
    Statistic,
    check_draws,
    mean,
    paired_difference,
)

RunKey: TypeAlias = tuple[str, int | None]
Key: TypeAlias = tuple[str, int | None, int | None]
Known: TypeAlias = dict[Key, float | None]


class ConfigurationChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in one measure.

    Attributes:
        measure: what is compared; its name ends in the unit.
        n_pairs: how many pairs have both values.
        failed_baseline: pairs without the baseline's value.
        failed_candidate: pairs without the candidate's.
        unpaired_baseline: turns, or runs, that the candidate does not have.
        unpaired_candidate: turns, or runs, that the baseline does not have.
        conversations: how many clusters the pairs come from.
        baseline: the statistic of the baseline's values in pairs.
        candidate: that of the candidate's.
        difference: the statistic of candidate less baseline, pair by pair.
        low: the lower bound of the difference.
        high: the upper bound.
        p_value: two-sided.
        confidence: of the interval.
        refused: why there is no difference, or no interval.
    """

    measure: str
    n_pairs: int
    failed_baseline: int
    failed_candidate: int
    unpaired_baseline: int
    unpaired_candidate: int
    conversations: int
    baseline: float | None = None
    candidate: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    confidence: float = CONFIDENCE
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class _Settings:
    statistic: Statistic
    clusters: Clusters
    confidence: float
    resamples: int
    seed: int


def compare_configurations(
    baseline: Runs,
    candidate: Runs,
    *,
    statistic: Statistic = mean,
    clusters: Clusters = "conversation",
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Report[ConfigurationChange]:
    """Return what changed between two configurations, one row a measure.

    Args:
        baseline: runs of one configuration, or what `gather` made of them.
        candidate: runs of the other, of the same conversations and seeds.
        statistic: `mean` or `median` of the differences.
        clusters: what was drawn independently: conversations, or single runs.
        confidence: of the intervals.
        resamples: how often clusters are drawn.
        seed: of the draws.

    Raises:
        StatisticsError: two runs of one configuration have the same conversation and
            seed, no run of the two has, or a setting is out of range.
    """
    check_draws(confidence, resamples, seed)
    before, after = _by_run(baseline, "baseline"), _by_run(candidate, "candidate")
    if not before.keys() & after.keys():
        raise StatisticsError(
            "no run of the baseline has the conversation and seed of one of the "
            "candidate",
            fix="run the same scenarios with the same seeds",
        )
    settings = _Settings(statistic, clusters, confidence, resamples, seed)
    rows = [
        _change(measure, known(before), known(after), settings)
        for measure, known in _measures()
    ]
    return Report(tuple(rows), ConfigurationChange)


def _by_run(runs: Runs, what: str) -> dict[RunKey, Components]:
    held: dict[RunKey, Components] = {}
    for run in gather(runs):
        key = (run.name, run.seed)
        if key in held:
            raise StatisticsError(
                f"two runs of the {what} are {run.run}",
                fix="give each conversation and seed once",
            )
        held[key] = run
    return held


def _measures() -> Iterator[tuple[str, Callable[[Mapping[RunKey, Components]], Known]]]:
    for name in ("response_latency_ms", *(f"{part}_ms" for part in PARTS)):
        yield name, _of_latency(lambda row, name=name: getattr(row, name))
    yield "endpoint_offset_ms", _endpoint_offsets
    yield "cut_in_rate", _of_latency(lambda row: float(row.cut_in))
    answered = ("answered", "cut_in")
    yield "answered_rate", _of_latency(lambda row: float(row.outcome in answered))
    yield "phantom_words", _of_run(_words("phantom_words"))
    yield "forgotten_words", _of_run(_words("forgotten_words"))
    yield "cut_ins", _of_run(lambda run: float(sum(row.cut_in for row in run.latency)))
    yield "false_barge_ins", _of_run(_false_barge_ins)
    yield (
        "overlap_ms",
        _of_run(lambda run: None if run.overlap is None else run.overlap.overlap_ms),
    )


def _of_latency(
    value: Callable[..., float | None],
) -> Callable[[Mapping[RunKey, Components]], Known]:
    return lambda held: {
        (*key, row.turn): value(row) for key, run in held.items() for row in run.latency
    }


def _endpoint_offsets(held: Mapping[RunKey, Components]) -> Known:
    return {
        (*key, row.turn): row.endpoint_offset_ms
        for key, run in held.items()
        for row in run.endpointing
        if row.turn is not None
    }


def _of_run(
    value: Callable[[Components], float | None],
) -> Callable[[Mapping[RunKey, Components]], Known]:
    return lambda held: {(*key, None): value(run) for key, run in held.items()}


def _words(column: str) -> Callable[[Components], float | None]:
    def words(run: Components) -> float | None:
        if not run.truncations:
            return 0.0
        known = sum_known(getattr(row, column) for row in run.truncations)
        return None if known is None else float(known)

    return words


def _false_barge_ins(run: Components) -> float:
    return float(sum(row.outcome == "false" for row in run.barge_ins))


def _change(
    measure: str, before: Known, after: Known, settings: _Settings
) -> ConfigurationChange:
    shared = [key for key in before if key in after]
    pairs = [
        (key, one, other)
        for key in shared
        if (one := before[key]) is not None and (other := after[key]) is not None
    ]
    row = ConfigurationChange(
        measure=measure,
        n_pairs=len(pairs),
        failed_baseline=sum(before[key] is None for key in shared),
        failed_candidate=sum(after[key] is None for key in shared),
        unpaired_baseline=len(before) - len(shared),
        unpaired_candidate=len(after) - len(shared),
        conversations=len({_cluster(key, settings) for key, _, _ in pairs}),
        confidence=settings.confidence,
    )
    if not pairs:
        return msgspec.structs.replace(row, refused="no pair has both values")
    return _with_difference(row, pairs, settings)


def _with_difference(
    row: ConfigurationChange,
    pairs: Sequence[tuple[Key, float, float]],
    settings: _Settings,
) -> ConfigurationChange:
    before = np.array([one for _, one, _ in pairs], dtype=np.float64)
    after = np.array([other for _, _, other in pairs], dtype=np.float64)
    row = msgspec.structs.replace(
        row,
        baseline=settings.statistic(before),
        candidate=settings.statistic(after),
        difference=settings.statistic(after - before),
    )
    try:
        paired = paired_difference(
            after,
            before,
            [_cluster(key, settings) for key, _, _ in pairs],
            statistic=settings.statistic,
            confidence=settings.confidence,
            resamples=settings.resamples,
            seed=settings.seed,
        )
    except StatisticsError as refusal:
        return msgspec.structs.replace(row, refused=str(refusal))
    return msgspec.structs.replace(
        row,
        low=paired.interval.low,
        high=paired.interval.high,
        p_value=paired.p_value,
    )


def _cluster(key: Key, settings: _Settings) -> RunKey:
    name, seed, _ = key
    return (name, None) if settings.clusters == "conversation" else (name, seed)
