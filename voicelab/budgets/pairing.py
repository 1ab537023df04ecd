"""Which run is to be compared with which run of the baseline.

Runs of one scenario belong together. Those that agree in seed and settings are paired
first, then those that agree in the seed (the settings are what changed), then those
that agree in the settings, then the rest; equals in order of seed and id. Where two
kinds of settings are left on one side, nobody can tell which became which: these runs
stay alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from voicelab.budgets.measured import Measured, RunMeasures, by_name_and_seed

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


@dataclass
class Pairing:
    """The pairs, and what has no partner.

    Attributes:
        pairs: in order of name and seed.
        missing: runs of the baseline that are not there now.
        extra: runs that the baseline does not have.
    """

    pairs: list[Pair] = field(default_factory=list)
    missing: list[RunMeasures] = field(default_factory=list)
    extra: list[Measured] = field(default_factory=list)


def pair(before: Iterable[RunMeasures], now: Iterable[Measured]) -> Pairing:
    """Return the runs, paired."""
    found = Pairing(
        missing=sorted(before, key=by_name_and_seed),
        extra=sorted(now, key=by_name_and_seed),
    )
    for key in _ROUNDS:
        for name in dict.fromkeys(key(run) for run in found.missing):
            _pair_group(
                found,
                [run for run in found.missing if key(run) == name],
                [run for run in found.extra if key(run) == name],
            )
    found.pairs.sort(key=lambda each: by_name_and_seed(each.after))
    return found


def _pair_group(
    found: Pairing, before: Sequence[RunMeasures], now: Sequence[Measured]
) -> None:
    """Pair the runs of one group, if it is of one kind of settings on each side."""
    if not (_of_one_kind(before) and _of_one_kind(now)):
        return
    for old, new in zip(before, now, strict=False):
        found.pairs.append(Pair(old, new))
        found.missing.remove(old)
        found.extra.remove(new)


def _of_one_kind(runs: Iterable[RunMeasures]) -> bool:
    return len({run.settings for run in runs}) == 1
