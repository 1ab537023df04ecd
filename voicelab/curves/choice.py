"""Choosing among settings: the Pareto front, and the fastest one under a budget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from voicelab.curves.rows import CurveRow
from voicelab.errors import CurveError

if TYPE_CHECKING:
    import pandas as pd

Setting: TypeAlias = tuple[str, float, int, int, str | None]

DELAYS = ("endpointing_delay_p50_ms", "endpointing_delay_p95_ms")
"""The delays by which settings are compared."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a setting may cost.

    Attributes:
        max_cut_in_rate: the share of turns inside which an endpoint may fall.
        max_missed_rate: the share of turns without an endpoint of their own.

    Raises:
        CurveError: one of them is no rate.
    """

    max_cut_in_rate: float
    max_missed_rate: float = 1.0

    def __post_init__(self) -> None:
        for name in ("max_cut_in_rate", "max_missed_rate"):
            rate = getattr(self, name)
            if not 0 <= rate <= 1:
                raise CurveError(
                    f"{rate} is no rate",
                    path=name,
                    fix="give 0 to 1, such as 0.02 for 2 %",
                )


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """The fastest setting under a budget.

    Attributes:
        detector: the voice-activity scorer; or `semantic_vad`.
        threshold: the API's, like the two that follow.
        silence_duration_ms: the silence that ends a turn.
        prefix_padding_ms: the audio that is kept from before its onset.
        eagerness: of `semantic_vad`; None for other detectors.
        max_cut_in_rate: the budget.
        is_sure: whether the upper bounds of the cut-in rate, too, are within the
            budget, in every condition: Wilson's and, where it is known, that of the
            cluster bootstrap. Where one is not, only more turns would make it sure.
            They are bounds of one setting, not of the best of many.
        rows: the setting's row in each condition, the slowest first.
    """

    detector: str
    threshold: float
    silence_duration_ms: int
    prefix_padding_ms: int
    eagerness: str | None = None
    max_cut_in_rate: float
    is_sure: bool
    rows: tuple[CurveRow, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The rows, with `max_cut_in_rate` and `is_sure` in front."""
        from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

        shown = table(self.rows, CurveRow)
        shown.insert(0, "max_cut_in_rate", self.max_cut_in_rate)
        shown.insert(1, "is_sure", self.is_sure)
        return shown


_Row = TypeVar("_Row", bound=msgspec.Struct)


def matching(rows: Sequence[_Row], where: dict[str, Any]) -> list[_Row]:
    """Return the rows that have these values in these columns.

    Raises:
        CurveError: there is no such column, or no such row.
    """
    for column, value in where.items():
        known = sorted({str(getattr(row, column, "")) for row in rows})
        if not all(hasattr(row, column) for row in rows):
            raise CurveError(
                f"there is no column {column!r}",
                fix="name one such as detector, codec, noise or snr_db",
            )
        rows = [row for row in rows if getattr(row, column) == value]
        if not rows:
            raise CurveError(
                f"no row has {value!r} as its {column}",
                fix=f"there is {', '.join(known)}",
            )
    return list(rows)


def front(rows: Sequence[CurveRow], by: str) -> set[int]:
    """Return the numbers of the rows that no other row beats.

    A row beats another that has no fewer cut-ins and no shorter delay, unless it is
    equal in both. A row without a delay beats nothing and is not on the front.

    Args:
        rows: of one condition.
        by: one of `DELAYS`.

    Raises:
        CurveError: there is no such delay.
    """
    _check_delay(by)
    points = sorted(
        (delay, row.cut_in_rate, number)
        for number, row in enumerate(rows)
        if (delay := getattr(row, by)) is not None
    )
    found: set[int] = set()
    last: tuple[float, float] | None = None
    for delay, rate, number in points:
        if last is None or rate < last[1] or (delay, rate) == last:
            found.add(number)
            last = (delay, rate)
    return found


def best(rows: Iterable[CurveRow], budget: Budget, by: str) -> Best:
    """Return the setting with the shortest delay that keeps to a budget.

    With several conditions a setting keeps to it in all of them, and is as slow as in
    the slowest. Among equals: the fewest cut-ins, then the first.

    Raises:
        CurveError: there is no such delay, there are too few turns for it, or no
            setting keeps to the budget.
    """
    _check_delay(by)
    settings: dict[Setting, list[CurveRow]] = {}
    for row in rows:
        settings.setdefault(_setting(row), []).append(row)
    timed = [each for each in settings.values() if _delay(each, by) is not None]
    if not timed:
        raise CurveError(
            f"no setting has enough turns with an endpoint to tell its {by}",
            fix="add conversations, or take the median, by='endpointing_delay_p50_ms'",
        )
    untimed = len(settings) - len(timed)
    others = f" ({untimed} more have too few turns for their {by})" if untimed else ""
    heard = [each for each in timed if _missed(each) <= budget.max_missed_rate]
    if not heard:
        raise CurveError(
            f"none of {_count(timed)}{others} misses or merges "
            f"{budget.max_missed_rate:.1%} of the turns or fewer",
            fix="try lower thresholds or shorter silences, or allow more",
        )
    kept = [each for each in heard if _rate(each) <= budget.max_cut_in_rate]
    if not kept:
        raise _none_keeps(heard, budget.max_cut_in_rate, by, others)
    chosen = min(kept, key=lambda each: (_delay(each, by), _rate(each)))
    return _best(chosen, budget.max_cut_in_rate, by)


def _best(chosen: list[CurveRow], max_cut_in_rate: float, by: str) -> Best:
    detector, threshold, silence_ms, padding_ms, eagerness = _setting(chosen[0])
    return Best(
        detector=detector,
        threshold=threshold,
        silence_duration_ms=silence_ms,
        prefix_padding_ms=padding_ms,
        eagerness=eagerness,
        max_cut_in_rate=max_cut_in_rate,
        is_sure=all(_upper(row) <= max_cut_in_rate for row in chosen),
        rows=tuple(sorted(chosen, key=lambda row: -getattr(row, by))),
    )


def _none_keeps(
    settings: list[list[CurveRow]], max_cut_in_rate: float, by: str, others: str
) -> CurveError:
    nearest = min(settings, key=lambda each: (_rate(each), _delay(each, by)))
    return CurveError(
        f"none of {_count(settings)}{others} keeps cut-ins at "
        f"{max_cut_in_rate:.1%} or below; the lowest is {_rate(nearest):.1%}, with "
        f"{_named(nearest[0])}",
        fix="try longer silences, or allow more cut-ins",
    )


def _named(row: CurveRow) -> str:
    """Return a setting in words."""
    if row.eagerness is not None:
        return f"{row.detector} at eagerness {row.eagerness}"
    return (
        f"{row.detector}, threshold {row.threshold:g} and "
        f"{row.silence_duration_ms} ms of silence"
    )


def _count(settings: list[list[CurveRow]]) -> str:
    return f"{len(settings)} setting{'s'[: len(settings) != 1]}"


def _setting(row: CurveRow) -> Setting:
    return (
        row.detector,
        row.threshold,
        row.silence_duration_ms,
        row.prefix_padding_ms,
        row.eagerness,
    )


def _rate(rows: list[CurveRow]) -> float:
    return max(row.cut_in_rate for row in rows)


def _upper(row: CurveRow) -> float:
    """Return the higher of the two upper bounds of the cut-in rate."""
    return max(row.cut_in_high, row.cut_in_cluster_high or 0.0)


def _missed(rows: list[CurveRow]) -> float:
    return max(row.missed_rate for row in rows)


def _delay(rows: list[CurveRow], by: str) -> float | None:
    """Return the longest; None if one is not known."""
    delays = [getattr(row, by) for row in rows]
    return None if None in delays else max(delays)


def _check_delay(by: str) -> None:
    if by not in DELAYS:
        raise CurveError(
            f"settings are not compared by {by!r}",
            path="by",
            fix=f"choose of {', '.join(DELAYS)}",
        )
