"""`voicelab export`: a run in the format of another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.cli.run_folders import run_folder


@ends_cleanly
def export(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A run folder, or a folder with one."),
    ],
    *,
    to: Annotated[
        list[str],
        typer.Option(
            metavar="FORMAT",
            help="audacity, textgrid, rttm, perfetto or lhotse. May be repeated.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where the files go.")
    ] = Path("export"),
) -> None:
    """Write a run in the format of another program.

    Audacity labels, a TextGrid for Praat, RTTM, a trace for Perfetto, or manifests of
    lhotse. Prints the files that it wrote.
    """
    from voicelab import exporters  # noqa: PLC0415 -- slow
    from voicelab.result import load_run  # noqa: PLC0415 -- slow

    for each in to:
        exporters.check_format(each)
    chosen = load_run(run_folder(run))
    for each in to:
        for file in exporters.export(chosen, each, out):
            typer.echo(file)
