"""What figures are drawn from: a run, a table, several of them, or several by name."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voicelab.document import close_names
from voicelab.errors import InputError
from voicelab.result import Run


class Tabled(Protocol):
    """Something that offers a table, such as a sweep or an operating curve."""

    @property
    def table(self) -> pd.DataFrame:
        """Its rows."""


Source: TypeAlias = Run | pd.DataFrame | Tabled
Data: TypeAlias = Source | Sequence[Source] | Mapping[str, Any]
"""A run or a table, several of them, or a mapping of a condition's name to either.
An object with a `table`, such as a sweep, stands for that table."""

FloatArray: TypeAlias = NDArray[np.float64]

CONDITION = "condition"
_NOISE = ("noise", "snr_db")
_SERIES = "series of the figure"
_UNITS = {
    "_ms": "ms",
    "_s": "s",
    "_db": "dB",
    "_hz": "Hz",
    "_rate": "share",
    "_wpm": "words a minute",
    "_words": "words",
    "_usd": "USD",
    "_tokens": "tokens",
}
_FEW_SEEDS = 4
_SHOWN_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Gathered:
    """One table of all that was given.

    Attributes:
        table: its rows, not empty.
        told: what a footer says of where they come from, the seeds among it.
    """

    table: pd.DataFrame
    told: tuple[str, ...]


def gather(data: Data, figure: str, member: str | None = None) -> Gathered:
    """Return one table of a run's `member`, of a table, or of several.

    Rows of a run get the columns `run`, `conversation`, `seed` and `player`; those of
    a mapping get `condition`. Where there are several tables, each is a
    `conversation`, unless it says better.

    Args:
        data: what was given.
        figure: the figure's name, for messages.
        member: which table of a run; None if runs make no sense.

    Raises:
        InputError: it is none of the above, or without a row.
    """
    frames = list(_frames(data, figure, member))
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        whose = f"; the {member} table is empty" if member and frames else ""
        raise InputError(f"there is no row to draw{whose}", path=figure)
    table = filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    return Gathered(table, _told(table))


def _frames(data: Any, figure: str, member: str | None) -> Iterable[pd.DataFrame]:
    if isinstance(data, Mapping):
        for name, part in data.items():
            for frame in _frames(part, figure, member):
                yield frame.assign(**{CONDITION: str(name)})
    elif isinstance(data, Run) and member is not None:
        yield _of_run(data, figure, member)
    elif isinstance(data, pd.DataFrame):
        yield data
    elif isinstance(getattr(data, "table", None), pd.DataFrame):
        yield data.table
    elif isinstance(data, Iterable) and not isinstance(data, str):
        yield from _numbered(data, figure, member)
    else:
        wanted = "a table" if member is None else f"a run, or its .{member} table"
        raise InputError(
            f"{type(data).__name__} cannot be drawn", path=figure, fix=f"give {wanted}"
        )


def _numbered(
    data: Iterable[Any], figure: str, member: str | None
) -> Iterable[pd.DataFrame]:
    for index, part in enumerate(data):
        for frame in _frames(part, figure, member):
            known = "conversation" in frame.columns
            yield frame if known else frame.assign(conversation=f"{index + 1}")


def _of_run(run: Run, figure: str, member: str) -> pd.DataFrame:
    table = getattr(run, member, None)
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            f"a run has no table {member!r}",
            path=figure,
            fix="name one of its tables, such as latency or turns",
        )
    client = (run.manifest.get("scenario") or {}).get("client", {})
    return table.assign(
        run=run.run_id,
        conversation=run.name,
        seed=run.manifest.get("seed"),
        player=client.get("player", "unknown player"),
    )


def _told(table: pd.DataFrame) -> tuple[str, ...]:
    parts = []
    if "conversation" in table.columns:
        names = sorted(set(table["conversation"].dropna().astype(str)))
        parts.append(names[0] if len(names) == 1 else f"{len(names)} conversations")
    if "seed" in table.columns:
        parts.append(_seeds(sorted(set(table["seed"].dropna()))))
    return tuple(part for part in parts if part)


def _seeds(seeds: Sequence[Any]) -> str:
    named = [f"{seed:g}" if isinstance(seed, float) else str(seed) for seed in seeds]
    if len(named) <= _FEW_SEEDS:
        return f"seed{'s' * (len(named) > 1)} {', '.join(named)}" if named else ""
    return f"{len(named)} seeds, {named[0]} to {named[-1]}"


def require(table: pd.DataFrame, columns: Iterable[str], figure: str) -> None:
    """Check that a table has columns.

    Raises:
        InputError: one is missing; the message says which there are.
    """
    for column in columns:
        if column not in table.columns:
            there = ", ".join(map(str, table.columns[:_SHOWN_COLUMNS]))
            more = ", …" if len(table.columns) > _SHOWN_COLUMNS else ""
            near = close_names(column, table.columns)
            raise InputError(
                f"the table has no column {column!r}",
                path=figure,
                fix=near or f"its columns are {there}{more}",
            )


def numbers(table: pd.DataFrame, column: str, figure: str) -> FloatArray:
    """Return a column as numbers, NaN where there is none.

    Raises:
        InputError: the column is missing, or holds something else or infinity.
    """
    require(table, [column], figure)
    try:
        found = table[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"column {column!r} holds more than numbers ({error})",
            path=figure,
            fix="name a column of numbers",
        ) from error
    if np.isinf(found).any():
        raise InputError(f"column {column!r} holds infinity", path=figure)
    return found


def some_numbers(table: pd.DataFrame, column: str, figure: str) -> FloatArray:
    """Return a column as numbers, of which at least one is there.

    Raises:
        InputError: as `numbers`, or no row has a value.
    """
    found = numbers(table, column, figure)
    if np.isnan(found).all():
        raise InputError(
            f"none of {len(found)} rows has a value of {column!r}", path=figure
        )
    return found


def groups(
    table: pd.DataFrame, by: str | None, figure: str, most: int
) -> dict[str, pd.DataFrame]:
    """Return the rows by the value of a column, in order of first appearance.

    Args:
        table: the rows.
        by: the column; None puts all rows into one group without a name.
        figure: the figure's name, for messages.
        most: how many groups the figure can tell apart.

    Raises:
        InputError: the column is missing, or has too many values.
    """
    if by is None:
        return {"": table}
    require(table, [by], figure)
    found = {
        str(name): rows for name, rows in table.groupby(by, sort=False, dropna=False)
    }
    if len(found) > most:
        raise InputError(
            f"{len(found)} values of {by!r} cannot be told apart",
            path=figure,
            fix=f"choose at most {most} of them",
        )
    return found


def axis_name(column: str) -> str:
    """Return how an axis is labelled: `response_latency_ms`, 'response latency, ms'."""
    name = column.rpartition(".")[2]  # of a setting's path
    for suffix, unit in _UNITS.items():
        if name.endswith(suffix):
            words = name.removesuffix(suffix)
            found = re.fullmatch(r"(.*)_p(\d+)", words)
            words = f"{found[1]}, p{found[2]}" if found else words
            return f"{words.replace('_', ' ')}, {unit}"
    return name.replace("_", " ")


def in_order(values: Iterable[Hashable]) -> list[Any]:
    """Return distinct values, numbers by size, then the rest by name."""
    distinct = set(values)

    def key(value: Any) -> tuple[bool, float, str]:
        is_number = isinstance(value, int | float | np.integer | np.floating)
        return not is_number, float(value) if is_number else 0.0, str(value)

    return sorted(distinct, key=key)


def has_several(table: pd.DataFrame, column: str) -> bool:
    """Return whether a column is there and holds more than one value."""
    return column in table.columns and len(table[column].unique()) > 1


def series(
    table: pd.DataFrame, columns: Iterable[str], figure: str, most: int
) -> dict[str, pd.DataFrame]:
    """Return the rows by those of the columns that hold more than one value.

    A series is named by its values, joined by commas; where none of the columns
    varies, by the value of the first. Where only some have noise, the others are
    `quiet`.

    Raises:
        InputError: the first column is missing, or there are too many series.
    """
    first, *rest = columns
    require(table, [first], figure)
    varying = [name for name in rest if has_several(table, name)]
    keys = [first, *varying] if has_several(table, first) or not varying else varying
    names = table[keys].apply(_name_of, axis=1)
    return groups(table.assign(**{_SERIES: names}), _SERIES, figure, most)


def _name_of(values: pd.Series[Any]) -> str:
    told = [_said(str(name), value) for name, value in values.items()]
    return ", ".join(dict.fromkeys(part for part in told if part)) or "none"


def _said(column: str, value: Any) -> str:
    """Return a value in a name; no noise at all is quiet."""
    if pd.isna(value):
        return "quiet" if column in _NOISE else ""
    return f"{value:g} dB" if column == "snr_db" else str(value)
