"""`voicelab calibrate`: a latency profile, fitted to recorded runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicelab.cli.chat_options import ChatKeyEnv, ChatModel, endpoint_data
from voicelab.cli.endings import ends_cleanly
from voicelab.cli.run_folders import run_folders
from voicelab.errors import InputError

if TYPE_CHECKING:
    from voicelab.calibration import Calibration
    from voicelab.calibration.cascade import CascadeCalibration
    from voicelab.responders.chat.options import ChatEndpoint

_COLUMNS = {
    "quantity": "quantity",
    "n": "n",
    "cut_short": "cut\nshort",
    "distribution": "kind",
    "sigma": "sigma",
    "ks_distance": "KS",
    **{
        f"p{percent}_{side}": f"p{percent}\n{heading}"
        for percent in (10, 50, 90, 95)
        for side, heading in (("measured", "seen"), ("fitted", "fit"))
    },
}

_STAGE_COLUMNS = {
    "quantity": "quantity",
    "n": "n",
    "p50": "p50",
    "p90": "p90",
    "p95": "p95",
    "distribution": "kind",
    "ks_distance": "KS",
}


@ends_cleanly
def calibrate(
    traces: Annotated[
        list[Path] | None,
        typer.Argument(metavar="TRACE", help="Run folders, or folders of them."),
    ] = None,
    *,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Where the profile goes; a fitted one that is there is replaced.",
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The profile's name; by default that of the file."
        ),
    ] = None,
    cascade: Annotated[
        bool,
        typer.Option(
            "--cascade", help="Measure a cascade's stages on this machine instead."
        ),
    ] = False,
    stt: Annotated[
        str | None,
        typer.Option(
            "--stt",
            metavar="NAME",
            help="The recogniser to measure: moonshine (default) or whisper.",
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            "--voice", metavar="NAME", help="The voice to measure; by default heart."
        ),
    ] = None,
    chat_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The base URL of a chat endpoint to measure; by default the bundled "
            "rules are measured.",
        ),
    ] = None,
    chat_model: ChatModel = None,
    chat_key_env: ChatKeyEnv = None,
    chat_requests: Annotated[
        int | None,
        typer.Option(
            min=3,
            max=200,
            metavar="N",
            help="How often it is asked, which may cost money; by default 21 times.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Fit a latency profile to recorded runs, or to this machine.

    Writes the profile, and prints measured beside fitted percentiles.
    """
    for_cascade = {
        "--stt": stt,
        "--voice": voice,
        "--chat-url": chat_url,
        "--chat-model": chat_model,
        "--chat-key-env": chat_key_env,
        "--chat-requests": chat_requests,
    }
    if cascade:
        _check_no_runs(traces)
        measured = {
            "stt": stt or "moonshine",
            "tts": voice or "heart",
            "name": name or out.stem,
            **_chat(chat_url, chat_model, chat_key_env, chat_requests),
        }
        _calibrate_cascade(measured, out, as_json=as_json)
        return
    _refuse_without_cascade(for_cascade)
    if not traces:
        raise InputError("there is nothing to fit a profile to", fix="name run folders")
    from voicelab.calibration import calibrate as fit  # noqa: PLC0415 -- slow
    from voicelab.calibration import save_profile  # noqa: PLC0415 -- slow
    from voicelab.record.whole_file import check_target  # noqa: PLC0415 -- slow
    from voicelab.result import load_run  # noqa: PLC0415 -- slow

    check_target(out)  # refused before the work, not after it
    folders = [folder for trace in traces for folder in run_folders(trace)]
    found = fit(map(load_run, folders), name=name or out.stem)
    save_profile(found.profile, out)
    if as_json:
        from voicelab.cli.tables import print_json  # noqa: PLC0415 -- slow

        print_json(_described(found, out))
    else:
        _print(found, out)


def _check_no_runs(traces: list[Path] | None) -> None:
    if traces:
        raise InputError(
            "a cascade is measured here, not in runs",
            fix="leave out the runs, or --cascade",
        )


def _refuse_without_cascade(options: Mapping[str, object]) -> None:
    for name, value in options.items():
        if value is not None:
            raise InputError(f"{name} is for measuring a cascade", fix="add --cascade")


def _chat(
    url: str | None, model: str | None, key_env: str | None, requests: int | None
) -> dict[str, Any]:
    """Return the endpoint to measure, and how often; nothing where none is named."""
    if (url, model, key_env, requests) == (None, None, None, None):
        return {}
    from voicelab.calibration.chat_stage import (  # noqa: PLC0415 -- slow
        DEFAULT_REQUESTS,
    )
    from voicelab.document import document_of, fit  # noqa: PLC0415 -- slow
    from voicelab.responders.chat.options import ChatEndpoint  # noqa: PLC0415 -- slow

    data = endpoint_data(
        url, model, key_env, otherwise="neither, to measure the bundled rules"
    )
    endpoint = fit(document_of(data, InputError), ChatEndpoint)
    return {"endpoint": endpoint, "requests": requests or DEFAULT_REQUESTS}


def _calibrate_cascade(measured: dict[str, Any], out: Path, *, as_json: bool) -> None:
    """Measure the stages on this machine; write the profile."""
    from voicelab.calibration.cascade import (  # noqa: PLC0415 -- slow
        calibrate_cascade,
        check_replaceable,
        save_cascade_profile,
    )

    check_replaceable(out)  # refused before the work, not after it
    if "endpoint" in measured:
        _say_asking(measured["endpoint"], measured["requests"])
    found = calibrate_cascade(**measured)
    save_cascade_profile(found.profile, out)
    if as_json:
        _print_cascade_json(found, out)
        return
    from voicelab.cli.frames import print_frame  # noqa: PLC0415 -- slow

    title = f"{found.profile.name}: {found.profile.source}"
    print_frame(title, found.table, _STAGE_COLUMNS, decimals=None)
    for note in found.notes:
        typer.echo(f"Note: {note}.")
    typer.echo(str(out))


def _say_asking(endpoint: ChatEndpoint, requests: int) -> None:
    """Say what is to be asked, and that it may cost money; nothing without a key."""
    from voicelab.responders.chat.client import EndpointChat  # noqa: PLC0415 -- slow

    EndpointChat(endpoint).check_key()
    typer.echo(
        f"Asking {endpoint.model} at {endpoint.host} {requests} times, which may cost "
        "money.",
        err=True,
    )


def _print_cascade_json(found: CascadeCalibration, out: Path) -> None:
    import msgspec  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import print_json, rows  # noqa: PLC0415 -- slow

    print_json(
        {
            "file": str(out),
            "profile": msgspec.to_builtins(found.profile),
            "quantities": rows(found.table),
            "notes": list(found.notes),
        }
    )


def _described(found: Calibration, out: Path) -> dict[str, Any]:
    """Return what `--json` prints."""
    import msgspec  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import rows  # noqa: PLC0415 -- slow

    return {
        "file": str(out),
        "profile": msgspec.to_builtins(found.profile),
        "quantities": rows(found.table),
        "responses": dict(found.observed.outcomes),
        "notes": found.notes,
    }


def _print(found: Calibration, out: Path) -> None:
    from voicelab.cli.frames import print_frame  # noqa: PLC0415 -- slow

    profile = found.profile
    print_frame(
        f"{profile.name}: {profile.source}", found.table, _COLUMNS, decimals=None
    )
    typer.echo(f"Chunks, ms: {', '.join(map(str, profile.chunk_ms))}, and so on.")
    for note in found.notes:
        typer.echo(f"Note: {note}.")
    typer.echo(f"\n{out}")
