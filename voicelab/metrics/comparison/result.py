"""Two runs compared: the verdict on their order, and how far apart they are.

Percentiles are of |t_b - t_a| by the nearest rank: the smallest value that at least
so many per cent of the values do not exceed. No value is made up between two others,
and below 100 values the 99th percentile is the worst; `n` stands beside each.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from voicelab.metrics.comparison.alignment import EventPair
from voicelab.metrics.comparison.order import OrderDifference, Unmatched
from voicelab.metrics.comparison.values import ValueDifference
from voicelab.record.log_reader import APPEND, Int64Array
from voicelab.units import ns_to_ms

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
"""The lane and type of rows that sum up."""

TIMING_SHOWN = ("lane", "type", "n", "median_ms", "p95_ms", "p99_ms", "worst_ms")


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How far apart events of one type are.

    Attributes:
        lane: where they were observed.
        type: what happened; `all` in the row of everything after the handshake
            but microphone frames, `within the turn` in that of what is left of it
            if the differences between the caller's own turns are taken off.
        n: how many both runs have; of streams, how many positions.
        median_ms: of |t_b - t_a|.
        p95_ms: of |t_b - t_a|.
        p99_ms: of |t_b - t_a|.
        worst_ms: of |t_b - t_a|.
        later_ms: the median of t_b - t_a: above 0, b is later.
    """

    lane: str
    type: str
    n: int
    median_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    later_ms: float


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that is not the same in both runs, as JSON.

    Attributes:
        path: the dotted path in the manifest's scenario, or `clock`, or `partial`.
        a: in the first run; None where it is not set.
        b: in the second.
    """

    path: str
    a: str | None
    b: str | None


@dataclass(frozen=True)
class Comparison:
    """Two runs, compared event by event.

    Attributes:
        pairs: every event that both have.
        frames_ns: how much later each microphone frame passed in b, by lane.
        out_of_order: pairs of events in opposite order; `comparison.order` says
            what counts.
        missing: events that only one run has.
        differing: values that differ besides time.
        setup: settings that differ.
        has_server: whether the server's lane was compared.
    """

    pairs: Sequence[EventPair]
    frames_ns: dict[str, Int64Array]
    out_of_order: Sequence[OrderDifference]
    missing: Sequence[Unmatched]
    differing: Sequence[ValueDifference]
    setup: Sequence[Setting] = ()
    has_server: bool = False

    @property
    def same_order(self) -> bool:
        """Whether both runs have the same events in the same order."""
        return not self.out_of_order and all(row.optional for row in self.missing)

    @cached_property
    def overall(self) -> Timing | None:
        """How far apart all events after the handshake are; None if none is."""
        counted = [pair for pair in self.pairs if not pair.before_start]
        return _timing(ALL, ALL, [pair.difference_ns for pair in counted])

    @cached_property
    def within_turns(self) -> Timing | None:
        """The same, counted from the caller's last turn: what no drift explains."""
        counted = [pair for pair in self.pairs if not pair.before_start]
        return _timing(ALL, "within the turn", [pair.in_turn_ns for pair in counted])

    @cached_property
    def timings(self) -> list[Timing]:
        """Rows of `timing`: two that sum up, then microphone frames, then by type."""
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for pair in self.pairs:
            groups[pair.lane, pair.type].append(pair.difference_ns)
        rows = [
            self.overall,
            self.within_turns,
            *(_timing(lane, APPEND, ns) for lane, ns in self.frames_ns.items()),
            *(_timing(*key, groups[key]) for key in sorted(groups)),
        ]
        return [row for row in rows if row is not None]

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every event that both runs have; columns as `EventPair`."""
        return _table(self.pairs, EventPair)

    @cached_property
    def timing(self) -> pd.DataFrame:
        """How far apart events are, by type; columns as `Timing`."""
        return _table(self.timings, Timing)

    @cached_property
    def order(self) -> pd.DataFrame:
        """What stands in another order; columns as `OrderDifference`."""
        return _table(self.out_of_order, OrderDifference)

    @cached_property
    def unmatched(self) -> pd.DataFrame:
        """What only one run has; columns as `Unmatched`."""
        return _table(self.missing, Unmatched)

    @cached_property
    def values(self) -> pd.DataFrame:
        """What differs besides time; columns as `ValueDifference`."""
        return _table(self.differing, ValueDifference)

    @cached_property
    def settings(self) -> pd.DataFrame:
        """The settings that differ; columns as `Setting`."""
        return _table(self.setup, Setting)

    def verdict(self) -> str:
        """Return in one sentence whether the order is equal."""
        only = {
            run: sum(
                row.n for row in self.missing if row.run == run and not row.optional
            )
            for run in "ab"
        }
        found = [f"{only[run]} only in {run}" for run in "ab" if only[run]]
        if self.out_of_order:
            found.insert(0, f"{len(self.out_of_order)} out of order")
        if found:
            return f"The order of events differs: {', '.join(found)}."
        return "The order of events is equal."

    def __repr__(self) -> str:
        same = "same order" if self.same_order else "order differs"
        told = self.overall
        if told is None:
            return f"<Comparison {same}, no event in common>"
        return (
            f"<Comparison {same} n={told.n} median={told.median_ms:.1f} ms "
            f"p99={told.p99_ms:.1f} ms worst={told.worst_ms:.1f} ms>"
        )

    def _repr_html_(self) -> str:
        parts = [f"<p>{html.escape(self.verdict())}</p>"]
        shown = (
            ("|t_b - t_a|, ms", self.timing[list(TIMING_SHOWN)]),
            ("Only in one run", self.unmatched),
            ("Out of order", self.order),
            ("What differs besides time", self.values),
            ("Settings that differ", self.settings),
        )
        for title, frame in shown:
            if len(frame):
                rows = frame.round(1).to_html(index=False, na_rep="", border=0)
                parts += [f"<p>{title}</p>", rows]
        return "\n".join(parts)


def _table(
    rows: Sequence[msgspec.Struct], row_type: type[msgspec.Struct]
) -> pd.DataFrame:
    from voicelab.record.tables import table  # noqa: PLC0415 - pandas takes 0.3 s

    return table(rows, row_type)


def _timing(
    lane: str, kind: str, differences: Iterable[int] | Int64Array
) -> Timing | None:
    signed = np.asarray(list(differences), dtype=np.int64)
    if not len(signed):
        return None
    apart = np.sort(np.abs(signed))
    return Timing(
        lane=lane,
        type=kind,
        n=len(apart),
        median_ms=_rank_ms(apart, 50),
        p95_ms=_rank_ms(apart, 95),
        p99_ms=_rank_ms(apart, 99),
        worst_ms=ns_to_ms(int(apart[-1])),
        later_ms=_rank_ms(np.sort(signed), 50),
    )


def _rank_ms(ordered_ns: Int64Array, percent: int) -> float:
    """Return a percentile of sorted nanoseconds by the nearest rank."""
    rank = -(-percent * len(ordered_ns) // 100)
    return ns_to_ms(int(ordered_ns[max(rank, 1) - 1]))
