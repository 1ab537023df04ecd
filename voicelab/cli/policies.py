"""`voicelab policies`: what each truncation policy costs on each player."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicelab.cli.choices import check_choice
from voicelab.cli.endings import ends_cleanly
from voicelab.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from voicelab.metrics.policies import PolicyRow
    from voicelab.scenario import Scenario

_COLUMNS = {
    "n": "n",
    "truncation_error_p50_ms": "error\nmedian",
    "truncation_error_max_ms": "error\nworst",
    "phantom_words": "phantom\nwords",
    "forgotten_words": "forgotten\nwords",
    "refused": "refused",
    "stop_latency_p50_ms": "stop\nmedian",
}
"""Column and heading."""

_NOTHING = (
    "No answer was interrupted in any of these runs: there is nothing to compare.\n"
)

_VARIED = ("client.player", "client.truncation")

_LEGEND = """\
error: kept by the model less heard by the caller, of n interrupted answers
phantom, forgotten: words kept and never heard; heard and not kept, in all
stop: from the caller's onset to silence at the ear
-: fewer than three values, which have no median

What each policy claims was heard:"""


@ends_cleanly
def policies(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or bundled name.")
    ] = "interrupter",
    *,
    player: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this player. May be repeated."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this policy. May be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep the run folders here."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="As if it stood in the file. May be repeated.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="The seed of everything that is drawn; by default the scenario's.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Show what each truncation policy costs on each player.

    Runs a scenario with interrupted answers once for each pair, in virtual time: the
    same caller, the same agent, and another claim of what was heard.
    """
    import msgspec  # noqa: PLC0415 -- slow

    from voicelab.cli import batch, tables  # noqa: PLC0415 -- slow
    from voicelab.playback import PLAYERS, POLICIES  # noqa: PLC0415 -- slow

    _refuse_varied(settings or [])
    players = _chosen("--player", player, tuple(PLAYERS))
    named = _chosen("--policy", policy, tuple(POLICIES))
    chosen = batch.load_one(scenario, settings or [], seed)
    rows = _run(chosen, players, named, out)
    if as_json:
        found = [msgspec.to_builtins(row) for row in rows]
        tables.print_json({"name": chosen.name, "seed": chosen.seed, "rows": found})
        return
    tables.table_console().print(_table(chosen, rows))
    typer.echo()
    if not any(row.n for row in rows):
        typer.echo(_NOTHING)
    for line in _legend(named):
        typer.echo(line)


def _refuse_varied(settings: Sequence[str]) -> None:
    """Refuse a setting that every run would put another value in the place of."""
    for setting in settings:
        key = setting.partition("=")[0].strip()
        if key in _VARIED:
            option = "--player" if key == "client.player" else "--policy"
            raise InputError(
                "every value of it is in the table",
                path=key,
                fix=f"choose with {option} instead",
            )


def _chosen(option: str, asked: list[str] | None, known: Sequence[str]) -> list[str]:
    """Return the names asked for, in the order of those that there are."""
    for name in asked or ():
        check_choice(option[2:], name, known)
    return [name for name in known if not asked or name in asked]


def _run(
    scenario: Scenario, players: list[str], policies: list[str], out: Path | None
) -> list[PolicyRow]:
    """Run every pair; show how far it is on a terminal."""
    from voicelab.cli import batch  # noqa: PLC0415 -- slow
    from voicelab.facade import policy_rows  # noqa: PLC0415 -- slow

    rows = []
    with batch.progress(len(players) * len(policies)) as progress:
        progress.begin(scenario.name)
        for row in policy_rows(scenario, players, policies, out):
            rows.append(row)
            progress.advance()
    return rows


def _table(scenario: Scenario, rows: Iterable[PolicyRow]) -> Table:
    """Return the table, a section for each player."""
    from rich.text import Text  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import plain_table  # noqa: PLC0415 -- slow

    table = plain_table(f"{scenario.name}, seed {scenario.seed}: ms and words")
    table.add_column("player", vertical="bottom")
    table.add_column("policy", no_wrap=True, vertical="bottom")
    for heading in _COLUMNS.values():
        table.add_column(heading, justify="right", vertical="bottom")
    for player, found in groupby(rows, attrgetter("player")):
        for number, row in enumerate(found):
            shown = player if number == 0 else ""
            values = (_cell(getattr(row, name)) for name in _COLUMNS)
            table.add_row(shown, row.policy, *map(Text, values))
        table.add_section()
    return table


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{round(value):d}"
        case _:
            return str(value)


def _legend(policies: Iterable[str]) -> Iterable[str]:
    from voicelab.playback import POLICIES  # noqa: PLC0415 -- slow

    yield _LEGEND
    for name in policies:
        yield f"  {name:<24}{POLICIES[name].claims}"
