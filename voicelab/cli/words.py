"""`voicelab words`: how long answers take to hear, to read and to skim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import ModalityError

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from voicelab.modality import Assumptions

LENGTHS = (10, 25, 50, 100, 200, 400)

_LEGEND = """\
The median, and in brackets the middle {percent} % of what the ranges of the
assumptions allow: seconds from the question's first word to the end of the answer.
The question of what is heard: {voice_input}; of what is read: {text_input}.
heard: words expected to be heard before the first barge-in."""


@ends_cleanly
def words(
    lengths: Annotated[
        list[int] | None,
        typer.Argument(metavar="WORDS", help="Lengths of the answer."),
    ] = None,
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An assumption: a number, low,high or low,likely,high. May be "
            "repeated.",
        ),
    ] = None,
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            "--runs",
            metavar="FOLDER",
            help="Measure in these runs what they can tell. May be repeated.",
        ),
    ] = None,
    voice_input: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="How is asked what is heard: speaking, typing, mobile_typing, none.",
        ),
    ] = "speaking",
    text_input: Annotated[
        str, typer.Option(metavar="HOW", help="How is asked what is read.")
    ] = "typing",
    seed: Annotated[int, typer.Option(metavar="N", help="The seed of the draws.")] = 0,
    assumptions: Annotated[
        bool, typer.Option("--assumptions", help="Print what is assumed, with sources.")
    ] = False,
    intelligibility: Annotated[
        bool,
        typer.Option("--intelligibility", help="Print what fast speech loses."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Compare hearing an answer with reading or skimming it.

    Every assumption is a range with a source; --assumptions lists them. The ranges
    are drawn from, so that each result is a range as well.
    """
    from voicelab.cli import tables  # noqa: PLC0415 -- slow
    from voicelab.cli.words_understood import (  # noqa: PLC0415 -- slow
        print_understood,
        understood,
    )
    from voicelab.modality import break_even, trade_off  # noqa: PLC0415 -- slow

    known = _assumed(settings or [], runs or [])
    how: dict[str, Any] = {"voice_input": voice_input, "text_input": text_input}
    times = trade_off(lengths or LENGTHS, known, **how, seed=seed)
    even = break_even(known, **how, seed=seed)
    if as_json:
        told = {
            "trade_off": _plain(times),
            "break_even": _plain(even),
            "assumptions": _plain(known.table),
        }
        if intelligibility:
            told["intelligibility"] = _plain(understood(seed))
        tables.print_json(told)
        return
    tables.print_table(_times(times))
    typer.echo()
    for line in _break_even_lines(even):
        typer.echo(line)
    typer.echo()
    percent = round(100 * times["confidence"].iloc[0])
    typer.echo(_LEGEND.format(percent=percent, **how))
    if assumptions:
        typer.echo()
        tables.print_table(_assumption_table(known))
    if intelligibility:
        typer.echo()
        print_understood(seed)


def _assumed(settings: Sequence[str], folders: Sequence[Path]) -> Assumptions:
    """Return what is assumed; what the user sets stands above what runs tell."""
    from voicelab.cli.run_folders import run_folders  # noqa: PLC0415 -- slow
    from voicelab.modality import Assumptions, assume, measured  # noqa: PLC0415 -- slow
    from voicelab.result import load_run  # noqa: PLC0415 -- slow

    found = (load_run(run) for folder in folders for run in run_folders(folder))
    known = measured(found, Assumptions())
    return assume(known, **dict(_setting(text) for text in settings))


def _setting(text: str) -> tuple[str, list[float]]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), [float(part) for part in value.split(",")]
    except ValueError:
        raise ModalityError(
            f"{text!r} is not NAME=VALUE",
            fix="give such as reading_wpm=250 or reading_wpm=175,238,300",
        ) from None


def _times(times: pd.DataFrame) -> Table:
    from rich.text import Text  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import plain_table  # noqa: PLC0415 -- slow

    table = plain_table("Seconds for an answer of so many words")
    for heading in ("words", "listening", "reading", "skimming", "heard"):
        table.add_column(heading, justify="right")
    for length, rows in times.groupby("words"):
        by_channel = {row["channel"]: row for row in rows.to_dict("records")}
        cells = [_range(row, "seconds") for row in by_channel.values()]
        heard = f"{by_channel['listening']['heard_words']:.0f}"
        table.add_row(*map(Text, (str(length), *cells, heard)))
    return table


def _range(row: Mapping[Any, Any], stem: str) -> str:
    middle, low, high = (row[f"{stem}_{end}"] for end in ("p50", "low", "high"))
    return f"{_amount(middle)} ({_amount(low)} - {_amount(high)})"


def _amount(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:.0f}"


def _break_even_lines(even: pd.DataFrame) -> list[str]:
    return [_break_even_line(row) for row in even.to_dict("records")]


def _break_even_line(row: Mapping[Any, Any]) -> str:
    channel = row["channel"]
    if row["never_rate"] == 1:
        return f"{channel.capitalize()} is faster at no length."
    if row["always_rate"] == 1:
        return f"{channel.capitalize()} is faster at any length."
    line = f"From {_range(row, 'words')} words on, {channel} is faster"
    if row["never_rate"]:
        line += f"; never in {row['never_rate']:.0%} of the draws"
    if row["always_rate"]:
        line += f"; at any length in {row['always_rate']:.0%}"
    return f"{line}."


def _assumption_table(known: Assumptions) -> Table:
    from rich.text import Text  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import plain_table  # noqa: PLC0415 -- slow

    table = plain_table("What is assumed")
    table.add_column("name", no_wrap=True)
    for heading in ("low", "likely", "high"):
        table.add_column(heading, justify="right")
    table.add_column("unit", no_wrap=True)
    table.add_column("source")
    for row in known.table.to_dict("records"):
        numbers = (f"{row[name]:.4g}" for name in ("low", "likely", "high"))
        cells = (row["name"], *numbers, row["unit"], row["source"])
        table.add_row(*map(Text, cells))
    return table


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON can hold them: what is not there, or never, is null."""
    return [
        {
            str(name): None
            if isinstance(value, float) and not math.isfinite(value)
            else value
            for name, value in row.items()
        }
        for row in table.to_dict("records")
    ]
