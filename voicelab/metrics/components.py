"""What one run brings into a report over many: its rows, and nothing of its audio.

Components are gathered run by run, so that a thousand runs take the memory of their
rows alone, and are summed before anything is divided.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from voicelab.metrics.barge_in import BargeIn, barge_ins
from voicelab.metrics.endpointing import Endpointing, endpointing
from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import TurnLatency, turn_latencies
from voicelab.metrics.overlap import Overlap, overlap
from voicelab.metrics.truncation import Truncation, truncations


class Conversation(Protocol):
    """What is measured: a `Run` is one."""

    @property
    def name(self) -> str:
        """The scenario's name: runs of one name are runs of one conversation."""

    @property
    def manifest(self) -> dict[str, Any]:
        """Scenario, settings and seed."""

    @property
    def facts(self) -> Facts:
        """What happened."""


class Components(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one run.

    Attributes:
        name: the conversation.
        seed: the run's seed; None if it has none.
        latency: one row a turn.
        endpointing: one row a turn or false turn.
        detected: how many turns the server took the caller's audio for.
        truncations: one row an interrupted item.
        barge_ins: one row a sound that met the agent's speech.
        overlap: how long both spoke at once; None if that is unknown.
    """

    name: str
    seed: int | None = None
    latency: tuple[TurnLatency, ...] = ()
    endpointing: tuple[Endpointing, ...] = ()
    detected: int = 0
    truncations: tuple[Truncation, ...] = ()
    barge_ins: tuple[BargeIn, ...] = ()
    overlap: Overlap | None = None

    @property
    def run(self) -> str:
        """The run, among others of the same conversation."""
        return self.name if self.seed is None else f"{self.name} seed {self.seed}"


def components(run: Conversation | Components) -> Components:
    """Return what a run brings into a report; components are returned as they are."""
    if isinstance(run, Components):
        return run
    facts = run.facts
    return Components(
        name=run.name,
        seed=run.manifest.get("seed"),
        latency=tuple(turn_latencies(facts)),
        endpointing=tuple(endpointing(facts)),
        detected=len(facts.user_items),
        truncations=tuple(truncations(facts)),
        barge_ins=tuple(barge_ins(facts)),
        overlap=overlap(facts),
    )


def gather(runs: Iterable[Conversation | Components]) -> list[Components]:
    """Return the components of many runs; none of them is kept."""
    return [components(run) for run in runs]
