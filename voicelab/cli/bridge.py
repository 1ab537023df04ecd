"""The command that bridges a page or a telephone to a Realtime server."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from voicelab.cli.bridge_kinds import maker_of, settings_of
from voicelab.cli.dotenv_file import environment
from voicelab.cli.endings import ends_cleanly
from voicelab.errors import MissingPartError

if TYPE_CHECKING:
    from voicelab.serve.bridges.server import BridgeServer
    from voicelab.serve.bridges.settings import BridgeSettings

PREFIX = "VOICELAB_BRIDGE_"
"""What the environment variables of all options begin with."""

_PARTS = {"fastapi": "fastapi", "uvicorn": "uvicorn", "dotenv": "python-dotenv"}

# The defaults are literals so that help need not load the server; a test holds them
# equal to the settings' own.
Kind = Annotated[
    Literal["browser", "elks", "twilio"],
    typer.Argument(help="Who has the caller: a page, 46elks or Twilio."),
]
Host = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS", envvar=PREFIX + "HOST", help="The address to listen on."
    ),
]
Port = Annotated[
    int,
    typer.Option(
        min=0,
        max=65535,
        metavar="PORT",
        envvar=PREFIX + "PORT",
        help="The port; 0 takes a free one.",
    ),
]
UpstreamUrl = Annotated[
    str,
    typer.Option(
        "--upstream",
        metavar="URL",
        envvar=PREFIX + "UPSTREAM",
        help="The Realtime server behind the bridge.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", envvar=PREFIX + "MODEL", help="The model to ask it for."
    ),
]
KeyVariable = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar=PREFIX + "API_KEY_ENV",
        help="The variable that holds its key; for api.openai.com it is "
        "OPENAI_API_KEY unless named.",
    ),
]
Headers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="'NAME: VALUE'", help="A further header for it. May be repeated."
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        metavar="PEM",
        envvar=PREFIX + "TLS_CA",
        help="Certificates to trust it by.",
    ),
]
SessionFile = Annotated[
    Path | None,
    typer.Option(
        "--session",
        metavar="FILE",
        envvar=PREFIX + "SESSION",
        help="A GA session object, YAML or JSON.",
    ),
]
SessionSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="session.KEY=VALUE",
        help="As if it stood in the file. May be repeated.",
    ),
]
Instructions = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        envvar=PREFIX + "INSTRUCTIONS",
        help="What the agent is told to do.",
    ),
]
Voice = Annotated[
    str | None,
    typer.Option(metavar="NAME", envvar=PREFIX + "VOICE", help="The agent's voice."),
]
Transcription = Annotated[
    str,
    typer.Option(
        metavar="MODEL",
        envvar=PREFIX + "TRANSCRIPTION",
        help="What transcribes the caller, unless the session says; '' for nothing.",
    ),
]
AgentBegins = Annotated[
    bool,
    typer.Option(
        "--agent-begins",
        envvar=PREFIX + "AGENT_BEGINS",
        help="The agent speaks first.",
    ),
]
Truncation = Annotated[
    str,
    typer.Option(
        metavar="POLICY",
        envvar=PREFIX + "TRUNCATION",
        help="What is claimed to have been heard at a barge-in.",
    ),
]
Record = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        envvar=PREFIX + "RECORD",
        help="Keep each call as a run folder in here.",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar=PREFIX + "TOKEN",
        help="What the caller's side has to know; better given as a variable.",
    ),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--origin",
        metavar="ORIGIN",
        envvar=PREFIX + "ORIGIN",
        help="Let in web pages of this other origin, or of all (*). May be repeated.",
    ),
]
MaxCalls = Annotated[
    int,
    typer.Option(
        min=1,
        metavar="N",
        envvar=PREFIX + "MAX_CALLS",
        help="How many calls may be held at once.",
    ),
]
IdleTimeout = Annotated[
    float,
    typer.Option(
        min=1,
        metavar="SECONDS",
        envvar=PREFIX + "IDLE_TIMEOUT",
        help="How long the caller's side may send nothing.",
    ),
]
DrainSeconds = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="SECONDS",
        envvar=PREFIX + "DRAIN_SECONDS",
        help="How long calls may go on at exit.",
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        metavar="USD",
        min=0,
        envvar=PREFIX + "MAX_COST",
        help="End a call that has cost this much.",
    ),
]
Prices = Annotated[
    Path | None,
    typer.Option(
        metavar="YAML", envvar=PREFIX + "PRICES", help="A price table of your own."
    ),
]
LogFormatName = Annotated[
    Literal["text", "json"],
    typer.Option(
        "--log-format", envvar=PREFIX + "LOG_FORMAT", help="How a log line looks."
    ),
]
LogLevelName = Annotated[
    Literal["debug", "info", "warning", "error"],
    typer.Option(
        "--log-level",
        envvar=PREFIX + "LOG_LEVEL",
        help="The least important lines of the log.",
    ),
]
ElksFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        envvar=PREFIX + "FORMAT",
        help="elks: pcm_24000 (unless given), pcm_16000, pcm_8000, ulaw or alaw.",
    ),
]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar=PREFIX + "PUBLIC_URL",
        help="twilio: where Twilio finds the bridge, such as https://voice.example.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Say where the bridge listens in JSON.")
]


@ends_cleanly
def bridge(
    kind: Kind,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    upstream: UpstreamUrl = "ws://127.0.0.1:8765/v1/realtime",
    model: Model = None,
    api_key_env: KeyVariable = None,
    header: Headers = None,
    tls_ca: CaFile = None,
    session: SessionFile = None,
    settings: SessionSettings = None,
    instructions: Instructions = None,
    voice: Voice = None,
    transcription: Transcription = "gpt-4o-mini-transcribe",
    agent_begins: AgentBegins = False,
    truncation: Truncation = "played",
    record: Record = None,
    token: Token = None,
    origins: Origins = None,
    max_calls: MaxCalls = 20,
    idle_timeout: IdleTimeout = 60,
    drain_seconds: DrainSeconds = 10,
    max_cost: MaxCost = None,
    prices: Prices = None,
    format_name: ElksFormat = None,
    public_url: PublicUrl = None,
    log_format: LogFormatName = "text",
    log_level: LogLevelName = "info",
    as_json: AsJson = False,
) -> None:
    """Bridge a browser, or a telephone, to a Realtime server.

    Every option may also be set in the environment or in a .env file here, under
    VOICELAB_BRIDGE_ and its name. It says where it listens on the standard output,
    logs to the standard error output, and stops at Ctrl-C or SIGTERM.
    """
    _need_parts()
    from voicelab.cli.live import endpoint  # noqa: PLC0415 -- slow
    from voicelab.record.folder import check_writable  # noqa: PLC0415 -- slow
    from voicelab.serve.bridges.server import serve_bridge  # noqa: PLC0415 -- slow
    from voicelab.serve.bridges.session_file import (  # noqa: PLC0415 -- slow
        session_object,
    )
    from voicelab.serve.bridges.settings import CallSettings  # noqa: PLC0415 -- slow
    from voicelab.serve.logs import configure_logging  # noqa: PLC0415 -- slow

    target = endpoint(
        upstream,
        model=model,
        key_variable=api_key_env,
        headers=header or [],
        ca_file=tls_ca,
        prices=prices,
        max_cost_usd=max_cost,
        environment=environment(),
    )
    calls = CallSettings(
        endpoint=target,
        session=session_object(
            session,
            settings or (),
            instructions=instructions,
            voice=voice,
            transcription=transcription or None,
        ),
        policy=truncation,
        agent_begins=agent_begins,
        record=record,
        idle_timeout_s=idle_timeout,
    )
    shared = {
        "calls": calls,
        "host": host,
        "port": port,
        "token": token,
        "origins": tuple(origins or ()),
        "max_calls": max_calls,
        "drain_s": drain_seconds,
    }
    told = settings_of(
        kind,
        shared,
        format_name=format_name,
        public_url=public_url,
        environment=environment(),
    )
    if record is not None:
        check_writable(record)  # told now, not when the first call comes in
    make = maker_of(kind)
    configure_logging(log_format, log_level)

    def announce(server: BridgeServer) -> None:
        _announce(kind, server, told, as_json=as_json)

    serve_bridge(lambda: make(told), announce)


def _need_parts() -> None:
    """Say what is not installed, if anything.

    Raises:
        MissingPartError: the extra `bridges` is not, or not whole.
    """
    missing = [
        name for module, name in _PARTS.items() if not importlib.util.find_spec(module)
    ]
    if missing:
        raise MissingPartError(
            f"the bridges need {' and '.join(missing)}, not installed here",
            fix="pip install 'voicelab-realtime[bridges]'",
        )


def _announce(
    kind: str, server: BridgeServer, settings: BridgeSettings, *, as_json: bool
) -> None:
    """Say where the bridge listens, at once: others wait for it."""
    from voicelab.lab.endpoint import shown_url  # noqa: PLC0415 -- slow

    upstream = shown_url(settings.calls.endpoint.target)
    told: dict[str, Any] = {
        "kind": kind,
        "port": server.port,
        "upstream": upstream,
        "token_needed": settings.token is not None,
        **server.places,
    }
    if as_json:
        typer.echo(json.dumps(told))
        return
    for name, url in server.places.items():
        typer.echo(f"{name.removesuffix('_url').capitalize()}: {url}")
    typer.echo(f"Upstream: {upstream}")
    if settings.token is not None:
        typer.echo("Callers need the token.")
