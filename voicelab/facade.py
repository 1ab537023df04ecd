"""What one does from a notebook: run a scenario, load a run, read a scenario."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from voicelab.lab.experiment import run_scenario
from voicelab.result import Run, load_run
from voicelab.scenario import find_scenario, override
from voicelab.scenario import load_scenario as _load_scenario
from voicelab.scenario.model import Scenario

__all__ = ["load_run", "load_scenario", "run"]


def load_scenario(path: Path | str) -> Scenario:
    """Read a scenario: a file, or the name of a bundled one.

    Raises:
        ScenarioError: there is none, or it is wrong; names file, line and key.
    """
    return _load_scenario(find_scenario(path))


def run(
    scenario: Scenario | Path | str, *, out: Path | str | None = None, **settings: Any
) -> Run:
    """Run a scenario in virtual time.

    Args:
        scenario: a scenario, a path, or the name of a bundled one.
        out: the folder that the run's folder goes into; left out, the run is kept
            as long as the returned object lives, or until it is saved.
        settings: what to change in the scenario, as in its file, such as
            `seed=3` or `client={"truncation": "zero"}`; mappings are merged.

    Returns:
        The run, its tables computed as they are asked for.

    Raises:
        InputError: the scenario or one of its files is wrong; nothing is written.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if settings:
        chosen = override(chosen, **settings)
    if out is not None:
        return load_run(run_scenario(chosen, Path(out)))
    # the folder goes when the run does
    keeper = tempfile.TemporaryDirectory(prefix="voicelab-")
    finished = load_run(run_scenario(chosen, Path(keeper.name)))
    finished.keep_alive(keeper)
    return finished
