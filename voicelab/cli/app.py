"""The command line itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicelab import __version__
from voicelab.cli.endings import ends_cleanly
from voicelab.errors import EXIT_CHECK_FAILED

if TYPE_CHECKING:
    from voicelab.scenario import Scenario

app = typer.Typer(
    help="A laboratory for real-time voice agents.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help starts in half the time
    pretty_exceptions_enable=False,
)

DEMO_SCENARIOS = ("dentist", "flight-change", "hotel-cafe", "dictation")
"""A barge-in, pauses and digits, a noisy room, a human caller."""

CONTRASTED_POLICIES = ("zero", "none")
"""Run once more with the first of them: what common shortcuts claim at a barge-in."""

Out = Annotated[Path, typer.Option(help="Where the run folders go.")]
Seed = Annotated[
    int | None, typer.Option(min=0, help="The seed of everything that is drawn.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")]
Paths = Annotated[
    list[str], typer.Argument(help="Scenario files, folders of them, bundled names.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="As if it stood in the file."),
]
SchemaOut = Annotated[Path | None, typer.Option(help="Write to this file instead.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicelab {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
]


@app.callback()
def common(*, version: Version = False) -> None:
    """Take the options that stand before a command."""


@app.command()
@ends_cleanly
def demo(
    *, out: Out = Path("runs"), seed: Seed = None, as_json: AsJson = False
) -> None:
    """Run four of the bundled conversations.

    Shows where each wait went and what was heard of interrupted answers; for one of
    them also what the model believes if the client claims something else.
    """
    from voicelab.cli import batch  # noqa: PLC0415 -- slow

    scenarios = batch.load_scenarios(DEMO_SCENARIOS, [], seed)
    contrasts = [
        scenario
        for policy in CONTRASTED_POLICIES
        for scenario in batch.load_scenarios(
            DEMO_SCENARIOS[:1], [f"client.truncation={policy}"], seed
        )
    ]
    _run(scenarios, out, as_json=as_json, contrasts=contrasts)


@app.command()
@ends_cleanly
def run(
    paths: Paths,
    *,
    out: Out = Path("runs"),
    settings: Settings = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Run scenarios in virtual time.

    Leaves a run folder and a timeline of each.
    """
    from voicelab.cli import batch  # noqa: PLC0415 -- slow

    scenarios = batch.load_scenarios(paths, settings or [], seed)
    _run(scenarios, out, as_json=as_json)


def _run(
    scenarios: Sequence[Scenario],
    out: Path,
    *,
    as_json: bool,
    contrasts: Sequence[Scenario] = (),
) -> None:
    """Run scenarios and print their tables; of contrasts only what was heard."""
    from voicelab.cli import batch, tables  # noqa: PLC0415 -- slow

    finished = batch.run_all([*scenarios, *contrasts], out)
    if as_json:
        tables.print_json([tables.summary(each) for each in finished])
    else:
        tables.print_tables(finished, waits_of=len(scenarios))


@app.command()
@ends_cleanly
def schema(*, out: SchemaOut = None) -> None:
    """Print the JSON schema of a scenario file."""
    import json  # noqa: PLC0415 -- slow

    from voicelab.scenario import json_schema  # noqa: PLC0415 -- slow

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", "utf-8")


@app.command()
@ends_cleanly
def doctor(*, as_json: AsJson = False) -> None:
    """Check that nothing is missing.

    Names the command that adds what is.
    """
    from voicelab.cli.doctor import examine, print_findings  # noqa: PLC0415 -- slow

    findings = examine()
    print_findings(findings, as_json=as_json)
    if any(finding.failed for finding in findings):
        raise typer.Exit(EXIT_CHECK_FAILED)
