"""The table of a sweep: one row a cell, in the plan's order, whoever ran it.

Columns
    `scenario`, then the fields that vary under their dotted paths, `seed`, `run_id`,
    `status`, `error`, then the measures. A field that an entry of the list does not
    set is missing there: the scenario's own value holds. Values that no column can
    hold (mappings, lists, a mixture) are written as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from voicelab.metrics import Summary
from voicelab.record.whole_file import write_whole
from voicelab.sweeps.cell import Outcome
from voicelab.sweeps.journal import unwritable
from voicelab.sweeps.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

CSV, PARQUET = "table.csv", "table.parquet"

_DTYPES = (
    ((bool,), "boolean"),
    ((int,), "Int64"),
    ((int, float), "float64"),
    ((str,), "string"),
)
"""The first whose types are all that a field's values have is its column's."""


def table_of(plan: Plan, outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Return the table of the cells that have an outcome; of two the later counts."""
    import pandas as pd  # noqa: PLC0415 -- takes 0.3 s

    latest = {each.index: each for each in outcomes}
    rows = [latest[index] for index in sorted(latest)]
    seeds = [plan.seed(row.index) for row in rows]
    named = {
        "scenario": _series((plan.origin(row.index).name for row in rows), "string"),
        **_varied(plan, rows),
        "seed": _series(seeds, "int64"),
        "run_id": _series((row.run_id for row in rows), "string"),
        "status": _series((row.status for row in rows), "string"),
        "error": _series((row.error for row in rows), "string"),
    }
    return pd.DataFrame(named | _measured(plan, rows))


def write_table(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write the table as CSV, and as Parquet if the extra `tables` is installed.

    Each file appears whole, or not at all.

    Raises:
        SweepError: it cannot be written.
    """
    written = [_write(folder / CSV, lambda file: table.to_csv(file, index=False))]
    if find_spec("pyarrow") is not None:
        written.append(
            _write(
                folder / PARQUET,
                lambda file: table.to_parquet(file, engine="pyarrow", index=False),
            )
        )
    return written


def _write(target: Path, write: Callable[[Path], None]) -> Path:
    try:
        write_whole(target, write)
    except OSError as error:
        raise unwritable(target.parent, error) from error
    return target


def _varied(plan: Plan, rows: Sequence[Outcome]) -> dict[str, pd.Series[Any]]:
    settings = [plan.settings(row.index) for row in rows]
    return {
        name: _column([each.get(name) for each in settings], plan, name)
        for name in plan.fields
    }


def _column(values: list[Any], plan: Plan, name: str) -> pd.Series[Any]:
    """Return a field's column; its type hangs on the plan, not on what is done."""
    planned = [*plan.grid.get(name, ()), *(e[name] for e in plan.entries if name in e)]
    kinds = {type(value) for value in planned if value is not None}
    for wanted, dtype in _DTYPES:
        if kinds <= set(wanted):
            return _series(values, dtype)
    texts = [None if v is None else msgspec.json.encode(v).decode() for v in values]
    return _series(texts, "string")


def _measured(plan: Plan, rows: Sequence[Outcome]) -> dict[str, pd.Series[Any]]:
    from voicelab.record.tables import columns  # noqa: PLC0415 -- needs pandas

    wide = {"int64": "Int64", "bool": "boolean"}  # a cell that failed has none
    dtypes = {name: wide.get(each, each) for name, each in columns(Summary).items()}
    return {
        name: _series([_measure(row, name) for row in rows], dtypes[name])
        for name in plan.measures
    }


def _measure(row: Outcome, name: str) -> Any:
    return None if row.summary is None else getattr(row.summary, name)


def _series(values: Iterable[Any], dtype: str) -> pd.Series[Any]:
    import pandas as pd  # noqa: PLC0415 -- takes 0.3 s

    if dtype == "Int64":  # a None among them would take all of them through float
        values = (pd.NA if value is None else value for value in values)
    return pd.Series(list(values), dtype=dtype)
