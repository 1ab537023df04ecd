"""`voicelab check`: runs against their budgets and their baseline."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import EXIT_CHECK_FAILED
from voicelab.record.whole_file import check_target, write_output

if TYPE_CHECKING:
    from voicelab.budgets import Check, Measured, Verdict

_HEADINGS = ("what", "asked by", "measure", "allowed", "measured", "verdict")
_ACTIONS = "GITHUB_ACTIONS"


@ends_cleanly
def check(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUNS", help="Run folders, folders of them.")
    ],
    *,
    budget: Annotated[
        Path | None,
        typer.Option(metavar="YAML", help="Limits by scenario and over all runs."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Compare with these runs, or this baseline file."
        ),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=5%,20",
            help="How much worse than the baseline is no failure. May be repeated.",
        ),
    ] = None,
    save_baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the measures, if nothing failed."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="XML", help="Write a JUnit report.")
    ] = None,
    annotations: Annotated[
        bool,
        typer.Option(
            "--annotations",
            help="Print annotations, as is done anyway where GITHUB_ACTIONS is true.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Check runs against their budgets and their baseline.

    Limits come from the `expect` of each run's scenario, a budget file and a baseline.
    What is not known fails. Exit code 1 if anything failed.
    """
    from voicelab import budgets  # noqa: PLC0415 -- slow

    for file in (junit, save_baseline):
        if file is not None:
            check_target(file)
    limits = None if budget is None else budgets.load_budget(budget)
    tolerances = budgets.parse_tolerances(tolerance or [])
    before = None if baseline is None else budgets.read_baseline(baseline)
    measured = budgets.measured_runs(runs)
    if save_baseline and _asks_nothing(measured, budget, baseline):
        found = budgets.check_whole(measured)
    else:
        found = budgets.check_measured(
            measured, budget=limits, baseline=before, tolerances=tolerances
        )
    _print(found, as_json=as_json)  # first: no file that fails hides what was found
    if junit is not None:
        write_output(junit, [budgets.junit(found)], what="JUnit report")
    if save_baseline is not None:
        typer.echo(_keep(measured, save_baseline, found), err=as_json)
    if annotations or os.environ.get(_ACTIONS) == "true":
        for line in budgets.github_annotations(found):
            typer.echo(line, err=as_json)
    if not found.passed:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _asks_nothing(
    measured: Sequence[Measured], budget: Path | None, baseline: Path | None
) -> bool:
    """Tell whether there is nothing to hold the runs to, only measures to keep."""
    expects = any(run.expect for run in measured)
    return not expects and budget is None and baseline is None


def _keep(measured: Sequence[Measured], file: Path, found: Check) -> str:
    """Save the measures if nothing failed; return what became of the file."""
    from voicelab import budgets  # noqa: PLC0415 -- slow

    if not found.passed:
        return f"{file} is left as it was."
    kept = budgets.baseline_of(run.kept() for run in measured)
    budgets.save_baseline(file, kept)
    return f"{file} holds their measures."


def _print(found: Check, *, as_json: bool) -> None:
    if as_json:
        from voicelab.cli.tables import print_json  # noqa: PLC0415 -- slow

        print_json(_described(found))
        return
    if found.shown:
        _print_table(found.shown)
    for row in found.verdicts:
        if row.reason:
            typer.echo(f"{row.outcome.capitalize()}: {row.sentence}")
    typer.echo(found.sentence)


def _described(found: Check) -> dict[str, object]:
    """Return what `--json` prints."""
    import msgspec  # noqa: PLC0415 -- slow

    return {
        "passed": found.passed,
        "runs": found.runs,
        "verdicts": msgspec.to_builtins(found.verdicts),
    }


def _print_table(rows: Sequence[Verdict]) -> None:
    from rich.text import Text  # noqa: PLC0415 -- slow

    from voicelab.budgets.check import MOST_SHOWN  # noqa: PLC0415 -- slow
    from voicelab.budgets.verdict import number  # noqa: PLC0415 -- slow
    from voicelab.cli.tables import plain_table, table_console  # noqa: PLC0415 -- slow

    table = plain_table("What is allowed, and what was measured")
    for heading in _HEADINGS:
        is_number = heading == "measured"
        table.add_column(
            heading, justify="right" if is_number else "left", overflow="fold"
        )
    for row in rows[:MOST_SHOWN]:
        cells = (row.subject, row.source, row.measure, row.limit)
        shown = (*cells, number(row.measured), row.outcome)
        table.add_row(*map(Text, shown))
    table_console().print(table)
    more = len(rows) - MOST_SHOWN
    typer.echo(f"… and {more} more, which --json shows\n" if more > 0 else "")
