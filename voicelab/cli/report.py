"""`voicelab report`: runs on one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voicelab.cli.endings import ends_cleanly

_BYTES_PER_MB = 1_000_000


@ends_cleanly
def report(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", help="Run folders, or folders of run folders."),
    ],
    *,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The page that is written.")
    ] = Path("report.html"),
    sound: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="How recordings are kept in it: mp3, flac (exact, larger) or none.",
        ),
    ] = "mp3",
) -> None:
    """Show runs on one HTML page, with figures and sound.

    The file needs nothing beside it and fetches nothing: it can be sent, kept and
    printed.
    """
    from voicelab import reports  # noqa: PLC0415 -- slow

    page = reports.report(runs, out, sound=sound)
    typer.echo(f"{page}  {page.stat().st_size / _BYTES_PER_MB:.1f} MB")
