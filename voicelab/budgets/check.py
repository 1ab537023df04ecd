"""A check: runs against what is expected of them and what they were before."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from voicelab.budgets.baseline import Baseline
from voicelab.budgets.budget_file import Budget, merged
from voicelab.budgets.comparison import compared
from voicelab.budgets.expectations import expected, matching, whole
from voicelab.budgets.measured import Measured, subjects
from voicelab.budgets.measures import Tolerance, with_tolerances
from voicelab.budgets.pooled import pooled
from voicelab.budgets.verdict import Verdict, number
from voicelab.errors import BudgetError
from voicelab.record.notebook_tables import breakable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Check:
    """What a check of runs found.

    Attributes:
        verdicts: what was looked at, and what came of it; what was asked for first,
            then the comparison with the baseline.
        runs: how many runs were checked.
    """

    verdicts: tuple[Verdict, ...]
    runs: int

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @cached_property
    def failures(self) -> tuple[Verdict, ...]:
        """What failed."""
        return tuple(row for row in self.verdicts if row.outcome == "failed")

    @cached_property
    def shown(self) -> tuple[Verdict, ...]:
        """What is worth a line: all but comparisons that found nothing; worst first."""
        rows = (row for row in self.verdicts if _is_shown(row))
        return tuple(sorted(rows, key=lambda row: _ORDER.index(row.outcome)))

    @cached_property
    def table(self) -> pd.DataFrame:
        """All verdicts; columns as in `voicelab.budgets.Verdict`."""
        from voicelab.record.tables import table  # noqa: PLC0415 -- pandas is slow

        return table(self.verdicts, Verdict)

    @property
    def sentence(self) -> str:
        """What came of it all."""
        counted = Counter(row.outcome for row in self.verdicts)
        told = ", ".join(
            f"{counted[outcome]} {outcome}" for outcome in ("passed", "failed", "noted")
        )
        return f"{self.runs} run{'' if self.runs == 1 else 's'} checked: {told}."

    def __repr__(self) -> str:
        return f"<Check {self.sentence.rstrip('.')}>"

    def _repr_html_(self) -> str:
        return f"<h4>{html.escape(self.sentence)}</h4>" + self._html_table()

    def _html_table(self) -> str:
        """Return what is worth a line as a table; nothing if nothing is."""
        if not self.shown:
            return ""
        rows = "".join(_html_row(row) for row in self.shown[:MOST_SHOWN])
        heads = "".join(f'<th style="text-align: left">{head}</th>' for head in _HEADS)
        more = len(self.shown) - MOST_SHOWN
        return (
            f"\n<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
            + (f"\n<p>… and {more} more in <code>.table</code></p>" if more > 0 else "")
        )


MOST_SHOWN = 50
"""Of long tables no more rows are shown; what failed comes first."""

_ORDER = ("failed", "noted", "passed")
_HEADS = ("what", "asked by", "measure", "allowed", "measured", "verdict", "why")


def _is_shown(row: Verdict) -> bool:
    if row.source == "run":
        return row.outcome != "passed"
    return row.source != "baseline" or row.outcome != "passed"


def _html_row(row: Verdict) -> str:
    cells = (
        row.subject,
        row.source,
        row.measure,
        row.limit,
        number(row.measured),
        row.outcome,
        row.reason,
    )
    told = "".join(
        f'<td style="text-align: left">{breakable(cell)}</td>' for cell in cells
    )
    weight = ' style="font-weight: bold"' if row.outcome == "failed" else ""
    return f"<tr{weight}>{told}</tr>"


def check_measured(
    runs: Sequence[Measured],
    *,
    budget: Budget | None = None,
    baseline: Baseline | None = None,
    tolerances: Mapping[str, Tolerance] | None = None,
) -> Check:
    """Check runs that have been measured.

    Args:
        runs: the runs.
        budget: limits beside those of the runs' own scenarios.
        baseline: what they measured before.
        tolerances: by measure, before those of the budget.

    Raises:
        BudgetError: there is no run, or nothing to hold one to, or a tolerance is for
            a measure that is not compared.
    """
    if not runs:
        raise BudgetError("nothing is checked: there is no run")
    allowed = merged(budget, tolerances or {})
    rows = [*_budgets(runs, budget)]
    if baseline is not None:
        judged = with_tolerances(allowed)
        rows += compared(baseline.runs, runs, judged)
    if all(row.source == "run" for row in rows):
        raise BudgetError(
            "nothing is checked: no scenario of these runs expects anything",
            fix="give --budget or --baseline, or an expect: to the scenario",
        )
    return Check(tuple(rows), len(runs))


def check_whole(runs: Sequence[Measured]) -> Check:
    """Check only that runs came to their end: what is asked of a first baseline.

    Raises:
        BudgetError: there is no run.
    """
    if not runs:
        raise BudgetError("nothing is checked: there is no run")
    names = subjects(runs)
    return Check(tuple(whole(run, names[run.run_id]) for run in runs), len(runs))


def _budgets(runs: Sequence[Measured], budget: Budget | None) -> Iterator[Verdict]:
    names = subjects(runs)
    for run in runs:
        yield whole(run, names[run.run_id])
        yield from expected(run, names[run.run_id], run.expect, "scenario")
    if budget is not None:
        yield from matching(runs, names, budget.runs)
        yield from pooled(runs, budget.pooled)
