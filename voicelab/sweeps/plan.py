"""What a sweep runs: scenarios, the values of their fields, and seeds.

Conventions
    A cell is one run. Its index, from 0, follows from the plan alone: scenarios change
    slowest, then the entries of the list, then the fields of the grid in the order in
    which they are written, and seeds fastest. No cell is kept: each is made when it is
    asked for, so a plan of millions takes no more memory than a plan of two.
"""

from __future__ import annotations

from math import prod
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from voicelab.metrics import Summary
from voicelab.sweeps.cell import Cell

Settings: TypeAlias = dict[str, Any]
"""New values by the dotted path of a scenario's field, as `--set` takes them."""

MEASURES = tuple(field.name for field in msgspec.structs.fields(Summary))
"""What can be measured of a cell: the names of `metrics.Summary`."""


class Origin(Struct, frozen=True, kw_only=True):
    """A scenario that cells are made from.

    Attributes:
        name: its name, one of its own in a plan.
        scenario: what a scenario file would hold, in full.
        base: the folder that relative paths are relative to.
        source: the file it was read from; None for one built in Python.
    """

    name: str
    scenario: dict[str, Any]
    base: str
    source: str | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """The cells of a sweep, in order.

    Attributes:
        origins: the scenarios.
        entries: settings that go together, one after the other; without any, one
            that changes nothing.
        grid: the values of each field, all combinations of which are run.
        seeds: the seeds of each combination; None counts `repeats` up from the
            scenario's own.
        repeats: how many seeds there are if none are given.
        measures: the columns of `metrics.Summary` that the table has.
    """

    origins: tuple[Origin, ...]
    entries: tuple[Settings, ...] = ({},)
    grid: dict[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)
    seeds: tuple[int, ...] | None = None
    repeats: int = 1
    measures: tuple[str, ...] = MEASURES

    def __len__(self) -> int:
        return prod(self._sizes())

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that vary, each once: those of the list, then the grid's."""
        listed = [name for entry in self.entries for name in entry]
        return tuple(dict.fromkeys([*listed, *self.grid]))

    def settings(self, index: int) -> Settings:
        """Return what cell `index` changes in its scenario, but for the seed."""
        _, entry, *picks, _ = self._digits(index)
        chosen = {
            name: values[pick]
            for (name, values), pick in zip(self.grid.items(), picks, strict=True)
        }
        return {**self.entries[entry], **chosen}

    def origin(self, index: int) -> Origin:
        """Return the scenario that cell `index` is made from."""
        return self.origins[self._digits(index)[0]]

    def entry(self, index: int) -> int:
        """Return which entry of the list cell `index` has."""
        return self._digits(index)[1]

    def seed(self, index: int) -> int:
        """Return the seed of cell `index`."""
        repeat = self._digits(index)[-1]
        if self.seeds is not None:
            return self.seeds[repeat]
        own: int = self.origin(index).scenario["seed"]
        return own + repeat

    def cell(self, index: int, *, sweep: str = "", keep: str | None = None) -> Cell:
        """Return cell `index`, ready to be run anywhere.

        Args:
            index: which.
            sweep: see `Cell`.
            keep: see `Cell`.
        """
        origin = self.origin(index)
        return Cell(
            index=index,
            sweep=sweep,
            scenario=origin.scenario,
            base=origin.base,
            source=origin.source,
            settings={**self.settings(index), "seed": self.seed(index)},
            keep=keep,
        )

    def first_cells(self) -> list[int]:
        """Return, of each value of each field, the first cell that has it; sorted.

        They are as many as the plan has values, not as many as it has cells.
        """
        sizes = self._sizes()
        steps = [prod(sizes[place + 1 :]) for place in range(len(sizes))]
        varied = zip(sizes[1:-1], steps[1:-1], strict=True)
        within = {0} | {pick * step for size, step in varied for pick in range(size)}
        starts = range(0, len(self), steps[0])
        return [start + cell for start in starts for cell in sorted(within)]

    def _sizes(self) -> list[int]:
        seeds = self.repeats if self.seeds is None else len(self.seeds)
        values = (len(values) for values in self.grid.values())
        return [len(self.origins), len(self.entries), *values, seeds]

    def _digits(self, index: int) -> list[int]:
        """Return which scenario, entry, values and seed a cell has."""
        digits = []
        for size in reversed(self._sizes()):
            index, digit = divmod(index, size)
            digits.append(digit)
        return digits[::-1]
