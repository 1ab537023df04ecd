"""What finished runs show: tables for people, plain values for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from voicelab.metrics import FALSE_CAUSES, Summary

if TYPE_CHECKING:
    from voicelab.cli.batch import Finished

Row = dict[str, Any]

FILE_COLUMNS = 120
"""Width of the tables where no terminal limits it."""

LATENCY_COLUMNS = (
    ("turn", "turn"),
    ("uplink", "uplink_ms"),
    ("end-\npoint", "endpointing_delay_ms"),
    ("server", "server_ttfb_ms"),
    ("down-\nlink", "downlink_ms"),
    ("play-\nout", "playout_delay_ms"),
    ("total", "response_latency_ms"),
    ("cut\nin", "cut_in"),
    ("outcome", "outcome"),
)
"""Heading and column of `Run.latency`; the five parts add up to the total."""

LIVE_COLUMNS = (
    ("turn", "turn"),
    ("end-\npoint", "endpointing_delay_observed_ms"),
    ("first\naudio", "ttfb_observed_ms"),
    ("play-\nout", "playout_delay_ms"),
    ("total", "response_latency_ms"),
    ("cut\nin", "cut_in"),
    ("outcome", "outcome"),
)
"""The same for live runs: what a client sees; its three parts add up to the total."""

TRUNCATION_COLUMNS = (
    ("claims", "policy"),
    ("generated", "generated_ms"),
    ("heard", "heard_ms"),
    ("kept", "kept_ms"),
    ("error", "truncation_error_ms"),
    ("phantom\nwords", "phantom_words"),
    ("forgotten\nwords", "forgotten_words"),
    ("stop", "stop_latency_ms"),
)
"""Heading and column of `Run.truncations`."""

BARGE_IN_HEADINGS = (
    "stopped",
    "missed",
    "falsely\nstopped by",
    "over-\nlap",
    "talked\nover",
    "refused\nclaims",
    "phantom\ntokens",
)
"""What the table of barge-ins tells of each run; the last is what later responses were
billed to read of audio that nobody heard."""


def latency_table(finished: Iterable[Finished]) -> Table:
    """Return where the wait of each caller turn went, in milliseconds."""
    runs = list(finished)
    live = any(each.run.is_live for each in runs)
    return _table(
        "Response latency, ms: from the caller's last word to the first word heard",
        LIVE_COLUMNS if live else LATENCY_COLUMNS,
        ((each.name, rows(each.run.latency)) for each in runs),
    )


def truncation_table(finished: Iterable[Finished]) -> Table:
    """Return the ledger of interrupted answers, in milliseconds and words."""
    return _table(
        "Interrupted answers, ms: heard by the caller, kept by the model",
        TRUNCATION_COLUMNS,
        ((each.name, rows(each.run.truncations)) for each in finished),
    )


def barge_in_table(finished: Iterable[Finished]) -> Table:
    """Return how often the agent stopped when it should, and when it should not."""
    table = plain_table(
        "Barge-ins: how often the agent stopped, and what for; overlap in ms"
    )
    table.add_column("conversation", overflow="fold", vertical="bottom")
    for heading in BARGE_IN_HEADINGS:
        table.add_column(heading, justify="right", vertical="bottom")
    for each in finished:
        told = each.run.summary
        first, *more = false_barge_ins(told)
        values = (
            told.stopped_barge_ins,
            told.missed_barge_ins,
            first,
            told.overlap_ms,
            None if told.talk_over_rate is None else f"{told.talk_over_rate:.1%}",
            told.refused,
            told.billed_phantom_tokens,
        )
        table.add_row(each.name, *map(_text, values))
        for cause in more:
            table.add_row("", "", "", cause)
    return table


def false_barge_ins(told: Summary) -> list[str]:
    """Return how many there were of each cause; at least one line."""
    if told.false_barge_ins is None:
        return ["-"]
    counts = ((getattr(told, f"false_by_{cause}"), cause) for cause in FALSE_CAUSES)
    return [f"{count} {cause}" for count, cause in counts if count] or ["0"]


def _table(
    title: str,
    columns: Sequence[tuple[str, str]],
    sections: Iterable[tuple[str, list[Row]]],
) -> Table:
    table = plain_table(title)
    table.add_column("conversation", overflow="fold", vertical="bottom")
    for heading, _ in columns:
        table.add_column(heading, justify="right", vertical="bottom")
    for name, found in sections:
        for number, row in enumerate(found):
            shown = name if number == 0 else ""
            table.add_row(shown, *(_text(row[column]) for _, column in columns))
        table.add_section()
    return table


def plain_table(title: str) -> Table:
    """Return an empty table without a frame, its title to the left."""
    return Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),  # 80 columns are enough for names of 13
    )


def table_console() -> Console:
    """Return the standard output, of a fixed width where it is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = FILE_COLUMNS
    return console


def print_table(table: Table) -> None:
    """Print a table; where a terminal is too narrow, its lines run over whole.

    A number broken into two lines of its cell would be read as another number.
    """
    console = table_console()
    roomy = console.options.update_width(FILE_COLUMNS)
    least = console.measure(table, options=roomy).minimum
    console.width = max(console.width, least)
    console.print(table)


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else ""
        case float():
            return str(round(value))
        case _:
            return str(value)


def rows(frame: Any) -> list[Row]:
    """Return the rows of a DataFrame as plain values; what is missing is None."""
    found: list[Row] = json.loads(frame.to_json(orient="records"))
    return found


def summary(finished: Finished) -> Row:
    """Return what `--json` prints about one run."""
    told = finished.run.manifest
    return {
        "name": finished.name,
        "run_id": finished.run.run_id,
        **{key: told[key] for key in ("live", "drive") if key in told},
        "folder": str(finished.folder),
        "timeline": str(finished.timeline),
        "latency": rows(finished.run.latency),
        "truncations": rows(finished.run.truncations),
        "barge_ins": rows(finished.run.barge_ins),
        "playback": rows(finished.run.playback),
        "stages": rows(finished.run.stages),
        "summary": msgspec.to_builtins(finished.run.summary),
        "failures": failures(finished),
    }


def print_tables(finished: Sequence[Finished], *, waits_of: int | None = None) -> None:
    """Print the tables and where the runs lie to the standard output.

    Args:
        finished: the runs.
        waits_of: how many of them, from the first, the table of latencies shows.
    """
    console = table_console()
    console.print(latency_table(finished[:waits_of]))
    console.print()
    if any(len(each.run.truncations) for each in finished):
        console.print(truncation_table(finished))
    else:
        console.print("No answer was interrupted.")
    for line in filter(None, map(refusals, finished)):
        typer.echo(line)
    if any(len(each.run.barge_ins) for each in finished):
        console.print()
        console.print(barge_in_table(finished))
    for each in finished:
        for line in failures(each):
            typer.echo(f"{each.name}: {line}.")
    costs = [cost(each) for each in finished if each.run.is_live]
    for line in costs:
        typer.echo(f"\n{line}")
    typer.echo(f"\n{speed(finished)} Run folders and timelines:")
    for each in finished:  # not by rich: paths are for copying, so never wrapped
        typer.echo(f"{each.folder}  {each.timeline}")


def refusals(finished: Finished) -> str:
    """Return how many claims the server refused, and in what words; empty if none."""
    said = finished.run.truncations["refused"].dropna()
    if said.empty:
        return ""
    number = "a claim was" if len(said) == 1 else f"{len(said)} claims were"
    first = "" if said.nunique() == 1 else "the first "
    return f'{finished.name}: {number} refused, {first}with "{said.iloc[0]}".'


def failures(finished: Finished) -> list[str]:
    """Return what the agent's parts failed to do: the answers may not be its own."""
    told = []
    stages = finished.run.stages
    failed = stages[stages["problem"].notna()]
    for stage, problems in failed.groupby("stage", sort=False)["problem"]:
        number = "once" if len(problems) == 1 else f"{len(problems)} times"
        first = "" if problems.nunique() == 1 else "first "
        told.append(f"{stage} failed {number}, {first}because {problems.iloc[0]}")
    told.extend(
        f"semantic_vad took every turn for unfinished: {note.data['reason']}"
        for note in finished.run.log.of("server", "turn.semantic_unavailable")
    )
    return told


def cost(finished: Finished) -> str:
    """Return what a live run cost, and how punctual its microphone was."""
    live = finished.run.manifest["live"]
    spent, late = live["usage"]["cost_usd"], live["frames_late_ms"]
    price = "of unknown cost" if spent is None else f"{spent:.4f} USD"
    punctual = f"frames late by {late['p50']} ms (median), {late['max']} ms (worst)"
    return f"{finished.name}: live against {live['url']}, {price}, {punctual}."


def speed(finished: Iterable[Finished]) -> str:
    """Return how long the conversations are and how long they took to run."""
    runs = [each.run for each in finished]
    conversation_s = sum(run.manifest["conversation_s"] for run in runs)
    wall_s = sum(run.manifest["wall_s"] for run in runs)
    if any(run.manifest["clock"] == "wall" for run in runs):
        return f"{conversation_s:.0f} s of conversation in real time."
    return f"{conversation_s:.0f} s of conversation in {wall_s:.1f} s of computing."


def print_json(value: Any) -> None:
    """Print a value as JSON, readable and nothing else, to the standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
