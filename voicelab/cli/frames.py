"""DataFrames as printed tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from voicelab.cli.tables import plain_table, print_table, rows

if TYPE_CHECKING:
    import pandas as pd

MAX_TEXT = 44
"""Longer texts are cut; `--json` holds them in full."""


def print_frame(
    title: str,
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    decimals: int | None = 1,
    most: int | None = None,
) -> None:
    """Print some columns of a table to the standard output, with its title.

    Args:
        title: what it shows.
        frame: the table; if it has no rows, nothing is printed.
        columns: the heading of each column that is shown.
        decimals: of numbers that are not whole; None for four digits in all.
        most: the number of rows after which the rest is only counted.
    """
    if not len(frame):
        return
    print_table(_table(title, rows(frame[:most]), columns, decimals))
    if most is not None and len(frame) > most:
        typer.echo(f"… and {len(frame) - most} more, which --json shows")
    typer.echo()


def _table(
    title: str,
    shown: list[dict[str, Any]],
    columns: Mapping[str, str],
    decimals: int | None,
) -> Table:
    table = plain_table(title)
    for name, heading in columns.items():
        is_text = any(isinstance(row[name], str) for row in shown)
        table.add_column(
            heading,
            justify="left" if is_text else "right",
            overflow="fold",
            no_wrap=not table.columns,  # what a row is about stays in one piece
            vertical="bottom",
        )
    for row in shown:
        table.add_row(*(Text(_cell(row[name], decimals)) for name in columns))
    return table


def _cell(value: Any, decimals: int | None) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}" if decimals is None else f"{value:.{decimals}f}"
        case str() if len(value) > MAX_TEXT:
            return f"{value[: MAX_TEXT - 1]}…"
        case _:
            return str(value)
