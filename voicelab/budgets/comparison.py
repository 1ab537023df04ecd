"""Runs against their baseline: what became worse, and whether it is noise.

Conventions
    Each measure is judged for each scenario, where what is drawn independently is a
    run, and over all scenarios if there are several, where that is a conversation: a
    change that is small in each may be plain in all. It *fails* if it is worse on
    average by more than its tolerance (`voicelab.budgets.measures`) and no change can
    be excluded: the 99 % interval of the paired difference lies on the worse side,
    and the sign-flip p-value is at most 0.01, because some twenty measures are judged
    at once. Below `FEWEST_FOR_P` runs no p-value can be that small, so the interval
    decides alone. Of a single pair noise is not known, and the tolerance decides
    alone; it says so.

    How often a measure is unknown is judged like a mistake of the runs, wherever one
    that was known is not any more. One that never was known before is noted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from voicelab.budgets.measured import Measured, RunMeasures, subjects
from voicelab.budgets.measures import Judged, Tolerance
from voicelab.budgets.pairing import Pair, Pairing, pair
from voicelab.budgets.verdict import EVERY_RUN, Verdict, number
from voicelab.metrics.statistics import Paired, paired_difference

ALPHA = 0.01
"""The p-value at or below which a difference is not taken for chance."""

FEWEST_FOR_P = 8
"""With k clusters p is at least 2^(1-k): 0.016 for seven, 0.0078 for eight."""

_UNKNOWN = Judged("higher", Tolerance(absolute=0.2))

_SEED = 0


def compared(
    before: Sequence[RunMeasures],
    now: Sequence[Measured],
    judged: Mapping[str, Judged],
) -> Iterator[Verdict]:
    """Yield how runs stand to those before.

    Args:
        before: the baseline's runs.
        now: the runs.
        judged: how each measure is compared.
    """
    found = pair(before, now)
    yield from _alone(found)
    by_name: dict[str, list[Pair]] = {}
    for each in found.pairs:
        by_name.setdefault(each.name, []).append(each)
    for name, pairs in by_name.items():
        yield from _other_seeds(name, pairs)
        for measure, how in judged.items():
            yield from _judge(name, measure, how, pairs, range(len(pairs)))
    if len(by_name) > 1:
        names = [each.name for each in found.pairs]
        for measure, how in judged.items():
            yield from _judge(EVERY_RUN, measure, how, found.pairs, names)


def _alone(found: Pairing) -> Iterator[Verdict]:
    gone, new = subjects(found.missing), subjects(found.extra)
    for run in found.missing:
        row = _row(gone[run.run_id], "run", "is there", run.run_id)
        yield row.failing("the baseline has this run, and it is not here")
    for extra in found.extra:
        row = _row(new[extra.run_id], "run", "", extra.run_id)
        yield row.noting("the baseline does not have this run")


def _row(subject: str, measure: str, limit: str, run_id: str | None = None) -> Verdict:
    return Verdict(
        subject=subject,
        source="baseline",
        measure=measure,
        limit=limit,
        run_id=run_id,
    )


def _other_seeds(name: str, pairs: Sequence[Pair]) -> Iterator[Verdict]:
    others = sum(not each.same_seed for each in pairs)
    if others:
        row = _row(name, "seed", "equal")
        yield row.noting(
            f"{others} of {len(pairs)} pairs have different seeds, which adds noise"
        )


def _judge(
    subject: str,
    measure: str,
    how: Judged,
    pairs: Sequence[Pair],
    clusters: Sequence[Hashable],
) -> Iterator[Verdict]:
    """Yield the verdict on one measure of some pairs; none if nobody ever knew it."""
    values = [
        (each.before.measures.get(measure), each.after.measures.get(measure))
        for each in pairs
    ]
    known = [
        (old, new, cluster)
        for (old, new), cluster in zip(values, clusters, strict=True)
        if old is not None and new is not None
    ]
    if known:
        yield _verdict(_row(subject, measure, ""), how, known)
    elif any(new is not None for _, new in values):
        yield _row(subject, measure, "").noting(f"{measure} was not known before")
    if any(old is not None and new is None for old, new in values):
        silent = [
            (float(old is None), float(new is None), cluster)
            for (old, new), cluster in zip(values, clusters, strict=True)
        ]
        row = _row(subject, f"{measure} unknown", "")
        yield _verdict(row, _UNKNOWN, silent)


def _verdict(
    row: Verdict, how: Judged, known: Sequence[tuple[float, float, Hashable]]
) -> Verdict:
    before = sum(old for old, _, _ in known) / len(known)
    now = sum(new for _, new, _ in known) / len(known)
    worse = [how.worse_by(old, new) for old, new, _ in known]
    worse_by, allowed = sum(worse) / len(worse), how.tolerance.allowed(before)
    limit = f"{number(before)}, {number(allowed)} worse at most"
    row = Verdict(
        subject=row.subject,
        source=row.source,
        measure=row.measure,
        limit=limit,
        measured=now,
        before=before,
    )
    if worse_by <= allowed:
        return row
    told = (
        f"{row.measure} is {number(now)}, it was {number(before)}; "
        f"{number(allowed)} worse is allowed"
    )
    clusters = [cluster for _, _, cluster in known]
    if len(set(clusters)) == 1:
        return row.failing(f"{told} (one pair, so noise cannot be judged)")
    found = paired_difference(
        worse, [0.0] * len(worse), clusters, confidence=1 - ALPHA, seed=_SEED
    )
    return _by_noise(row, told, found)


def _by_noise(row: Verdict, told: str, found: Paired) -> Verdict:
    sure = found.interval.low > 0 and (
        found.p_value <= ALPHA or found.n_clusters < FEWEST_FOR_P
    )
    reach = f"{number(found.interval.low)} to {number(found.interval.high)}"
    shown = f"worse by {reach}, p = {found.p_value:.2g}, n = {found.n_clusters}"
    if sure:
        return row.failing(f"{told} ({shown})")
    return row.noting(f"{told}, but that may be noise ({shown})")
