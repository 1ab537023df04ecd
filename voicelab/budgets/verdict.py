"""What a check finds: one row for each thing that it looked at."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, structs

from voicelab.scenario.model import Bounds

Outcome = Literal["passed", "failed", "noted"]
Source = Literal["run", "scenario", "budget", "baseline"]

EVERY_RUN = "all runs"
"""The subject of what is told about all runs together."""

_WHOLE_FROM = 100


class Verdict(Struct, frozen=True, kw_only=True):
    """One thing that was looked at, and what came of it.

    Attributes:
        subject: the run, the scenario, or `all runs`.
        source: who asked: the `scenario`, a `budget` file, the `baseline`, or nobody
            (`run`: that it came to its end).
        measure: what was measured; its name tells the unit.
        limit: what is allowed, in words.
        measured: the value, the mean if it is of several runs; None if unknown.
        before: the same of the baseline.
        outcome: `passed`, `failed`, or `noted`, which is told and fails nothing.
        reason: why it is not simply passed, in one clause; empty if it is.
        run_id: the run, if it is about one.
    """

    subject: str
    source: str
    measure: str
    limit: str
    measured: float | None = None
    before: float | None = None
    outcome: str = "passed"
    reason: str = ""
    run_id: str | None = None

    @property
    def sentence(self) -> str:
        """What is to be said of it."""
        return f"{self.subject}: {self.reason or f'{self.measure} is kept'}."

    def failing(self, reason: str) -> Verdict:
        """Return the same as a failure, with what is wrong."""
        return structs.replace(self, outcome="failed", reason=reason)

    def noting(self, reason: str) -> Verdict:
        """Return the same as a note, which fails nothing."""
        return structs.replace(self, outcome="noted", reason=reason)


def number(value: float | None) -> str:
    """Return a value as it is printed: three digits, more if they are whole."""
    if value is None:
        return "-"
    if value == round(value) or abs(value) >= _WHOLE_FROM:
        return f"{value:.0f}"
    return f"{value:.3g}"


def limit_text(bounds: Bounds) -> str:
    """Return in words what may be, such as `at most 900`."""
    if bounds.min is None:
        return f"at most {number(bounds.max)}"
    if bounds.max is None:
        return f"at least {number(bounds.min)}"
    return f"{number(bounds.min)} to {number(bounds.max)}"


def outside(value: float, bounds: Bounds) -> bool:
    """Tell whether a value is none that may be."""
    too_low = bounds.min is not None and value < bounds.min
    return too_low or (bounds.max is not None and value > bounds.max)
