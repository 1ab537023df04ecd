"""`voicelab sweep`: many runs of the same conversations, into one table."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import EXIT_CHECK_FAILED, InputError

if TYPE_CHECKING:
    from voicelab.cli.batch import Progress
    from voicelab.sweeps import Counts, Sweep

_SHOWN = 5
"""Failed cells that are told of; all are in the table."""


@ends_cleanly
def sweep(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A sweep file.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where journal and table go; by default sweeps/ and the file's name.",
        ),
    ] = None,
    executor: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Who runs the cells: processes, serial, or dask=ADDRESS.",
        ),
    ] = "processes",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="How many processes; by default one a core."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what is in the folder.")
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="With --resume: run again what failed."),
    ] = False,
    keep_runs: Annotated[
        bool, typer.Option("--keep-runs", help="Keep every run's folder.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Run scenarios with many settings and seeds, into a table.

    Every outcome is kept at once: whatever ends the sweep, --resume goes on with what
    is left. A cell that fails is a row of the table and ends nothing; exit code 1 says
    that there are such.
    """
    from voicelab import sweeps  # noqa: PLC0415 -- slow

    _refuse_retry_without_resume(resume=resume, retry_failed=retry_failed)
    plan = sweeps.read_plan(spec)
    folder = Path("sweeps") / Path(spec).stem if out is None else out
    chosen = sweeps.Choices(
        resumes=resume, retries_failed=retry_failed, keeps_runs=keep_runs
    )
    runner = sweeps.make_executor(executor, workers)
    with ExitStack() as stack:
        counts = sweeps.run_sweep(plan, folder, runner, chosen, _watch(stack))
    _tell(counts, sweeps.load_sweep(folder), as_json=as_json)
    if counts.failed:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _refuse_retry_without_resume(*, resume: bool, retry_failed: bool) -> None:
    if retry_failed and not resume:
        raise InputError(
            "there is nothing to retry in a new sweep",
            path="--retry-failed",
            fix="give --resume as well",
        )


def _watch(stack: ExitStack) -> Callable[[Counts], None]:
    """Return what shows how far the sweep is; the stack takes it down."""
    from voicelab.cli import batch  # noqa: PLC0415 -- slow

    bars: list[Progress] = []

    def told(counts: Counts) -> None:
        if not bars:
            done = counts.total - counts.left
            shown = batch.progress(counts.total, done=done, rated=True)
            bars.append(stack.enter_context(shown))
        else:
            bars[0].advance()
        failed = f", {counts.failed} failed" if counts.failed else ""
        bars[0].begin(f"cells{failed}")

    return told


def _tell(counts: Counts, swept: Sweep, *, as_json: bool) -> None:
    """Print what became of the cells, and where the table is."""
    from pandas import isna  # noqa: PLC0415 -- slow

    from voicelab.cli import tables  # noqa: PLC0415 -- slow
    from voicelab.sweeps.table import CSV  # noqa: PLC0415 -- slow

    table = swept.folder / CSV
    failed = swept.failed
    if as_json:
        told = {"cells": counts.total, "done": counts.done, "failed": counts.failed}
        errors = [] if failed.empty else failed.error.tolist()
        tables.print_json({**told, "table": str(table), "errors": errors})
        return
    typer.echo(f"{_cells(counts.total)}: {counts.done} done, {counts.failed} failed.")
    for row in failed.head(_SHOWN).to_dict("records"):
        error = row.pop("error")
        told_of = {name: value for name, value in row.items() if not isna(value)}
        where = ", ".join(f"{name}={value}" for name, value in told_of.items())
        typer.echo(f"  {where}: {error}")
    if len(failed) > _SHOWN:
        typer.echo(f"  and {len(failed) - _SHOWN} more, in the column error")
    typer.echo(f"Table: {table}")


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
