"""The command that drives somebody's bridge."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import InputError

if TYPE_CHECKING:
    from voicelab.cli.batch import Finished
    from voicelab.lab.drive.upstream import Upstream

Url = Annotated[
    str,
    typer.Argument(metavar="URL", help="Where the bridge takes calls."),
]
ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file or a bundled name.")
]
Kind = Annotated[
    Literal["browser", "elks", "twilio"],
    typer.Option("--as", help="What the bridge's far side is."),
]
Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the run folder goes.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="As if it stood in the file. May be repeated.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="The seed of everything that is drawn; by default the scenario's.",
    ),
]
ServeHost = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Where the bridge finds its server.")
]
ServePort = Annotated[
    int, typer.Option(min=1, max=65535, metavar="PORT", help="And at which port.")
]
ServeKeyVariable = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The environment variable with the key that the bridge must have; "
        "needed where others than this machine can reach the server.",
    ),
]
Rate = Annotated[
    int | None,
    typer.Option(
        metavar="HZ",
        help="The audio's rate that a browser asks the bridge for; by default it "
        "asks for none, and 16000 holds.",
    ),
]
TokenVariable = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The environment variable with the token that a browser says.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="Certificates to trust the bridge by."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")]


@ends_cleanly
def drive(
    url: Url,
    scenario: ScenarioName,
    *,
    kind: Kind,
    out: Out = Path("runs"),
    settings: Settings = None,
    seed: Seed = None,
    serve_host: ServeHost = "127.0.0.1",
    serve_port: ServePort = 8765,
    serve_key_env: ServeKeyVariable = None,
    rate: Rate = None,
    token_env: TokenVariable = None,
    tls_ca: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Drive a bridge: be its caller and its server.

    Plays the browser page, or the telephone provider, against the bridge at URL, and
    a Realtime server at the port to which the bridge must be pointed. Leaves a run
    folder with what the caller heard and what the model was told, item by item.
    """
    from voicelab.cli import batch, tables  # noqa: PLC0415 -- slow
    from voicelab.lab.drive.bridge import Bridge  # noqa: PLC0415 -- slow

    bridge = Bridge(kind, url, rate, _secret(token_env, "--token-env"), tls_ca)
    serve_key = _secret(serve_key_env, "--serve-key-env")
    _refuse_open(serve_host, serve_key)
    finished = batch.drive_one(
        batch.load_one(scenario, settings or [], seed),
        out,
        bridge,
        serve_at=(serve_host, serve_port),
        serve_key=serve_key,
        on_listening=_begin,
    )
    if as_json:
        tables.print_json([tables.summary(finished)])
        return
    tables.print_tables([finished])
    _print_findings(finished)


def _secret(variable: str | None, option: str) -> str | None:
    """Return what an environment variable holds; it is never shown.

    Raises:
        InputError: it holds nothing, or what was given is no name.
    """
    if variable is None:
        return None
    from voicelab.document import (  # noqa: PLC0415 -- slow
        check_variable_name,
        variable_in_words,
    )

    check_variable_name(variable, option)
    value = os.environ.get(variable, "").strip()
    if not value:
        raise InputError(
            f"{variable_in_words(variable)} is empty",
            fix=f"export it, or name another with {option}",
        )
    return value


def _refuse_open(serve_host: str, serve_key: str | None) -> None:
    """Refuse a server that anybody could use.

    Raises:
        InputError: others than this machine can reach it, and it has no key.
    """
    from voicelab.serve.options import is_loopback  # noqa: PLC0415 -- slow

    if serve_key is None and not is_loopback(serve_host):
        raise InputError(
            f"listening on {serve_host or 'every address'!r} without a key would let "
            "anybody in",
            fix="name the variable that holds one with --serve-key-env, or leave "
            "--serve-host out",
        )


def _begin(upstream: Upstream) -> None:
    """Say where the server is, and from now on whom it turns away, and why."""
    from voicelab.serve.logs import configure_logging  # noqa: PLC0415 -- slow

    configure_logging("text", "warning")
    typer.echo(
        f"The bridge's server is at {upstream.url} (OPENAI_BASE_URL="
        f"{upstream.http_url}).",
        err=True,
    )


def _print_findings(finished: Finished) -> None:
    """Print one line about each thing that the bridge did wrong."""
    from voicelab.lab.drive.findings import as_sentence  # noqa: PLC0415 -- slow

    for found in finished.run.manifest["drive"]["findings"]:
        typer.echo(as_sentence(found["what"], found["times"]))
