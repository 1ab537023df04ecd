"""A sweep as one calls it from a notebook."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from voicelab.errors import SweepError
from voicelab.scenario.model import Scenario
from voicelab.sweeps.executors import PROCESSES, make_executor
from voicelab.sweeps.plan import Plan
from voicelab.sweeps.result import Sweep, load_sweep
from voicelab.sweeps.running import Choices, Told, run_sweep
from voicelab.sweeps.spec import make_plan, read_plan


def sweep(
    spec: Path | str | None = None,
    *,
    scenarios: Scenario | Path | str | Sequence[Scenario | Path | str] | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 -- the file's words
    grid: Mapping[str, Sequence[Any]] | None = None,
    list: Sequence[Mapping[str, Any]] | None = None,  # noqa: A002 -- the file's words
    repeats: int | None = None,
    seeds: Sequence[int] | None = None,
    measures: Sequence[str] | None = None,
    out: Path | str | None = None,
    executor: str = PROCESSES,
    workers: int | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    keep_runs: bool = False,
    told: Told | None = None,
) -> Sweep:
    """Run scenarios with many settings and seeds, into one table.

    Args:
        spec: a sweep file; or else, said here in the same words:
        scenarios: a scenario, a path or the name of a bundled one; or several.
        set: what every cell changes, by dotted path such as `client.player`.
        grid: the values of each field; every combination is run.
        list: settings that go together, one after the other.
        repeats: how many seeds, counted up from the scenario's own.
        seeds: the seeds themselves.
        measures: which columns of the summary to keep; left out, all.
        out: the folder of journal and table; left out, they are kept as long as the
            returned object lives.
        executor: `processes`, `serial`, or `dask=` and the address of a scheduler.
        workers: how many processes; left out, as many as there are cores.
        resume: whether to go on with the same sweep in `out`.
        retry_failed: whether to run again, then, what failed.
        keep_runs: whether to keep each run's folder, in `out`.
        told: told how far it is, at the start and after each cell.

    Returns:
        The sweep, with its table. Cells that failed are rows of it.

    Raises:
        InputError: the sweep, a scenario, a field or a value is wrong; nothing is
            run. Or the folder cannot be written to; what is in it stays.
        EndpointError: the cluster cannot be reached, or went away.
    """
    given = {
        "set": set,
        "grid": grid,
        "list": list,
        "repeats": repeats,
        "seeds": seeds,
        "measures": measures,
    }
    plan = _plan(spec, scenarios, given)
    chosen = Choices(resumes=resume, retries_failed=retry_failed, keeps_runs=keep_runs)
    runner = make_executor(executor, workers)
    if out is not None:
        run_sweep(plan, Path(out), runner, chosen, told)
        return load_sweep(out)
    _refuse_without_folder(chosen)
    # the folder goes when the sweep does
    keeper = tempfile.TemporaryDirectory(prefix="voicelab-")
    try:
        run_sweep(plan, Path(keeper.name), runner, chosen, told)
        finished = load_sweep(keeper.name)
    except BaseException:
        keeper.cleanup()
        raise
    finished.keep_alive(keeper)
    return finished


def _plan(
    spec: Path | str | None,
    scenarios: Scenario | Path | str | Sequence[Scenario | Path | str] | None,
    given: dict[str, Any],
) -> Plan:
    said = [key for key, value in given.items() if value is not None]
    if spec is None and scenarios is not None:
        return make_plan(scenarios, **given)
    if spec is None:
        raise SweepError(
            "there is nothing to sweep", fix="give a sweep file, or scenarios"
        )
    if scenarios is not None or said:
        named = ", ".join([*(["scenarios"] if scenarios is not None else []), *said])
        raise SweepError(
            f"the sweep file says what to run, and so does {named}",
            file=spec,
            fix="give one or the other",
        )
    return read_plan(spec)


def _refuse_without_folder(chosen: Choices) -> None:
    if chosen.resumes or chosen.keeps_runs:
        raise SweepError(
            "without a folder nothing is kept, and there is nothing to go on with",
            path="out",
            fix="give the folder",
        )
