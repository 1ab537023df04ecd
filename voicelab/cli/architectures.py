"""`voicelab demo --compare`: the same conversations through several architectures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from voicelab.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from voicelab.comparing import ArchitectureComparison, ArchitectureRow

FIGURE = "architectures.png"
"""What is left in the folder."""

_WAIT = {
    "turns": "turns",
    "n": "n",
    "response_latency_p50_ms": "p50",
    "response_latency_p95_ms": "p95",
    "response_latency_mean_ms": "mean",
    "uplink_mean_ms": "up-\nlink",
    "endpointing_delay_mean_ms": "end-\npoint",
    "server_rest_mean_ms": "server",
    "stt_mean_ms": "stt",
    "chat_mean_ms": "chat",
    "tts_mean_ms": "tts",
    "downlink_mean_ms": "down-\nlink",
    "playout_delay_mean_ms": "play-\nout",
}
"""Column and heading; the parts, means, add up to the mean."""

_REST = {
    "modelled": "modelled",
    "cut_ins": "cut-ins",
    "interrupted_items": "inter-\nrupted",
    "stops": "n",
    "stop_latency_p50_ms": "stop\np50",
    "phantom_words": "phantom\nwords",
    "agent_wpm": "agent\nwpm",
}

_LEGEND = """\
n: turns whose answer was heard. Parts are means over them and add up to the mean;
server is a model's time to first audio, and what of a pipeline's is in no stage.
stop: from an interrupting caller's onset to silence, of n; -: none, or too few."""


def compare(
    profiles: Sequence[str], out: Path, seed: int | None, *, as_json: bool
) -> None:
    """Run the comparison, print it, and leave its figure.

    Args:
        profiles: what to compare, by name or path; none for what there is.
        out: the folder that the figure goes into; it is made.
        seed: of each run; None leaves the scenario's own.
        as_json: whether to print JSON, nothing else.

    Raises:
        InputError: a profile is wrong, or the folder cannot be written to.
    """
    import msgspec  # noqa: PLC0415 -- slow

    from voicelab.cli import tables  # noqa: PLC0415 -- slow
    from voicelab.plot import stage_waterfall  # noqa: PLC0415 -- slow

    _make(out)
    found = _run(profiles, seed)
    figure = stage_waterfall(found.runs).save(out / FIGURE)
    if as_json:
        rows = [msgspec.to_builtins(row) for row in found.rows]
        tables.print_json({"figure": str(figure), "rows": rows})
        return
    title = f"{found.rows[0].conversations} conversations, response latency in ms"
    tables.print_table(_table(title, _WAIT, found.rows))
    typer.echo()
    tables.print_table(_table("The same conversations", _REST, found.rows))
    typer.echo(f"\n{_LEGEND}\n\nWhere the times come from:")
    for row in found.rows:
        typer.echo(_source(row))
    typer.echo(f"\nEach wait by stage: {figure}")


def _run(profiles: Sequence[str], seed: int | None) -> ArchitectureComparison:
    """Run everything; show how far it is on a terminal."""
    from voicelab import comparing  # noqa: PLC0415 -- slow
    from voicelab.cli import batch  # noqa: PLC0415 -- slow
    from voicelab.plot.stage_waterfall import MOST  # noqa: PLC0415 -- slow

    names = profiles or comparing.ARCHITECTURES
    if len(names) > MOST:
        raise InputError(
            f"{len(names)} architectures do not fit into one figure",
            fix=f"name at most {MOST}",
        )
    found = [comparing.find_architecture(name) for name in names]
    scenarios = batch.load_scenarios(comparing.CONVERSATIONS, [], seed)
    done: dict[str, list[Any]] = {}
    with batch.progress(len(found) * len(scenarios)) as progress:
        progress.begin(found[0].name)
        for architecture, run in comparing.run_architectures(scenarios, found):
            done.setdefault(architecture.name, []).append(run)
            progress.begin(architecture.name)
            progress.advance()
    return comparing.compared(found, done)


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder cannot be made ({error.strerror})",
            file=out,
            fix="give another one with --out",
        ) from error


def _table(
    title: str, columns: dict[str, str], rows: Iterable[ArchitectureRow]
) -> Table:
    from voicelab.cli.tables import plain_table  # noqa: PLC0415 -- slow

    table = plain_table(title)
    table.add_column("architecture", vertical="bottom", no_wrap=True)
    for heading in columns.values():
        table.add_column(heading, justify="right", vertical="bottom")
    for row in rows:
        values = (_cell(getattr(row, name)) for name in columns)
        table.add_row(row.architecture, *values)
    return table


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{round(value)}"
        case _:
            return str(value)


def _source(row: ArchitectureRow) -> str:
    kind = row.kind.replace("_", " ")
    told = "modelled" if row.modelled else "measured"
    text = f"{row.architecture} ({kind}, {told}): {row.source}"
    return fill(text, width=88, subsequent_indent="    ", break_long_words=False)
