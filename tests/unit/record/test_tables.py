from __future__ import annotations

from typing import Any

import msgspec
import pandas as pd
import pytest

from voicelab.record.tables import columns, table


class Row(msgspec.Struct):
    count: int
    maybe: int | None
    share: float
    part_ms: float | None
    sure: bool
    text: str
    note: str | None
    data: dict[str, Any]

    @property
    def twice_ns(self) -> int | None:
        return None if self.maybe is None else 2 * self.maybe


FULL = Row(1, 2, 0.5, 3.0, sure=True, text="a", note="b", data={"c": 1})
BARE = Row(1, None, 0.5, None, sure=False, text="", note=None, data={})

DTYPES = {
    "count": "int64",
    "maybe": "Int64",
    "share": "float64",
    "part_ms": "float64",
    "sure": "bool",
    "text": "string",
    "note": "string",
    "data": "object",
    "twice_ns": "Int64",
}


def test_columns_are_fields_then_properties() -> None:
    assert columns(Row) == DTYPES
    assert list(columns(Row)) == list(DTYPES)


@pytest.mark.parametrize("rows", [[], [FULL], [BARE], [FULL, BARE]])
def test_the_columns_do_not_depend_on_the_rows(rows: list[Row]) -> None:
    made = table(rows, Row)
    assert {name: str(dtype) for name, dtype in made.dtypes.items()} == DTYPES
    assert list(made.columns) == list(DTYPES)
    assert len(made) == len(rows)


def test_what_is_missing_is_missing() -> None:
    made = table([FULL, BARE], Row)
    assert made["maybe"].isna().tolist() == [False, True]
    assert made["twice_ns"].tolist() == [4, pd.NA]
    assert made["part_ms"].isna().tolist() == [False, True]
    assert made["note"].isna().tolist() == [False, True]


def test_whole_numbers_stay_exact() -> None:
    large = (1 << 61) + 1
    made = table([msgspec.structs.replace(FULL, maybe=large), BARE], Row)
    assert made["maybe"][0] == large


def test_what_no_column_holds_is_refused() -> None:
    class Odd(msgspec.Struct):
        things: list[int]

    with pytest.raises(TypeError, match="things"):
        columns(Odd)
