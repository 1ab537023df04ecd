"""What a sweep came to: its table, and what is asked of it."""

from __future__ import annotations

import html
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicelab.document import close_names
from voicelab.errors import StatisticsError, SweepError
from voicelab.metrics.statistics import (
    CONFIDENCE,
    FEWEST_CLUSTERS,
    RESAMPLES,
    Statistic,
    cluster_bootstrap,
    mean,
    median,
    quantile,
)
from voicelab.sweeps.journal import read_header, read_outcomes
from voicelab.sweeps.plan import MEASURES, Plan
from voicelab.sweeps.table import table_of

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20
"""Rows of the table that a notebook shows."""


def load_sweep(folder: Path | str) -> Sweep:
    """Open the folder of a sweep, finished or not.

    Raises:
        SweepError: there is no sweep in it, or its journal is broken.
    """
    path = Path(folder)
    return Sweep(read_header(path).plan, path)


@dataclass(frozen=True)
class Pivot:
    """A statistic by two fields.

    Attributes:
        statistic: its name.
        value: the measure that it is made of, with its unit.
        values: the statistic, a row a value of the one field and a column a value of
            the other; missing where it is refused or there is none.
        n: how many runs have the measure, in the same rows and columns.
        missing: how many runs there failed or have none.
    """

    statistic: str
    value: str
    values: pd.DataFrame
    n: pd.DataFrame
    missing: pd.DataFrame

    def __repr__(self) -> str:
        rows, columns = self.values.shape
        n = int(self.n.to_numpy().sum())
        told = f"{self.statistic} of {self.value}"
        return f"<Pivot {told} rows={rows} columns={columns} n={n}>"

    def _repr_html_(self) -> str:
        shown = self.values.map(lambda each: f"{each:.4g}".replace("nan", "-"))
        counted = self.n.map(lambda n: f" (n = {n})")
        table = (shown + counted).to_html(border=0)
        return (
            f"<p>{html.escape(self.statistic)} of {html.escape(self.value)}</p>{table}"
        )


class Sweep:
    """A sweep: one row a cell.

    Args:
        plan: its cells.
        folder: where its journal is.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that vary: columns of the table, under their dotted paths."""
        return self.plan.fields

    @property
    def measures(self) -> tuple[str, ...]:
        """The columns of the table that were measured."""
        return self.plan.measures

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a cell that was run; see `voicelab.sweeps.table`."""
        return table_of(self.plan, read_outcomes(self.folder))

    @property
    def failed(self) -> pd.DataFrame:
        """The cells that failed: what they were, and one sentence each."""
        rows = self.table[self.table.status == "failed"]
        return rows[["scenario", *self.fields, "seed", "error"]].reset_index(drop=True)

    def pivot(
        self, x: str, y: str, value: str, statistic: str | Statistic = "mean"
    ) -> Pivot:
        """Return a statistic of a measure by two fields.

        Args:
            x: the field, `scenario` or `seed` that makes the columns.
            y: the one that makes the rows.
            value: the measure.
            statistic: `mean`, `median`, a percentile such as `p95`, or a `Statistic`;
                where there are too few runs for it, it is refused and missing.

        Raises:
            SweepError: there is no such column, or both sides are the same.
            StatisticsError: there is no such statistic.
        """
        import pandas as pd  # noqa: PLC0415 -- takes 0.3 s

        if x == y:
            raise SweepError(f"both sides of the table are {x}", fix="name two fields")
        chosen = _statistic(statistic)
        rows = [
            {**at, **_counted(group[value]), "values": _estimate(group[value], chosen)}
            for at, group in self._groups([y, x], value)
        ]
        long = pd.DataFrame(rows, columns=[y, x, "values", "n", "missing"])
        frames = {name: _wide(long, y, x, name) for name in ("values", "n", "missing")}
        return Pivot(chosen.name, value, **frames)

    def grouped(
        self,
        by: str | Sequence[str],
        value: str,
        statistic: str | Statistic = "mean",
        *,
        confidence: float = CONFIDENCE,
        resamples: int = RESAMPLES,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Return a statistic of a measure by fields, with its interval.

        The interval draws whole scenarios: runs of one resemble each other. From one
        scenario there is none; see `metrics.statistics.cluster_bootstrap`.

        Args:
            by: the field or fields.
            value: the measure.
            statistic: as of `pivot`.
            confidence: of the interval.
            resamples: how often scenarios are drawn.
            seed: of the draws.

        Returns:
            A row a group: the fields, `n` (runs that have the measure), `missing`
            (runs that failed or have none), `scenarios`, and `estimate`, `low`
            and `high` in the measure's unit.

        Raises:
            SweepError, StatisticsError: as `pivot`.
        """
        import pandas as pd  # noqa: PLC0415 -- takes 0.3 s

        names = [by] if isinstance(by, str) else [*by]
        chosen = _statistic(statistic)
        rows = []
        for at, group in self._groups(names, value):
            known = group[group[value].notna()]
            clusters = [
                each.to_numpy(float) for _, each in known.groupby("scenario")[value]
            ]
            low = high = float("nan")
            if len(clusters) >= FEWEST_CLUSTERS and len(known) >= chosen.at_least:
                interval = cluster_bootstrap(
                    clusters,
                    chosen,
                    confidence=confidence,
                    resamples=resamples,
                    seed=seed,
                )
                low, high = interval.low, interval.high
            rows.append(
                {
                    **at,
                    **_counted(group[value]),
                    "scenarios": len(clusters),
                    "estimate": _estimate(group[value], chosen),
                    "low": low,
                    "high": high,
                }
            )
        return pd.DataFrame(rows)

    def _groups(
        self, names: Sequence[str], value: str
    ) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
        """Yield what the rows of each group have in common, and the rows."""
        if not names:
            raise SweepError("there is no field to group by", fix="name at least one")
        for name in names:
            _check_name(name, ("scenario", *self.fields, "seed"), "field")
        _check_name(value, self.measures, "measure")
        table = self.table
        for at, group in table.groupby([*names], sort=False, dropna=False):
            yield dict(zip(names, at, strict=True)), group

    def _repr_html_(self) -> str:
        table = self._in_brief()
        shown = table.head(_SHOWN).round(3).to_html(index=False, na_rep="", border=0)
        more = len(table) - _SHOWN
        rest = f"<p>and {more} more rows</p>" if more > 0 else ""
        return f"<p>{html.escape(str(self))}</p>{shown}{rest}"

    def _in_brief(self) -> pd.DataFrame:
        """Return the table without what is the same of every run."""
        table = self.table
        if self.measures != MEASURES:  # they were asked for
            return table
        same = [each for each in MEASURES if len(table[each].drop_duplicates()) <= 1]
        if table.error.isna().all():
            same.append("error")
        return table.drop(columns=same)

    def __repr__(self) -> str:
        failed = int((self.table.status == "failed").sum())
        done = len(self.table) - failed
        parts = [f"cells={len(self.plan)}", f"done={done}"]
        if failed:
            parts.append(f"failed={failed}")
        return f"<Sweep {' '.join(parts)}>"

    def keep_alive(self, folder: tempfile.TemporaryDirectory[str]) -> None:
        """Hold a temporary folder as long as the sweep is in use, and no longer."""
        weakref.finalize(self, folder.cleanup)


def _check_name(name: str, known: Sequence[str], kind: str) -> None:
    if name not in known:
        fix = close_names(name, known) or f"known: {', '.join(known)}"
        raise SweepError(f"the table has no {kind} {name!r}", fix=fix)


def _statistic(name: str | Statistic) -> Statistic:
    if isinstance(name, Statistic):
        return name
    named = {"mean": mean, "median": median}
    if name in named:
        return named[name]
    percent = name.removeprefix("p")
    if name.startswith("p") and percent.replace(".", "", 1).isdecimal():
        return quantile(float(percent) / 100)
    raise StatisticsError(
        f"there is no statistic {name!r}", fix="give mean, median or such as p95"
    )


def _counted(values: pd.Series[Any]) -> dict[str, int]:
    known = int(values.notna().sum())
    return {"n": known, "missing": len(values) - known}


def _estimate(values: pd.Series[Any], statistic: Statistic) -> float:
    """Return the statistic of the known values; NaN if there are too few."""
    known = values.dropna().to_numpy(float)
    return float("nan") if len(known) < max(statistic.at_least, 1) else statistic(known)


def _wide(long: pd.DataFrame, y: str, x: str, name: str) -> pd.DataFrame:
    """Return one column of a long table by two of the others, in order of appearance.

    What never came together counts 0 runs.
    """
    import pandas as pd  # noqa: PLC0415 -- takes 0.3 s

    nothing = float("nan") if name == "values" else 0
    # a field that is not set is one value, and NaN is not even equal to itself
    down, across = (
        [None if pd.isna(value) else value for value in long[each]] for each in (y, x)
    )
    found = dict(zip(zip(down, across, strict=True), long[name], strict=True))
    rows, columns = (list(dict.fromkeys(each)) for each in (down, across))
    return pd.DataFrame(
        [[found.get((row, column), nothing) for column in columns] for row in rows],
        index=pd.Index(rows, name=y),
        columns=pd.Index(columns, name=x),
    )
