"""What a check keeps of a run: who it was, and its numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from voicelab.errors import RunFormatError
from voicelab.metrics import truncations, turn_latencies
from voicelab.metrics.truncation import sent_claims
from voicelab.result import Run
from voicelab.scenario.model import Bounds

_NOT_SETTINGS = ("name", "seed", "expect")
_OF_TURNS = ("answered", "unanswered", "interrupted", "merged", "cut_ins")
_DIGEST_BYTES = 6


class RunMeasures(Struct, frozen=True, kw_only=True):
    """A run's identity and measures: what a baseline holds of it.

    Attributes:
        name: the scenario's name.
        run_id: the run's id.
        seed: the scenario's seed; None in the record of a call.
        settings: a short hash of the scenario without name, seed and expectations:
            runs that differ in nothing else have the same.
        measures: the fields of `voicelab.metrics.Summary`; None where unknown.
    """

    name: str
    run_id: str
    seed: int | None
    settings: str
    measures: dict[str, float | None]


class Measured(RunMeasures, frozen=True, kw_only=True):
    """The same of a run that is at hand.

    Attributes:
        expect: what its scenario expects of it.
        partial: what broke it off; None if nothing did.
        claims_sent: how many claims of what was heard the server answered.
        samples: values for percentiles over many runs, in milliseconds, by the stem
            of their names: one per turn or interrupted item; None where one has none.
    """

    expect: dict[str, Bounds] = field(default_factory=dict)
    partial: str | None = None
    claims_sent: int = 0
    samples: dict[str, tuple[float | None, ...]] = field(default_factory=dict)

    def kept(self) -> RunMeasures:
        """Return what a baseline holds of it."""
        names = RunMeasures.__struct_fields__
        return RunMeasures(**{name: getattr(self, name) for name in names})


def measured(run: Run) -> Measured:
    """Return what a check needs of a run.

    Counts of turns are unknown, not 0, where no turn of the caller was recorded.

    Raises:
        RunFormatError: its event log is broken, or what it expects is no limit.
    """
    scenario = run.manifest.get("scenario") or {}
    measures: dict[str, float | None] = msgspec.to_builtins(run.summary)
    if not measures["turns"]:
        measures |= dict.fromkeys(_OF_TURNS)
    return Measured(
        name=run.name,
        run_id=run.run_id,
        seed=run.manifest.get("seed"),
        settings=_settings(scenario),
        measures=measures,
        expect=_expected(run, scenario.get("expect", {})),
        partial=run.partial,
        claims_sent=len(sent_claims(truncations(run.facts))),
        samples=_samples(run),
    )


def _settings(scenario: Mapping[str, Any]) -> str:
    kept = {key: scenario[key] for key in scenario if key not in _NOT_SETTINGS}
    text = msgspec.json.encode(kept, order="deterministic")
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()


def _expected(run: Run, expect: Any) -> dict[str, Bounds]:
    try:
        return msgspec.convert(expect, dict[str, Bounds])
    except msgspec.ValidationError as fault:
        raise RunFormatError(
            f"what run {run.run_id} expects is no list of limits ({fault})",
            file="manifest.json",
            path="scenario.expect",
            fix="run the scenario again",
        ) from fault


def _samples(run: Run) -> dict[str, tuple[float | None, ...]]:
    turns, ledger = turn_latencies(run.facts), truncations(run.facts)
    return {
        "response_latency": tuple(row.response_latency_ms for row in turns),
        "endpointing_delay": tuple(row.endpointing_delay_ms for row in turns),
        "stop_latency": tuple(row.stop_latency_ms for row in ledger),
    }


def by_name_and_seed(run: RunMeasures) -> tuple[str, int, str]:
    """Return what runs are sorted by; those without a seed come first."""
    return run.name, -1 if run.seed is None else run.seed, run.run_id


def subjects(runs: Iterable[RunMeasures]) -> dict[str, str]:
    """Return what each run is called in a check, by its id.

    That is its name and seed, and its id too where that would name two.
    """
    listed = {run.run_id: run for run in runs}
    short = {run_id: _short(run) for run_id, run in listed.items()}
    often = Counter(short.values())
    return {
        run_id: name if often[name] == 1 else f"{name} ({run_id})"
        for run_id, name in short.items()
    }


def _short(run: RunMeasures) -> str:
    return run.name if run.seed is None else f"{run.name} seed {run.seed}"
