"""`voicelab calibrate`: a latency profile, fitted to recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.cli.run_folders import run_folders
from voicelab.errors import InputError

if TYPE_CHECKING:
    from voicelab.calibration import Calibration

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
        Literal["moonshine", "whisper"] | None,
        typer.Option("--stt", help="The recogniser to measure; by default moonshine."),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            "--voice", metavar="NAME", help="The voice to measure; by default heart."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Fit a latency profile to recorded runs, or to this machine.

    Writes the profile, and prints measured beside fitted percentiles.
    """
    if cascade:
        if traces:
            raise InputError(
                "a cascade is measured here, not in runs",
                fix="leave out the runs, or --cascade",
            )
        _calibrate_cascade(
            stt or "moonshine",
            voice or "heart",
            name or out.stem,
            out,
            as_json=as_json,
        )
        return
    if stt is not None or voice is not None:
        raise InputError(
            "--stt and --voice are for measuring a cascade", fix="add --cascade"
        )
    if not traces:
        raise InputError("there is nothing to fit a profile to", fix="name run folders")
    from voicelab.calibration import calibrate as fit  # noqa: PLC0415 -- slow
    from voicelab.calibration import save_profile  # noqa: PLC0415 -- slow
    from voicelab.result import load_run  # noqa: PLC0415 -- slow

    folders = [folder for trace in traces for folder in run_folders(trace)]
    found = fit(map(load_run, folders), name=name or out.stem)
    save_profile(found.profile, out)
    if as_json:
        from voicelab.cli.tables import print_json  # noqa: PLC0415 -- slow

        print_json(_described(found, out))
    else:
        _print(found, out)


def _calibrate_cascade(
    stt: str, voice: str, name: str, out: Path, *, as_json: bool
) -> None:
    """Measure the stages on this machine; write the profile."""
    from voicelab.calibration.cascade import (  # noqa: PLC0415 -- slow
        calibrate_cascade,
        check_replaceable,
        save_cascade_profile,
    )

    check_replaceable(out)  # refused before the work, not after it
    found = calibrate_cascade(stt=stt, tts=voice, name=name)
    save_cascade_profile(found.profile, out)
    if as_json:
        import msgspec  # noqa: PLC0415 -- slow

        from voicelab.cli.tables import print_json, rows  # noqa: PLC0415 -- slow

        profile = msgspec.to_builtins(found.profile)
        quantities = rows(found.table)
        print_json({"file": str(out), "profile": profile, "quantities": quantities})
        return
    from voicelab.cli.frames import print_frame  # noqa: PLC0415 -- slow

    title = f"{found.profile.name}: {found.profile.source}"
    print_frame(title, found.table, _STAGE_COLUMNS, decimals=None)
    typer.echo(str(out))


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
