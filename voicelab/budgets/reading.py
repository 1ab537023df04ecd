"""From runs, run folders and baseline files to what is checked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from voicelab.budgets.baseline import Baseline, baseline_of, load_baseline
from voicelab.budgets.measured import Measured, by_name_and_seed, measured
from voicelab.paths import run_folders
from voicelab.result import Run, load_run

Source: TypeAlias = Run | Path | str
"""A run, a run folder, or a folder of run folders."""


def measured_runs(sources: Source | Iterable[Source]) -> list[Measured]:
    """Return what is checked of runs, each once, in order of name and seed.

    Raises:
        RunFormatError: a path holds no run, or a run cannot be read.
    """
    found: dict[str, Measured] = {}
    for run in each_run(sources):
        if run.run_id not in found:
            found[run.run_id] = measured(run)
    return sorted(found.values(), key=by_name_and_seed)


def read_baseline(source: Baseline | Source | Iterable[Source]) -> Baseline:
    """Return a baseline: itself, of a baseline file, or of runs.

    Raises:
        BudgetError: the file is no baseline, or of another version.
        RunFormatError: a path holds no run, or a run cannot be read.
    """
    if isinstance(source, Baseline):
        return source
    if isinstance(source, Path | str) and not Path(source).is_dir():
        return load_baseline(source)
    return baseline_of(run.kept() for run in measured_runs(source))


def each_run(sources: Source | Iterable[Source]) -> Iterator[Run]:
    """Yield runs in the order given, those of a folder by name and seed; keep none.

    Raises:
        RunFormatError: a path holds no run, or a manifest cannot be read.
    """
    listed = [sources] if isinstance(sources, Run | Path | str) else sources
    for source in listed:
        if isinstance(source, Run):
            yield source
        else:
            found = deque(sorted(map(load_run, run_folders(Path(source))), key=_place))
            while found:  # what a run has read goes with it
                yield found.popleft()


def _place(run: Run) -> tuple[str, int, str]:
    """Return what the runs of a folder are sorted by; those without a seed first."""
    seed = run.manifest.get("seed")
    return run.name, -1 if seed is None else seed, run.run_id
