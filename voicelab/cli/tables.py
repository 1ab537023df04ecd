"""What finished runs show: tables for people, plain values for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from voicelab.cli.batch import Finished

Row = dict[str, Any]

LATENCY_COLUMNS = (
    ("turn", "turn"),
    ("uplink", "uplink_ms"),
    ("end-\npoint", "endpointing_delay_ms"),
    ("server", "server_ttfb_ms"),
    ("down-\nlink", "downlink_ms"),
    ("play-\nout", "playout_delay_ms"),
    ("total", "response_latency_ms"),
    ("outcome", "outcome"),
)
"""Heading and column of `Run.latency`; the five parts add up to the total."""

TRUNCATION_COLUMNS = (
    ("generated", "generated_ms"),
    ("heard", "heard_ms"),
    ("claimed", "audio_end_ms"),
    ("kept", "kept_ms"),
    ("error", "truncation_error_ms"),
    ("phantom\nwords", "phantom_words"),
    ("forgotten\nwords", "forgotten_words"),
    ("stop", "stop_latency_ms"),
)
"""Heading and column of `Run.truncations`."""


def latency_table(finished: Iterable[Finished]) -> Table:
    """Return where the wait of each caller turn went, in milliseconds."""
    return _table(
        "Response latency, ms: from the caller's last word to the first word heard",
        LATENCY_COLUMNS,
        ((each.name, rows(each.run.latency)) for each in finished),
    )


def truncation_table(finished: Iterable[Finished]) -> Table:
    """Return the ledger of interrupted answers, in milliseconds and words."""
    return _table(
        "Interrupted answers, ms: heard by the caller, kept by the model",
        TRUNCATION_COLUMNS,
        ((each.name, rows(each.run.truncations)) for each in finished),
    )


def _table(
    title: str,
    columns: Sequence[tuple[str, str]],
    sections: Iterable[tuple[str, list[Row]]],
) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("conversation", overflow="fold")
    for heading, _ in columns:
        table.add_column(heading, justify="right", vertical="bottom")
    for name, found in sections:
        for number, row in enumerate(found):
            shown = name if number == 0 else ""
            table.add_row(shown, *(_text(row[column]) for _, column in columns))
        table.add_section()
    return table


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def rows(frame: Any) -> list[Row]:
    """Return the rows of a DataFrame as plain values; what is missing is None."""
    found: list[Row] = json.loads(frame.to_json(orient="records"))
    return found


def summary(finished: Finished) -> Row:
    """Return what `--json` prints about one run."""
    return {
        "name": finished.name,
        "run_id": finished.run.run_id,
        "folder": str(finished.folder),
        "timeline": str(finished.timeline),
        "latency": rows(finished.run.latency),
        "truncations": rows(finished.run.truncations),
    }


def print_tables(finished: Sequence[Finished]) -> None:
    """Print both tables and where the runs lie to the standard output."""
    console = Console(highlight=False)
    console.print(latency_table(finished))
    if any(len(each.run.truncations) for each in finished):
        console.print(truncation_table(finished))
    else:
        console.print("No answer was interrupted.")
    for each in finished:
        # Paths are for copying: they are never wrapped.
        typer.echo(f"{each.name}: {each.folder} {each.timeline}")


def print_json(value: Any) -> None:
    """Print a value as JSON, readable and nothing else, to the standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
