"""One cell of a sweep: run it, and say what came out. The same on every worker."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from voicelab.errors import VoicelabError
from voicelab.lab.experiment import simulate
from voicelab.lab.shared_materials import SharedMaterials
from voicelab.metrics import Summary
from voicelab.record.folder import run_id
from voicelab.result import Run
from voicelab.scenario import Scenario, apply_settings, canonical, scenario_from

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says when there is no room for more."""

_ALONE = threading.Lock()
"""A worker of a cluster may have several threads; a run keeps one of them busy, and
what it caches is not made for two."""


class Cell(Struct, frozen=True, kw_only=True):
    """One run of a sweep, whole: nothing else is needed to run it.

    Attributes:
        index: its place in the plan, from 0.
        sweep: what the cells of one sweep, run in one go, have in common.
        scenario: what a scenario file would hold.
        base: the folder that relative paths are relative to.
        source: the file that the scenario was read from, if any.
        settings: what is changed in it, by dotted path; the seed is among them.
        keep: the folder that the run's folder goes into; None keeps none.
    """

    index: int
    sweep: str
    scenario: dict[str, Any]
    base: str
    source: str | None
    settings: dict[str, Any]
    keep: str | None = None


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a cell.

    Attributes:
        index: the cell's place in the plan.
        status: `done`; `failed`, with one sentence in `error`; or `stopped`: nothing
            can be kept any more (the disk is full), the cell is yet to be run.
        run_id: the run's id; None if the files it hangs on cannot be read.
        error: why it failed; None if it did not.
        summary: what was measured; None if it failed.
    """

    index: int
    status: Literal["done", "failed", "stopped"]
    run_id: str | None = None
    error: str | None = None
    summary: Summary | None = None


def as_setting(name: str, value: Any) -> str:
    """Return a setting as `apply_settings` takes it; JSON is YAML."""
    return f"{name}={msgspec.json.encode(value).decode()}"


def build(cell: Cell) -> Scenario:
    """Return a cell's scenario, checked.

    Raises:
        ScenarioError, LabelError: its settings make no scenario.
    """
    settings = [as_setting(name, value) for name, value in cell.settings.items()]
    source = None if cell.source is None else Path(cell.source)
    mapping = apply_settings(cell.scenario, settings)
    return scenario_from(mapping, Path(cell.base), source=source)


def run_cell(cell: Cell) -> Outcome:
    """Run a cell. Whatever goes wrong is told in the outcome, never raised."""
    name = None
    try:
        with _ALONE:
            scenario = build(cell)
            materials = _SHARED.of(cell.sweep)
            name = run_id(canonical(scenario), materials.gather(scenario).inputs)
            summary = _measure(scenario, materials, cell.keep).summary
    except Exception as error:  # noqa: BLE001 -- a defect in one cell ends no sweep
        return Outcome(
            index=cell.index,
            status="stopped" if _is_full(error) else "failed",
            run_id=name,
            error=_sentence(error, cell),
        )
    return Outcome(index=cell.index, status="done", run_id=name, summary=summary)


def run_encoded(cell: bytes) -> bytes:
    """Run a cell given as JSON; return its outcome as JSON."""
    told = run_cell(msgspec.json.decode(cell, type=Cell))
    return msgspec.json.encode(told)


class _Shared:
    """What the cells of one sweep share in this process: files read, audio scored.

    It is let go of when a cell of another sweep comes: a cluster's worker outlives
    many, and files may change in between.
    """

    def __init__(self) -> None:
        self._sweep: str | None = None
        self._materials = SharedMaterials()

    def of(self, sweep: str) -> SharedMaterials:
        if sweep != self._sweep:
            self._sweep, self._materials = sweep, SharedMaterials()
        return self._materials


_SHARED = _Shared()


def _measure(scenario: Scenario, materials: SharedMaterials, keep: str | None) -> Run:
    made = simulate(scenario, materials)
    run = Run(made.manifest, made.log, made.audio)
    if keep is not None:
        run.save(keep)
    return run


def _is_full(error: Exception) -> bool:
    """Tell whether there was no room for something, such as what a run tapes."""
    refusal = error.__cause__ if isinstance(error, VoicelabError) else error
    return isinstance(refusal, OSError) and refusal.errno in FULL


def _sentence(error: Exception, cell: Cell) -> str:
    """Return an error as one line that does not tell where the sweep lies."""
    expected = isinstance(error, VoicelabError | OSError)
    text = str(error) if expected else f"{type(error).__name__}: {error}"
    line = " ".join(text.split())
    return line if cell.keep is None else line.replace(cell.keep, "runs")
