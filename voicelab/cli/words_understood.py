"""What `voicelab words --intelligibility` prints: fast speech, and what it loses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_LEVER, _RECOGNISER = "stretch", "moonshine"

LEGEND = """\
Word errors in per cent, their interval by answer, and the words a minute left.
A recogniser ({recogniser}) heard it, which stands in for a listener and is none.
Speech was stretched, as audio.output.speed does it: {words} words a cell, spoken
by {voice}. Noise: a café, so far below the speech."""


def understood(seed: int) -> pd.DataFrame:
    """Return the bundled measurement, voices pooled."""
    from voicelab.modality import (  # noqa: PLC0415 -- slow
        bundled_listening,
        intelligibility,
    )

    return intelligibility(bundled_listening(), seed=seed)


def print_understood(seed: int) -> None:
    """Print it for stretched speech and one recogniser, by speed and condition."""
    from voicelab.cli.tables import print_table  # noqa: PLC0415 -- slow
    from voicelab.modality import (  # noqa: PLC0415 -- slow
        bundled_listening,
        intelligibility,
    )

    rows = bundled_listening()
    chosen = rows[(rows["lever"] == _LEVER) & (rows["recogniser"] == _RECOGNISER)]
    cells = intelligibility(chosen, seed=seed)
    print_table(_table(cells))
    typer.echo()
    first = cells.to_dict("records")[0]
    names = {
        str(name): str(value).replace(" + ", ", ") for name, value in first.items()
    }
    typer.echo(LEGEND.format(**names))


def _table(cells: pd.DataFrame) -> Table:
    from rich.text import Text  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import plain_table  # noqa: PLC0415 -- slow

    table = plain_table("Fast speech, and what is made out of it")
    table.add_column("speed", justify="right")
    for name in dict.fromkeys(map(_condition, cells.to_dict("records"))):
        table.add_column(name, justify="right")
    for speed, rows in cells.groupby("speed"):
        told = map(_cell, rows.to_dict("records"))
        table.add_row(*map(Text, (f"{speed:g}", *told)))
    return table


def _condition(row: Mapping[Any, Any]) -> str:
    quiet = math.isnan(row["snr_db"])
    return row["line"] if quiet else f"{row['line']}, {row['snr_db']:g} dB"


def _cell(row: Mapping[Any, Any]) -> str:
    rate, low, high = (100 * row[name] for name in ("word_error_rate", "low", "high"))
    return f"{rate:.0f} ({low:.0f} - {high:.0f})  {row['understood_wpm']:.0f}"
