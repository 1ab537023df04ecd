"""The budget file: limits for runs by name, for all runs together, and tolerances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from voicelab.budgets.measures import JUDGED, MEASURES, Tolerance
from voicelab.budgets.pooled import POOLED, SHARES, PooledBounds
from voicelab.document import Document, FieldPath, close_names, fit, read_document
from voicelab.errors import BudgetError
from voicelab.scenario.model import Bounds

FORMAT_VERSION = 1
"""The version of the budget file that this module describes."""


class Budget(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What runs may cost.

    Attributes:
        voicelab: the version of the file's format.
        runs: limits on the measures of each run whose scenario's name fits a pattern;
            `*` stands for anything.
        pooled: limits on measures over all runs.
        tolerances: how much worse than the baseline a measure may be, where that is
            not the default.
    """

    voicelab: Literal[1]
    runs: dict[str, dict[str, Bounds]] = field(default_factory=dict)
    pooled: dict[str, PooledBounds] = field(default_factory=dict)
    tolerances: dict[str, Tolerance] = field(default_factory=dict)


def load_budget(file: Path | str) -> Budget:
    """Read a budget file.

    Raises:
        BudgetError: it cannot be read, is no budget, or names a measure that there is
            not; names file, line and key.
    """
    document = read_document(Path(file), BudgetError)
    if isinstance(document.data, dict) and "voicelab" not in document.data:
        raise document.fault(
            (),
            "the key voicelab, the version of the format, is missing",
            f"add voicelab: {FORMAT_VERSION} at the top",
        )
    budget = fit(document, Budget)
    for pattern, limits in budget.runs.items():
        _check_names(document, ("runs", pattern), limits, MEASURES)
        for measure, bounds in limits.items():
            _check_limits(document, ("runs", pattern, measure), bounds)
    _check_names(document, ("pooled",), budget.pooled, POOLED)
    for measure, limit in budget.pooled.items():
        _check_pooled(document, measure, limit)
    _check_names(document, ("tolerances",), budget.tolerances, JUDGED)
    return budget


def _check_names(
    document: Document, path: FieldPath, given: Iterable[str], known: Iterable[str]
) -> None:
    names = list(known)
    for measure in given:
        if measure not in names:
            raise document.fault(
                (*path, measure),
                f"there is no measure {measure} here",
                close_names(measure, names) or f"known here: {', '.join(names)}",
            )


def _check_limits(
    document: Document, path: FieldPath, bounds: Bounds | PooledBounds
) -> None:
    if bounds.min is None and bounds.max is None:
        raise document.fault(path, "this is no limit", "give max, min or both")
    if bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        raise document.fault(
            path, f"nothing is between {bounds.min:g} and {bounds.max:g}", "swap them"
        )


def _check_pooled(document: Document, measure: str, limit: PooledBounds) -> None:
    _check_limits(document, ("pooled", measure), limit)
    if limit.judged_by is not None and measure not in SHARES:
        raise document.fault(
            ("pooled", measure, "judged_by"),
            "a percentile is judged by its value",
            "leave it out",
        )


def parse_tolerances(texts: Iterable[str]) -> dict[str, Tolerance]:
    """Return the tolerances that a command line gives.

    Args:
        texts: such as `response_latency_p50_ms=10%,30`: a share of the value before,
            a number in the measure's own unit, or both.

    Raises:
        BudgetError: one is written otherwise, or names no measure that is compared.
    """
    return dict(_tolerance(text) for text in texts)


def _tolerance(text: str) -> tuple[str, Tolerance]:
    measure, equals, told = text.partition("=")
    _check_compared(measure, "--tolerance")
    try:
        parts = [_part(part) for part in told.split(",")] if equals else []
    except ValueError:
        parts = []
    values = dict(parts)
    is_twice = len(values) < len(parts)
    if not values or is_twice or not all(0 <= value < inf for value in values.values()):
        raise BudgetError(
            f"{text!r} gives no tolerance",
            path="--tolerance",
            fix=f"give {measure}=5%, {measure}=20 or {measure}=5%,20",
        )
    return measure, Tolerance(**values)


def _part(text: str) -> tuple[str, float]:
    number = text.strip()
    if number.endswith("%"):
        return "relative", float(number[:-1]) / 100
    return "absolute", float(number)


def _check_compared(measure: str, path: str) -> None:
    if measure not in JUDGED:
        raise BudgetError(
            f"there is no measure {measure!r} to compare",
            path=path,
            fix=close_names(measure, JUDGED) or f"known here: {', '.join(JUDGED)}",
        )


def merged(
    budget: Budget | None, given: Mapping[str, Tolerance]
) -> dict[str, Tolerance]:
    """Return the tolerances of a file with those given beside it, which prevail.

    Raises:
        BudgetError: one is for a measure that is not compared.
    """
    for measure in given:
        _check_compared(measure, "tolerances")
    return {**(budget.tolerances if budget is not None else {}), **given}
