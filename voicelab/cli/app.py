"""The command line itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicelab import __version__
from voicelab.cli.bridge import bridge
from voicelab.cli.calibrate import calibrate
from voicelab.cli.check import check
from voicelab.cli.compare import compare
from voicelab.cli.curve import curve
from voicelab.cli.dotenv_file import DotenvCommand
from voicelab.cli.drive import drive
from voicelab.cli.endings import ends_cleanly
from voicelab.cli.export import export
from voicelab.cli.label import label
from voicelab.cli.policies import policies
from voicelab.cli.report import report
from voicelab.cli.serve import serve
from voicelab.cli.sweep import sweep
from voicelab.cli.words import words
from voicelab.errors import EXIT_CHECK_FAILED

if TYPE_CHECKING:
    from voicelab.lab.endpoint import Endpoint
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

Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the run folders go.")]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="The seed of everything that is drawn; by default the scenario's.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")]
Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="SCENARIO", help="Scenario files, folders of them, bundled names."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="As if it stood in the file. May be repeated.",
    ),
]
Live = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="Run on the wall clock against this Realtime server."
    ),
]
Model = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The model to ask a live server for."),
]
KeyVariable = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The environment variable that holds the server's key; for "
        "api.openai.com it is OPENAI_API_KEY unless named.",
    ),
]
Headers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="'NAME: VALUE'",
        help="A further header for a live server. May be repeated.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="Certificates to trust a live server by."),
]
MaxCost = Annotated[
    float | None,
    typer.Option(metavar="USD", min=0, help="Stop when the runs have cost this much."),
]
Prices = Annotated[
    Path | None, typer.Option(metavar="YAML", help="A price table of your own.")
]
Compared = Annotated[
    bool,
    typer.Option(
        "--compare",
        help="Instead run five of them through speech-to-speech models and a stitched "
        "pipeline. Leaves one figure, no run folders.",
    ),
]
Profiles = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Compare this one, a latency or cascade profile by name or path. May be "
        "repeated.",
    ),
]
SchemaOut = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write to this file instead.")
]


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
    *,
    out: Out = Path("runs"),
    seed: Seed = None,
    as_json: AsJson = False,
    compare: Compared = False,
    profile: Profiles = None,
) -> None:
    """Run four of the bundled conversations.

    Shows where each wait went and what was heard of interrupted answers; for one of
    them also what the model believes if the client claims something else.
    """
    if compare or profile:
        from voicelab.cli import architectures  # noqa: PLC0415 -- slow

        architectures.compare(profile or (), out, seed, as_json=as_json)
        return
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
    live: Live = None,
    model: Model = None,
    api_key_env: KeyVariable = None,
    header: Headers = None,
    tls_ca: CaFile = None,
    max_cost: MaxCost = None,
    prices: Prices = None,
) -> None:
    """Run scenarios in virtual time, or live against a server.

    Leaves a run folder and a timeline of each. Live, one run is one connection: it is
    never made again, and what was recorded until it broke off is kept.
    """
    from voicelab.cli import batch  # noqa: PLC0415 -- slow
    from voicelab.cli.live import (  # noqa: PLC0415 -- slow
        endpoint,
        notes_on,
        refuse_without_live,
    )

    scenarios = batch.load_scenarios(paths, settings or [], seed)
    for_live = {
        "--model": model,
        "--api-key-env": api_key_env,
        "--header": header,
        "--tls-ca": tls_ca,
        "--max-cost": max_cost,
        "--prices": prices,
    }
    if live is None:
        refuse_without_live(for_live)
        _run(scenarios, out, as_json=as_json)
        return
    for note in notes_on(scenarios):
        typer.echo(f"Note: {note}.", err=True)
    target = endpoint(
        live,
        model=model,
        key_variable=api_key_env,
        headers=header or [],
        ca_file=tls_ca,
        prices=prices,
        max_cost_usd=max_cost,
    )
    _run(scenarios, out, as_json=as_json, endpoint=target)


def _run(
    scenarios: Sequence[Scenario],
    out: Path,
    *,
    as_json: bool,
    contrasts: Sequence[Scenario] = (),
    endpoint: Endpoint | None = None,
) -> None:
    """Run scenarios and print their tables; of contrasts only what was heard.

    If one breaks off, those before it are printed all the same.
    """
    from voicelab.cli import batch, tables  # noqa: PLC0415 -- slow

    finished = []
    try:
        for each in batch.run_all([*scenarios, *contrasts], out, endpoint):
            finished.append(each)  # noqa: PERF402 -- kept if the next one raises
    finally:
        if finished and as_json:
            tables.print_json([tables.summary(each) for each in finished])
        elif finished:
            tables.print_tables(finished, waits_of=len(scenarios))


app.command()(serve)
app.command(cls=DotenvCommand)(bridge)
app.command()(drive)
app.command()(compare)
app.command()(check)
app.command()(export)
app.command()(curve)
app.command()(sweep)
app.command()(calibrate)
app.command()(policies)
app.command()(words)
app.command()(label)
app.command()(report)


@app.command()
@ends_cleanly
def schema(*, out: SchemaOut = None) -> None:
    """Print the JSON schema of a scenario file."""
    import json  # noqa: PLC0415 -- slow

    from voicelab.record.whole_file import (  # noqa: PLC0415 -- slow
        check_target,
        write_output,
    )
    from voicelab.scenario import json_schema  # noqa: PLC0415 -- slow

    if out is not None:
        check_target(out)
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        write_output(out, [text, "\n"], what="schema")


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
