"""Typed rows that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    import pandas as pd

RowT = TypeVar("RowT", bound=msgspec.Struct)


@dataclass(frozen=True)
class Report(Generic[RowT]):
    """Rows of one type, in order.

    Attributes:
        rows: the rows.
        row_type: their type, which names the columns.
    """

    rows: tuple[RowT, ...]
    row_type: type[RowT]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as a DataFrame: one column per field and property."""
        from voicelab.record.tables import table  # noqa: PLC0415 - pandas takes 0.3 s

        return table(self.rows, self.row_type)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[RowT]:
        return iter(self.rows)

    def _repr_html_(self) -> str:
        shown = self.table.round(3)
        return str(shown.to_html(index=False, na_rep="", border=0))
