"""`voicelab label`: labels for a recording that has none."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.errors import LabelError

if TYPE_CHECKING:
    from voicelab.cli.progress import Bar
    from voicelab.labelling import Labelling


@ends_cleanly
def label(
    recording: Annotated[
        Path, typer.Argument(metavar="CALL.wav", help="A WAV or FLAC file.")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where the labels go; by default beside the recording, as .json.",
        ),
    ] = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=CHANNEL",
            help="Who is on a channel: caller=0, agent=1. May be repeated.",
        ),
    ] = None,
    recogniser: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="whisper (with word times), moonshine (text only) or none; by "
            "default whisper where it is installed.",
        ),
    ] = None,
    vad: Annotated[
        str,
        typer.Option(metavar="NAME", help="silero, silero-onnx, webrtc or energy."),
    ] = "silero",
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Label a recording: who spoke when, and what.

    Turns by voice activity, words by a recogniser; of two channels the first is taken
    for the caller's. Says what is uncertain. English only.
    """
    from voicelab import labelling  # noqa: PLC0415 -- slow

    target = labelling.label_file_of(recording) if out is None else out
    labelling.check_free(target, force=force, recording=recording)
    with _bar() as bar:
        found = labelling.label(
            recording,
            speakers=_speakers(speaker or []),
            recogniser=recogniser,
            vad=vad,
            progress=None if bar is None else bar.show,
        )
    found.save(target, force=force)
    if as_json:
        _print_json(found, target)
    else:
        _print(found, target)


def _speakers(settings: list[str]) -> dict[str, int]:
    told: dict[str, int] = {}
    for setting in settings:
        name, equals, channel = setting.partition("=")
        if not equals or not channel.isdecimal() or name in told:
            raise LabelError(
                f"--speaker {setting} tells no channel, or tells it twice",
                fix="say it as caller=0 or agent=1",
            )
        told[name] = int(channel)
    return told


def _bar() -> AbstractContextManager[Bar | None]:
    """Return a bar on a terminal; nothing where nobody looks at it."""
    if not sys.stderr.isatty():
        return nullcontext()
    from voicelab.cli.progress import Bar  # noqa: PLC0415 -- slow

    return Bar(1)


def _print(found: Labelling, target: Path) -> None:
    typer.echo(f"{found.recording}: {found.summary}")
    for note in found.notes:
        typer.echo(f"Note: {note}.")
    typer.echo(target)


def _print_json(found: Labelling, target: Path) -> None:
    import msgspec  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import print_json  # noqa: PLC0415 -- slow

    print_json(
        {
            "file": str(target),
            "recogniser": found.recogniser,
            "vad": found.vad,
            "duration_ms": found.duration_ms,
            "turns": [msgspec.to_builtins(row) for row in found.rows],
            "notes": list(found.notes),
        }
    )
