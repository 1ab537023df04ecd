"""Running the same conversations through several architectures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicelab.comparing.architectures import (
    ARCHITECTURES,
    Architecture,
    find_architecture,
)
from voicelab.comparing.rows import ArchitectureRow, architecture_row
from voicelab.errors import InputError
from voicelab.facade import load_scenario, run
from voicelab.metrics import (
    ConfigurationChange,
    Report,
    compare_configurations,
)
from voicelab.metrics.statistics import Statistic, mean
from voicelab.result import Run
from voicelab.scenario import override
from voicelab.scenario.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

CONVERSATIONS = ("dentist", "flight-change", "hotel-cafe", "phone-plan", "pizza-order")
"""What is compared unless others are named: bundled calls, all with a barge-in."""

SHOWN = (
    "architecture",
    "modelled",
    "turns",
    "n",
    "response_latency_p50_ms",
    "response_latency_p95_ms",
    "server_rest_mean_ms",
    "stt_mean_ms",
    "chat_mean_ms",
    "tts_mean_ms",
    "cut_ins",
    "stop_latency_p50_ms",
    "phantom_words",
    "agent_wpm",
)
"""The columns that a notebook shows."""


@dataclass(frozen=True)
class ArchitectureComparison:
    """The same conversations through several architectures.

    Attributes:
        runs: the runs of each architecture, by its name, in the order of the
            conversations.
        rows: what each comes to.
    """

    runs: Mapping[str, tuple[Run, ...]]
    rows: tuple[ArchitectureRow, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an architecture; see `voicelab.comparing.rows`."""
        from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

        return table(self.rows, ArchitectureRow)

    def changes(
        self, baseline: str, candidate: str, *, statistic: Statistic = mean
    ) -> Report[ConfigurationChange]:
        """Return what changed from one architecture to another, turn by turn.

        Args:
            baseline: the one, by name.
            candidate: the other.
            statistic: of the differences; see
                `voicelab.metrics.compare_configurations`.

        Raises:
            InputError: one of them was not run.
        """
        before, after = self._of(baseline), self._of(candidate)
        return compare_configurations(before, after, statistic=statistic)

    def _of(self, name: str) -> tuple[Run, ...]:
        if name not in self.runs:
            raise InputError(
                f"there is no architecture {name!r} in this comparison",
                fix=f"it has {', '.join(self.runs)}",
            )
        return self.runs[name]

    def _repr_html_(self) -> str:
        from voicelab.record.notebook_tables import (  # noqa: PLC0415 -- as above
            html_table,
        )

        return html_table(self.table, SHOWN)


def compare_architectures(
    scenarios: Sequence[Scenario | Path | str] = CONVERSATIONS,
    *,
    architectures: Sequence[str] = ARCHITECTURES,
    out: Path | str | None = None,
    **settings: Any,
) -> ArchitectureComparison:
    """Run conversations through several architectures, in virtual time.

    Caller, turn detection, network and player are the same for all, and so are the
    words and the recordings of the answers: what differs is when they come.

    Args:
        scenarios: scenarios, paths, or names of bundled ones, each once.
        architectures: names or paths of profiles: a latency profile stands for a
            speech-to-speech model, a cascade profile for a stitched pipeline. The
            cascade's stages are those that need no model, unless the scenario
            names others.
        out: the folder that the run folders go into; left out, they are kept as long
            as the comparison is in use.
        settings: what to change in each scenario, as for `run`.

    Raises:
        InputError: there is nothing to run, an architecture or a conversation is
            named twice, or as `run`.
    """
    found = [find_architecture(name) for name in architectures]
    chosen = [_scenario(each, settings) for each in scenarios]
    done: dict[str, list[Run]] = {}
    for architecture, finished in run_architectures(chosen, found, out):
        done.setdefault(architecture.name, []).append(finished)
    return compared(found, done)


def run_architectures(
    scenarios: Sequence[Scenario],
    architectures: Sequence[Architecture],
    out: Path | str | None = None,
) -> Iterator[tuple[Architecture, Run]]:
    """Yield each run when it is done, architecture by architecture.

    Raises:
        InputError: as `compare_architectures`.
    """
    _check("architecture", [each.name for each in architectures])
    _check("conversation", [each.name for each in scenarios])
    plan = [
        (each, override(scenario, agent=each.agent(scenario.agent)))
        for each in architectures
        for scenario in scenarios
    ]
    for architecture, scenario in plan:
        yield architecture, run(scenario, out=out)


def compared(
    architectures: Sequence[Architecture], runs: Mapping[str, Sequence[Run]]
) -> ArchitectureComparison:
    """Return the comparison of runs that were made before, by architecture."""
    return ArchitectureComparison(
        {name: tuple(each) for name, each in runs.items()},
        tuple(architecture_row(each, runs[each.name]) for each in architectures),
    )


def _scenario(scenario: Scenario | Path | str, settings: Mapping[str, Any]) -> Scenario:
    if isinstance(scenario, Scenario):
        return override(scenario, **settings) if settings else scenario
    return load_scenario(scenario, **settings)


def _check(what: str, names: Sequence[str]) -> None:
    if not names:
        raise InputError(f"there is no {what} to compare", fix="name at least one")
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"the {what} {name!r} is named {names.count(name)} times",
                fix="name each once",
            )
