"""From typed rows to tidy tables.

A row type is a `msgspec.Struct`: its fields are the columns, in their order, and
after them its properties, which hold what follows from the fields (milliseconds
from nanoseconds). The annotations give the column types, so that a table with no
rows has the same columns of the same types as any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pandas as pd

_DTYPES: dict[tuple[type, bool], str] = {
    (int, False): "int64",
    (int, True): "Int64",
    (float, False): "float64",
    (float, True): "float64",
    (bool, False): "bool",
    (bool, True): "boolean",
    (str, False): "string",
    (str, True): "string",
    (dict, False): "object",
}
"""By type and whether it may be None; what is missing is `<NA>`, or NaN in a
column of floats."""


def columns(row_type: type[msgspec.Struct]) -> dict[str, str]:
    """Return the columns of a row type with their pandas dtypes, in order.

    Raises:
        TypeError: an annotation that no column can hold.
    """
    hints = get_type_hints(row_type)
    fields = [field.name for field in msgspec.structs.fields(row_type)]
    wanted = {name: hints[name] for name in fields}
    for name, member in vars(row_type).items():
        if isinstance(member, property):
            wanted[name] = get_type_hints(member.fget)["return"]
    return {name: _dtype(name, hint) for name, hint in wanted.items()}


def table(
    rows: Iterable[msgspec.Struct], row_type: type[msgspec.Struct]
) -> pd.DataFrame:
    """Return rows as a DataFrame with one column per field and property."""
    rows = list(rows)
    series = {
        name: _series((getattr(row, name) for row in rows), dtype)
        for name, dtype in columns(row_type).items()
    }
    return pd.DataFrame(series)


def _series(values: Iterable[Any], dtype: str) -> pd.Series[Any]:
    if dtype == "Int64":  # a None among them would take all of them through float
        values = (pd.NA if value is None else value for value in values)
    return pd.Series(list(values), dtype=dtype)


def _dtype(name: str, hint: Any) -> str:
    optional = isinstance(hint, UnionType)
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    kind = kinds[0] if optional else get_origin(hint) or hint
    try:
        return _DTYPES[kind, optional]
    except KeyError:
        raise TypeError(f"no column holds {name}: {hint}") from None
