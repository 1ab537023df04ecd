"""Which run is to be compared with which run of the baseline.

Runs of one scenario belong together. Those that agree in seed and settings are paired
first, then those that agree in the seed (the settings are what changed), then those
that agree in the settings, then the rest; equals in order of seed and id. Where two
kinds of settings are left on one side, nobody can tell which became which: these runs
stay alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from voicelab.budgets.measured import Measured, RunMeasures, by_name_and_seed

Kind = TypeVar("Kind", bound=RunMeasures)

_ROUNDS: tuple[Callable[[RunMeasures], Hashable], ...] = (
    lambda run: (run.name, run.seed, run.settings),
    lambda run: (run.name, run.seed),
    lambda run: (run.name, run.settings),
    lambda run: run.name,
)


@dataclass(frozen=True)
class Pair:
    """A run and the one it is compared with."""

    before: RunMeasures
    after: Measured

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.after.name

    @property
    def same_seed(self) -> bool:
        """Whether what is drawn is drawn from the same seed."""
        return self.before.seed == self.after.seed


@dataclass(frozen=True)
class Pairing:
    """The pairs, and what has no partner.

    Attributes:
        pairs: in order of name and seed.
        missing: runs of the baseline that are not there now.
        extra: runs that the baseline does not have.
    """

    pairs: list[Pair]
    missing: list[RunMeasures]
    extra: list[Measured]


def pair(before: Iterable[RunMeasures], now: Iterable[Measured]) -> Pairing:
    """Return the runs, paired."""
    missing = sorted(before, key=by_name_and_seed)
    extra = sorted(now, key=by_name_and_seed)
    pairs: list[Pair] = []
    for key in _ROUNDS:
        here = _grouped(extra, key)
        for name, group in _grouped(missing, key).items():
            pairs += _pair_group(group, here.get(name, []))
        taken = {id(run) for each in pairs for run in (each.before, each.after)}
        missing = [run for run in missing if id(run) not in taken]
        extra = [run for run in extra if id(run) not in taken]
    pairs.sort(key=lambda each: by_name_and_seed(each.after))
    return Pairing(pairs, missing, extra)


def _grouped(
    runs: Iterable[Kind], key: Callable[[RunMeasures], Hashable]
) -> dict[Hashable, list[Kind]]:
    groups: dict[Hashable, list[Kind]] = {}
    for run in runs:
        groups.setdefault(key(run), []).append(run)
    return groups


def _pair_group(before: Sequence[RunMeasures], now: Sequence[Measured]) -> list[Pair]:
    """Return a group's pairs; none unless each side has one kind of settings."""
    if not (_of_one_kind(before) and _of_one_kind(now)):
        return []
    return [Pair(old, new) for old, new in zip(before, now, strict=False)]


def _of_one_kind(runs: Iterable[RunMeasures]) -> bool:
    return len({run.settings for run in runs}) == 1
