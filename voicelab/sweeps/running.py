"""A sweep from its plan to its table."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from voicelab.errors import SweepError
from voicelab.sweeps.cell import Cell, Outcome
from voicelab.sweeps.executors import Executor
from voicelab.sweeps.journal import MAKE_ROOM, Journal, header_of, read_outcomes
from voicelab.sweeps.plan import Plan
from voicelab.sweeps.spec import digest_of
from voicelab.sweeps.table import table_of, write_table

RUNS = "runs"
"""The folder, inside a sweep's, of the run folders that are kept."""

Told = Callable[["Counts"], None]
"""What is told how far a sweep is."""

_TOKEN_BYTES = 8


@dataclass(frozen=True)
class Counts:
    """How far a sweep is.

    Attributes:
        total: its cells.
        done: those that were run.
        failed: those that could not be.
    """

    total: int
    done: int
    failed: int

    @property
    def left(self) -> int:
        """Those that are yet to be run."""
        return self.total - self.done - self.failed


@dataclass(frozen=True)
class Choices:
    """How a sweep is run; none of it changes a row of its table.

    Attributes:
        resumes: whether to go on with a sweep that is in the folder.
        retries_failed: whether to run again, then, what failed.
        keeps_runs: whether to keep each cell's run folder.
    """

    resumes: bool = False
    retries_failed: bool = False
    keeps_runs: bool = False


def run_sweep(
    plan: Plan,
    folder: Path,
    executor: Executor,
    choices: Choices = Choices(),
    told: Told | None = None,
) -> Counts:
    """Run the cells of a plan that are not done yet, then write the table.

    Args:
        plan: what to run.
        folder: where journal and table go; made if it is missing.
        executor: who runs the cells.
        choices: how.
        told: told how far it is: at the start, and after each cell.

    Raises:
        SweepError: the folder holds another sweep, is in use or cannot be written to;
            all that is in the journal stays.
        EndpointError: the executor's workers cannot be reached, or went away.
        KeyboardInterrupt: the user's; it says how to go on.
    """
    header = header_of(plan, digest_of(plan))
    with Journal(folder, header, resumes=choices.resumes) as journal:
        try:
            _run_cells(plan, folder, executor, choices, journal, told)
        except KeyboardInterrupt:
            counts = _counts(plan, journal)
            raise KeyboardInterrupt(
                f"interrupted; {counts.done} of {counts.total} cells are done and kept "
                f"in {folder}: the same command with --resume goes on"
            ) from None
        write_table(table_of(plan, read_outcomes(folder)), folder)
        return _counts(plan, journal)


def _run_cells(
    plan: Plan,
    folder: Path,
    executor: Executor,
    choices: Choices,
    journal: Journal,
    told: Told | None,
) -> None:
    tell = told or (lambda _: None)
    tell(_counts(plan, journal))
    # a copy: the journal's own goes on growing
    skipped = journal.done | (set() if choices.retries_failed else journal.failed)
    keep = str(folder.absolute() / RUNS) if choices.keeps_runs else None
    with closing(executor.outcomes(_cells(plan, skipped, keep))) as outcomes:
        for outcome in outcomes:
            _check_room(outcome, folder)
            journal.add(outcome)
            tell(_counts(plan, journal))


def _cells(plan: Plan, skipped: Container[int], keep: str | None) -> Iterator[Cell]:
    """Yield the cells to run, each made when its turn comes."""
    sweep = token_hex(_TOKEN_BYTES)
    for index in range(len(plan)):
        if index not in skipped:
            yield plan.cell(index, sweep=sweep, keep=keep)


def _check_room(outcome: Outcome, folder: Path) -> None:
    if outcome.status == "stopped":
        raise SweepError(
            f"cell {outcome.index} could not be kept ({outcome.error})",
            file=folder,
            fix=MAKE_ROOM,
        )


def _counts(plan: Plan, journal: Journal) -> Counts:
    return Counts(len(plan), len(journal.done), len(journal.failed))
