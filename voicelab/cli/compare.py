"""`voicelab compare`: two runs of one scenario, event by event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicelab.cli.endings import ends_cleanly
from voicelab.cli.run_folders import run_folder
from voicelab.errors import EXIT_CHECK_FAILED

if TYPE_CHECKING:
    import pandas as pd

    from voicelab.metrics.comparison import Comparison

MAX_ROWS = 20
"""Of lists that can grow long, no more is printed; `--json` holds all."""

_TIMING = {
    "lane": "lane",
    "type": "type",
    "n": "n",
    "median_ms": "median",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "worst_ms": "worst",
    "later_ms": "b later",
}
_UNMATCHED = {
    "run": "run",
    "lane": "lane",
    "type": "type",
    "n": "n",
    "subject": "first",
}
_ORDER = {
    "where": "where",
    "first": "first in a",
    "second": "first in b",
    "apart_a_ms": "apart\nin a",
    "apart_b_ms": "apart\nin b",
}
_VALUES = {
    "type": "type",
    "subject": "subject",
    "field": "field",
    "a": "a",
    "b": "b",
    "difference": "b - a",
}
_SETTINGS = {"path": "setting", "a": "a", "b": "b"}

Limit = Annotated[
    float | None,
    typer.Option(min=0, metavar="MS", help="Fail if the row all is above it."),
]


@ends_cleanly
def compare(
    a: Annotated[
        Path,
        typer.Argument(metavar="RUN_A", help="A run folder, or a folder with one."),
    ],
    b: Annotated[
        Path, typer.Argument(metavar="RUN_B", help="Another run of the same scenario.")
    ],
    *,
    max_median_ms: Limit = None,
    max_p99_ms: Limit = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Compare two runs of one scenario, event by event.

    Tells whether the order of events is equal, how far apart they are, and what
    differs besides time. Exit code 1 if the order differs or a limit is exceeded.
    """
    from voicelab.cli import tables  # noqa: PLC0415 -- slow
    from voicelab.metrics.comparison import compare_runs  # noqa: PLC0415 -- slow
    from voicelab.result import load_run  # noqa: PLC0415 -- slow

    comparison = compare_runs(load_run(run_folder(a)), load_run(run_folder(b)))
    limits = {"median_ms": max_median_ms, "p99_ms": max_p99_ms}
    exceeded = list(_exceeded(comparison, limits))
    if as_json:
        tables.print_json(_described(comparison, exceeded))
    else:
        _print(comparison, exceeded)
    if exceeded or not comparison.same_order:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _exceeded(comparison: Comparison, limits: dict[str, float | None]) -> Iterator[str]:
    """Yield what is worse than it may be; nothing in common is worse than any limit."""
    for name, limit in limits.items():
        if limit is None:
            continue
        label = name.removesuffix("_ms")
        if comparison.overall is None:
            yield f"No event is in common, so the {label} is not known."
        elif getattr(comparison.overall, name) > limit:
            found = getattr(comparison.overall, name)
            yield f"The {label} is {found:.3f} ms, above the limit of {limit:g} ms."


def _described(comparison: Comparison, exceeded: list[str]) -> dict[str, Any]:
    """Return what `--json` prints."""
    from voicelab.cli.tables import rows  # noqa: PLC0415 -- slow

    return {
        "same_order": comparison.same_order,
        "verdict": comparison.verdict(),
        "exceeded": exceeded,
        "server_lane": comparison.has_server,
        "timing": rows(comparison.timing),
        "unmatched": rows(comparison.unmatched),
        "order": rows(comparison.order),
        "values": rows(comparison.values),
        "settings": rows(comparison.settings),
    }


def _words_first(values: pd.DataFrame) -> pd.DataFrame:
    """Put positions last: there are many, and one late turn moves all after it."""
    return values.sort_values("difference", key=lambda it: it.notna(), kind="stable")


def _print(comparison: Comparison, exceeded: Sequence[str]) -> None:
    from voicelab.cli.frames import print_frame  # noqa: PLC0415 -- slow

    print_frame(
        "|t_b - t_a| by type, ms (percentiles by the nearest rank)",
        comparison.timing,
        _TIMING,
    )
    for title, frame, columns in (
        ("Only in one run", comparison.unmatched, _UNMATCHED),
        ("Out of order (apart in ms)", comparison.order, _ORDER),
        ("What differs besides time", _words_first(comparison.values), _VALUES),
        ("Settings that differ", comparison.settings, _SETTINGS),
    ):
        print_frame(title, frame, columns, most=MAX_ROWS)
    for sentence in (comparison.verdict(), *exceeded):
        typer.echo(sentence)
