"""Measured runs to check, without running or measuring anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from voicelab.budgets import MEASURES, Check, Measured, Tolerance
from voicelab.budgets.comparison import compared
from voicelab.budgets.measures import with_tolerances
from voicelab.budgets.verdict import Verdict
from voicelab.scenario.model import Bounds


def a_run(
    name: str = "hotel",
    seed: int | None = 1,
    *,
    settings: str = "s",
    run_id: str = "",
    expect: Mapping[str, Bounds] | None = None,
    partial: str | None = None,
    claims_sent: int = 0,
    samples: Mapping[str, tuple[float | None, ...]] | None = None,
    measures: Mapping[str, float | None] | None = None,
    **values: float | None,
) -> Measured:
    """Return a run of which only some measures are known, and three turns."""
    none: tuple[float | None, ...] = ()
    stems = ("response_latency", "endpointing_delay", "stop_latency")
    return Measured(
        name=name,
        run_id=run_id or f"{name}-{seed}-{settings}",
        seed=seed,
        settings=settings,
        measures={**dict.fromkeys(MEASURES), "turns": 3, **(measures or {}), **values},
        expect=dict(expect or {}),
        partial=partial,
        claims_sent=claims_sent,
        samples={**dict.fromkeys(stems, none), **(samples or {})},
    )


def against(
    before: Iterable[Measured],
    now: Iterable[Measured],
    tolerances: Mapping[str, Tolerance] | None = None,
) -> list[Verdict]:
    """Return what comes of comparing runs with those before."""
    judged = with_tolerances(tolerances or {})
    return list(compared([run.kept() for run in before], list(now), judged))


def a_check(*rows: Verdict) -> Check:
    """Return a check of one run with these verdicts."""
    return Check(rows, 1)


def a_verdict(
    outcome: str = "failed",
    *,
    subject: str = "hotel seed 1",
    reason: str = "cut_ins is 2",
) -> Verdict:
    """Return a verdict on cut-ins."""
    return Verdict(
        subject=subject,
        source="scenario",
        measure="cut_ins",
        limit="at most 0",
        measured=2,
        outcome=outcome,
        reason=reason,
    )
