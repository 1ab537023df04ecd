"""What one does from a notebook: run a scenario, load a run, compare policies."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicelab.lab.experiment import run_scenario
from voicelab.metrics import truncations
from voicelab.metrics.policies import PolicyRow, policy_row
from voicelab.playback import PLAYERS, POLICIES
from voicelab.result import Run, load_run
from voicelab.scenario import find_scenario, override
from voicelab.scenario import load_scenario as _load_scenario
from voicelab.scenario.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from voicelab.budgets import Baseline, Check, Source, Tolerance
    from voicelab.lab.endpoint import Endpoint

__all__ = [
    "check",
    "compare_policies",
    "export",
    "load_run",
    "load_scenario",
    "policy_rows",
    "run",
]

INTERRUPTER = "interrupter"
"""The bundled scenario in which every answer is interrupted."""


def load_scenario(path: Path | str, **settings: Any) -> Scenario:
    """Read a scenario: a file, or the name of a bundled one.

    Args:
        path: the file or the name.
        settings: what to change in it, as for `run`.

    Raises:
        ScenarioError: there is none, or it is wrong; names file, line and key.
    """
    found = _load_scenario(find_scenario(path))
    return override(found, **settings) if settings else found


def run(
    scenario: Scenario | Path | str,
    *,
    out: Path | str | None = None,
    live: Endpoint | str | None = None,
    **settings: Any,
) -> Run:
    """Run a scenario, in virtual time or live against a server.

    Args:
        scenario: a scenario, a path, or the name of a bundled one.
        out: the folder that the run's folder goes into; left out, the run is kept
            as long as the returned object lives, or until it is saved.
        live: the Realtime server to run against on the wall clock, or its URL; left
            out, the embedded one in virtual time.
        settings: what to change in the scenario, as in its file, such as
            `seed=3` or `client={"truncation": "zero"}`; mappings are merged.

    Returns:
        The run, its tables computed as they are asked for.

    Raises:
        InputError: the scenario or one of its files is wrong; nothing is written.
        EndpointError: the far side cannot be reached, or went away; with `out` the
            record of a conversation that broke off is kept there.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if settings:
        chosen = override(chosen, **settings)
    if out is not None:
        return load_run(_run(chosen, Path(out), live))
    # the folder goes when the run does
    keeper = tempfile.TemporaryDirectory(prefix="voicelab-")
    try:
        finished = load_run(_run(chosen, Path(keeper.name), live, is_kept=False))
    except BaseException:
        keeper.cleanup()
        raise
    finished.keep_alive(keeper)
    return finished


def check(
    runs: Source | Iterable[Source],
    *,
    budget: Path | str | None = None,
    baseline: Baseline | Source | Iterable[Source] | None = None,
    tolerances: Mapping[str, Tolerance] | None = None,
) -> Check:
    """Check runs against what is expected of them, and what they were before.

    Args:
        runs: runs, run folders, or folders of run folders.
        budget: a budget file with limits beside those of the runs' own scenarios.
        baseline: what to compare with: runs, or a baseline file.
        tolerances: how much worse than the baseline is no failure, by measure.

    Returns:
        What was looked at: `.passed`, `.failures`, and `.table` with a row for each.

    Raises:
        InputError: a run, the budget or the baseline cannot be read, or there is
            nothing to hold the runs to.
    """
    from voicelab import budgets  # noqa: PLC0415 -- slow

    return budgets.check_measured(
        budgets.measured_runs(runs),
        budget=None if budget is None else budgets.load_budget(budget),
        baseline=None if baseline is None else budgets.read_baseline(baseline),
        tolerances=tolerances,
    )


def export(run: Run | Path | str, to: str, out: Path | str) -> list[Path]:
    """Write a run in the format of another program.

    Args:
        run: the run, or its folder.
        to: `audacity`, `textgrid`, `rttm`, `perfetto` or `lhotse`.
        out: the folder that the files go into; it is made.

    Returns:
        The files.

    Raises:
        InputError: there is no such format, the run cannot be read, or the folder
            cannot be written to; no file is left half written.
    """
    from voicelab import exporters  # noqa: PLC0415 -- slow

    chosen = run if isinstance(run, Run) else load_run(run)
    return exporters.export(chosen, to, Path(out))


def compare_policies(
    scenario: Scenario | Path | str = INTERRUPTER,
    *,
    players: Sequence[str] = tuple(PLAYERS),
    policies: Sequence[str] = tuple(POLICIES),
    out: Path | str | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Run a scenario once with each player and truncation policy.

    Args:
        scenario: a scenario, a path, or the name of a bundled one.
        players: the players, by name.
        policies: the policies, by name.
        out: the folder that the run folders go into; left out, none is kept.
        settings: what else to change in the scenario, as for `run`; a player or a
            policy among it gives way to those above.

    Returns:
        A row a run, player by player; the columns are those of
        `voicelab.metrics.policies.PolicyRow`.

    Raises:
        InputError: as `run`.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if settings:
        chosen = override(chosen, **settings)
    return table(policy_rows(chosen, players, policies, out), PolicyRow)


def policy_rows(
    scenario: Scenario,
    players: Sequence[str],
    policies: Sequence[str],
    out: Path | str | None = None,
) -> Iterator[PolicyRow]:
    """Yield the rows of `compare_policies`, each when its run is done.

    Raises:
        InputError: as `run`.
    """
    for player, policy in product(players, policies):
        client = {"player": player, "truncation": policy}
        done = run(scenario, out=out, client=client)
        yield policy_row(player, policy, truncations(done.facts))


def _run(
    scenario: Scenario,
    parent: Path,
    live: Endpoint | str | None,
    *,
    is_kept: bool = True,
) -> Path:
    if live is None:
        return run_scenario(scenario, parent, is_kept=is_kept)
    from voicelab.lab.endpoint import Endpoint  # noqa: PLC0415 -- slow
    from voicelab.lab.live_run import run_live  # noqa: PLC0415 -- slow

    endpoint = Endpoint(live) if isinstance(live, str) else live
    return run_live(scenario, parent, endpoint, is_kept=is_kept)
