"""What runs may cost, and whether they cost more than before.

Limits come from each run's own scenario (`expect`), from a budget file, and from a
baseline: what the same scenarios measured before. What nobody knows keeps no limit.
"""

from __future__ import annotations

from voicelab.budgets.baseline import (
    Baseline,
    baseline_of,
    load_baseline,
    save_baseline,
)
from voicelab.budgets.budget_file import Budget, load_budget, parse_tolerances
from voicelab.budgets.check import Check, check_measured, check_whole
from voicelab.budgets.github import github_annotations
from voicelab.budgets.junit import junit
from voicelab.budgets.measured import Measured, RunMeasures, measured
from voicelab.budgets.measures import JUDGED, MEASURES, Tolerance
from voicelab.budgets.reading import Source, measured_runs, read_baseline
from voicelab.budgets.verdict import Verdict

__all__ = [
    "JUDGED",
    "MEASURES",
    "Baseline",
    "Budget",
    "Check",
    "Measured",
    "RunMeasures",
    "Source",
    "Tolerance",
    "Verdict",
    "baseline_of",
    "check_measured",
    "check_whole",
    "github_annotations",
    "junit",
    "load_baseline",
    "load_budget",
    "measured",
    "measured_runs",
    "parse_tolerances",
    "read_baseline",
    "save_baseline",
]
