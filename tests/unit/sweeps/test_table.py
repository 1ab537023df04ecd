"""The table: one row a cell in the plan's order, typed columns, whatever came first."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pytest

from tests.support.sweeping import done, failed, listed
from voicelab.errors import SweepError
from voicelab.sweeps import table as tables
from voicelab.sweeps.plan import MEASURES, Origin, Plan
from voicelab.sweeps.table import CSV, PARQUET, table_of, write_table

ORIGINS = (
    Origin(name="a", scenario={"seed": 1}, base="/"),
    Origin(name="b", scenario={"seed": 8}, base="/"),
)
NAMED = ("seed", "run_id", "status", "error")


def plan(**parts: Any) -> Plan:
    return Plan(origins=ORIGINS, **parts)


def test_rows_are_in_the_plans_order_however_they_came() -> None:
    cells = plan(grid={"client.player": ("p", "q")}, measures=("turns", "overlap_ms"))
    outcomes = [
        done(3, turns=7),
        failed(0, "no"),
        done(2, turns=5, overlap_ms=1.5),
    ]
    table = table_of(cells, outcomes)
    assert list(table) == ["scenario", "client.player", *NAMED, "turns", "overlap_ms"]
    assert table.scenario.tolist() == ["a", "b", "b"]
    assert table["client.player"].tolist() == ["p", "p", "q"]
    assert table.seed.tolist() == [1, 8, 8]
    assert listed(table.run_id) == [None, "run2", "run3"]
    assert table.status.tolist() == ["failed", "done", "done"]
    assert listed(table.error) == ["no", None, None]
    assert listed(table.turns) == [None, 5, 7]
    assert listed(table.overlap_ms) == [None, 1.5, None]
    pd.testing.assert_frame_equal(table, table_of(cells, outcomes[::-1]))


def test_of_two_outcomes_the_later_counts() -> None:
    table = table_of(plan(measures=("turns",)), [failed(0), done(0, turns=2)])
    assert table.status.tolist() == ["done"]


def test_no_outcome_gives_the_same_columns_and_types() -> None:
    cells = plan(grid={"x": (1, 2)})
    empty, full = table_of(cells, []), table_of(cells, [done(0)])
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert list(empty)[-len(MEASURES) :] == list(MEASURES)


@pytest.mark.parametrize(
    ("values", "dtype", "shown"),
    [
        ((1, 2), "Int64", [1, 2]),
        ((1, 0.5), "float64", [1.0, 0.5]),
        ((None, 0.5), "float64", [None, 0.5]),
        ((None, 3), "Int64", [None, 3]),
        (("p", None), "string", ["p", None]),
        ((True, False), "boolean", [True, False]),
        ((True, 2), "string", ["true", "2"]),
        (({"b": 1, "a": 2}, []), "string", ['{"b":1,"a":2}', "[]"]),
    ],
    ids=str,
)
def test_a_fields_column_has_the_type_of_its_values(
    values: tuple[Any, ...], dtype: str, shown: list[Any]
) -> None:
    cells = Plan(origins=ORIGINS[:1], grid={"x": values})
    column = table_of(cells, [done(0), done(1)]).x
    assert (str(column.dtype), listed(column)) == (dtype, shown)
    # the type hangs on what is planned, not on what is done
    assert str(table_of(cells, [done(1)]).x.dtype) == dtype


def test_what_an_entry_does_not_set_is_missing() -> None:
    cells = Plan(origins=ORIGINS[:1], entries=({"x": 1}, {"x": 2, "y": "p"}))
    table = table_of(cells, [done(0), done(1)])
    assert list(table)[:3] == ["scenario", "x", "y"]
    assert table.x.tolist() == [1, 2]
    assert listed(table.y) == [None, "p"]


def test_files_hold_the_table_and_nothing_else_is_left(tmp_path: Path) -> None:
    cells = plan(grid={"x": (0.1, 0.30000000000000004)}, measures=("turns",))
    table = table_of(cells, [done(0, turns=3), failed(1, 'it said "no", twice')])
    write_table(table, tmp_path)
    assert (tmp_path / CSV).read_text("utf-8") == (
        "scenario,x,seed,run_id,status,error,turns\n"
        "a,0.1,1,run0,done,,3\n"
        'a,0.30000000000000004,1,,failed,"it said ""no"", twice",\n'
    )
    pytest.importorskip("pyarrow", reason="the extra tables")
    read = pd.read_parquet(tmp_path / PARQUET)
    pd.testing.assert_frame_equal(read, table)
    assert {file.name for file in tmp_path.iterdir()} == {CSV, PARQUET}


def test_without_the_extra_there_is_the_csv_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "find_spec", lambda _: None)
    assert write_table(table_of(plan(), []), tmp_path) == [tmp_path / CSV]
    assert [file.name for file in tmp_path.iterdir()] == [CSV]


def test_a_table_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / CSV).write_text("old", "utf-8")
    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(SweepError, match="make room, then go on with --resume"):
        write_table(table_of(plan(), []), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [CSV]
    assert (tmp_path / CSV).read_text("utf-8") == "old"
