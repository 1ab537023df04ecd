"""What is expected of each run: by its own scenario, or by a budget file.

A value that nobody knows keeps no limit: a percentile of too few turns, what a log
does not tell, or a name that is no measure. It fails, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from voicelab.budgets.measured import Measured
from voicelab.budgets.measures import MEASURES
from voicelab.budgets.verdict import Source, Verdict, limit_text, number, outside
from voicelab.document import close_names
from voicelab.metrics.summary import MIN_VALUES_P50, MIN_VALUES_P95
from voicelab.scenario.model import Bounds

_ENOUGH = {"_p50_ms": MIN_VALUES_P50, "_p95_ms": MIN_VALUES_P95}


def whole(run: Measured, subject: str) -> Verdict:
    """Return whether a run came to its end: part of one keeps no limit."""
    row = Verdict(
        subject=subject, source="run", measure="complete", limit="", run_id=run.run_id
    )
    if run.partial is None:
        return row
    return row.failing(f"the conversation broke off ({run.partial})")


def expected(
    run: Measured, subject: str, limits: Mapping[str, Bounds], source: Source
) -> Iterator[Verdict]:
    """Yield how a run stands to limits on its measures."""
    for measure, bounds in limits.items():
        value = run.measures.get(measure)
        row = Verdict(
            subject=subject,
            source=source,
            measure=measure,
            limit=limit_text(bounds),
            measured=value,
            run_id=run.run_id,
        )
        if value is None:
            yield row.failing(f"{measure} is not known: {_why(run, measure)}")
        elif outside(value, bounds):
            yield row.failing(
                f"{measure} is {number(value)}, allowed is {row.limit} ({source})"
            )
        else:
            yield row


def matching(
    runs: Iterable[Measured],
    names: Mapping[str, str],
    patterns: Mapping[str, Mapping[str, Bounds]],
) -> Iterator[Verdict]:
    """Yield how runs stand to limits on those whose name fits a pattern.

    Args:
        runs: all runs.
        names: what each is called, by its id.
        patterns: the limits by pattern, as a shell's: `*` is anything.
    """
    listed = list(runs)
    for pattern, limits in patterns.items():
        meant = [run for run in listed if fnmatchcase(run.name, pattern)]
        for run in meant:
            yield from expected(run, names[run.run_id], limits, "budget")
        if not meant:
            yield _unmatched(pattern)


def _unmatched(pattern: str) -> Verdict:
    row = Verdict(subject=pattern, source="budget", measure="runs", limit="at least 1")
    return row.failing("a budget is for runs of this name, and there is none")


def _why(run: Measured, measure: str) -> str:
    if measure not in MEASURES:
        near = close_names(measure, MEASURES)
        return "there is no such measure" + (f" ({near})" if near else "")
    if not run.measures["turns"]:
        return "no turn of the caller was recorded"
    for ending, enough in _ENOUGH.items():
        if measure.endswith(ending):
            turns = number(run.measures["turns"])
            return f"it takes {enough} values, and the run has {turns} turns"
    return "the run's log does not tell"
