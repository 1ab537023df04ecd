"""The command that serves."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from voicelab.cli.chat_options import ChatKeyEnv, ChatModel, ChatUrl
from voicelab.cli.endings import ends_cleanly
from voicelab.cli.serve_agents import (
    ResponderOption,
    RulesOption,
    StageOptions,
    SttOption,
    VoiceOption,
    make_sessions,
)
from voicelab.errors import InputError

if TYPE_CHECKING:
    import ssl

    from voicelab.protocol.dialect import Dialect
    from voicelab.serve import RealtimeServer
    from voicelab.serve.tls import SelfSigned

KEY_VARIABLE = "VOICELAB_API_KEY"

# The defaults are literals so that help need not load the server; a test holds them
# equal to the server's own.
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")]
Port = Annotated[
    int,
    typer.Option(
        min=0, max=65535, metavar="PORT", help="The port; 0 takes a free one."
    ),
]
ScenarioFile = Annotated[
    str | None,
    typer.Option(metavar="NAME|FILE", help="Answer as the agent of this scenario."),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="How fast the agent is; by default measured-median, or the scenario's.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="The seed of all that is drawn; by default 0, or the scenario's.",
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="KIND[:KEY=VALUE,...]",
        help="What is to go wrong on purpose. May be repeated.",
    ),
]
ApiKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--api-key",
        metavar="KEY",
        envvar=KEY_VARIABLE,
        help="A key that lets clients in. May be repeated.",
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", metavar="NAME", help="Serve this model only. May be repeated."
    ),
]
AllowedOrigins = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="ORIGIN",
        help="Let in web pages of this origin, or of all (*). May be repeated.",
    ),
]
DialectName = Annotated[
    Literal["ga", "beta"], typer.Option("--dialect", help="What the clients speak.")
]
TlsCert = Annotated[
    Path | None, typer.Option(metavar="PEM", help="The certificate to serve with.")
]
TlsKey = Annotated[Path | None, typer.Option(metavar="PEM", help="Its private key.")]
TlsSelfSigned = Annotated[
    bool, typer.Option("--tls-self-signed", help="Make a certificate for this run.")
]
TlsSaveCert = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="Save the self-signed one, to be trusted."),
]
MaxSessions = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="How many sessions may run at once."),
]
SessionLimit = Annotated[
    int, typer.Option(min=1, metavar="SECONDS", help="When a session expires.")
]
IdleTimeout = Annotated[
    float | None,
    typer.Option(
        min=0.1, metavar="SECONDS", help="How long a client may send nothing."
    ),
]
DrainSeconds = Annotated[
    float,
    typer.Option(min=0, metavar="SECONDS", help="How long sessions may go on at exit."),
]
LogFormatName = Annotated[
    Literal["text", "json"], typer.Option("--log-format", help="How a log line looks.")
]
LogLevelName = Annotated[
    Literal["debug", "info", "warning", "error"],
    typer.Option("--log-level", help="The least important lines of the log."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Say where the server listens in JSON.")
]


@ends_cleanly
def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8765,
    responder: ResponderOption = None,
    scenario: ScenarioFile = None,
    stt: SttOption = None,
    voice: VoiceOption = None,
    rules: RulesOption = None,
    chat_url: ChatUrl = None,
    chat_model: ChatModel = None,
    chat_key_env: ChatKeyEnv = None,
    profile: Profile = None,
    seed: Seed = None,
    faults: Faults = None,
    api_keys: ApiKeys = None,
    models: Models = None,
    origins: AllowedOrigins = None,
    dialect: DialectName = "ga",
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_self_signed: TlsSelfSigned = False,
    tls_save_cert: TlsSaveCert = None,
    max_sessions: MaxSessions = 100,
    session_limit: SessionLimit = 3600,
    idle_timeout: IdleTimeout = None,
    drain_seconds: DrainSeconds = 10,
    log_format: LogFormatName = "text",
    log_level: LogLevelName = "info",
    as_json: AsJson = False,
) -> None:
    """Serve the Realtime protocol on a port.

    Any Realtime client can connect. It says where on the standard output, logs to the
    standard error output, and stops at Ctrl-C or SIGTERM.
    """
    from voicelab.record.whole_file import write_output  # noqa: PLC0415 -- slow
    from voicelab.serve import RealtimeServer, ServeOptions  # noqa: PLC0415 -- slow
    from voicelab.serve.logs import configure_logging  # noqa: PLC0415 -- slow
    from voicelab.serve.ports import check_port  # noqa: PLC0415 -- slow
    from voicelab.serve.tls import self_signed  # noqa: PLC0415 -- slow
    from voicelab.serve.until_told import serve_until_told  # noqa: PLC0415 -- slow

    _check_saved(tls_save_cert, is_made=tls_self_signed)
    certificate = self_signed(host) if tls_self_signed else None
    options = ServeOptions(
        host=host,
        port=port,
        api_keys=tuple(api_keys or ()),
        models=tuple(models or ()),
        origins=tuple(origins or ()),
        dialect=_dialect(dialect),
        tls=_tls(tls_cert, tls_key, certificate),
        max_sessions=max_sessions,
        idle_timeout_s=idle_timeout,
        drain_s=drain_seconds,
    )
    stages = StageOptions(
        stt=stt,
        voice=voice,
        rules=rules,
        chat_url=chat_url,
        chat_model=chat_model,
        chat_key_env=chat_key_env,
    )
    check_port(host, port)  # told now, not when the models are loaded
    sessions = make_sessions(
        responder,
        stages,
        scenario=scenario,
        profile=profile,
        seed=seed,
        lifetime_s=session_limit,
        faults=faults or [],
    )
    if certificate is not None and tls_save_cert is not None:
        write_output(tls_save_cert, [certificate.certificate], what="certificate")
    configure_logging(log_format, log_level)
    server = RealtimeServer(sessions, options)

    def announce() -> None:
        _announce(server, certificate, sessions.about, as_json=as_json)

    try:
        serve_until_told(server, announce)
    finally:
        sessions.threads.close()  # what waits in them would be done before it ends


def _dialect(name: str) -> Dialect:
    from voicelab.protocol.beta import BetaDialect  # noqa: PLC0415 -- slow
    from voicelab.protocol.dialect import GaDialect  # noqa: PLC0415 -- slow

    return BetaDialect() if name == BetaDialect.name else GaDialect()


def _tls(
    cert: Path | None, key: Path | None, own: SelfSigned | None
) -> ssl.SSLContext | None:
    from voicelab.serve.tls import context_from_files  # noqa: PLC0415 -- slow

    if cert is None and key is None:
        return None if own is None else own.context
    if own is not None:
        raise InputError(
            "a certificate is both given and to be made",
            fix="leave out --tls-self-signed or --tls-cert and --tls-key",
        )
    if cert is None or key is None:
        raise InputError("TLS needs --tls-cert and --tls-key", fix="give both")
    return context_from_files(cert, key)


def _check_saved(file: Path | None, *, is_made: bool) -> None:
    """Check where a certificate is to go, before it is made.

    Raises:
        InputError: there will be none, or it cannot go there.
    """
    from voicelab.record.whole_file import check_target  # noqa: PLC0415 -- slow

    if file is None:
        return
    if not is_made:
        raise InputError("there is no certificate to save", fix="add --tls-self-signed")
    check_target(file)


def _announce(
    server: RealtimeServer,
    certificate: SelfSigned | None,
    about: Mapping[str, str],
    *,
    as_json: bool,
) -> None:
    """Say where the server listens, at once: others wait for it; log who answers."""
    from voicelab.serve.logs import log  # noqa: PLC0415 -- slow

    log(logging.INFO, "agent", **about)
    keys_needed = bool(server.options.api_keys)
    told: dict[str, Any] = {
        "url": server.url,
        "base_url": server.http_url,
        "port": server.port,
        "api_key_needed": keys_needed,
        "agent": dict(about),
    }
    if certificate is not None:
        told["certificate_sha256"] = certificate.sha256
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"Listening on {server.url}")
    typer.echo(f"Base URL for OpenAI's client libraries: {server.http_url}")
    key = "one of those given" if keys_needed else "any"
    typer.echo(f"API key: {key}")
    agent = (f"{name.replace('_', ' ')} {value}" for name, value in about.items())
    typer.echo(f"Agent: {', '.join(agent)}")
    if certificate is not None:
        typer.echo(f"SHA-256 of the certificate: {certificate.sha256}")
