"""`voicelab curve`: how much waiting buys how few cut-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicelab.cli.batch import Progress, progress
from voicelab.cli.endings import ends_cleanly
from voicelab.errors import EXIT_CHECK_FAILED, CurveError
from voicelab.record.whole_file import check_target, write_output

if TYPE_CHECKING:
    import pandas as pd

    from voicelab.curves import Best, Curve, CurveRow

DEFAULT_BUDGET = 0.02
"""Of cut-ins, where none is given; then nothing fails if no setting keeps to it."""

_COLUMNS = {
    "detector": "detector",
    "codec": "codec",
    "noise": "noise",
    "snr_db": "SNR\ndB",
    "threshold": "thresh-\nold",
    "silence_duration_ms": "si-\nlence",
    "prefix_padding_ms": "pad-\nding",
    "eagerness": "eager-\nness",
    "cut_in_percent": "cut\nin %",
    "cut_in_interval": "95 %\ninterval",
    "endpointing_delay_p50_ms": "delay\np50",
    "endpointing_delay_p95_ms": "delay\np95",
    "missed_turns": "mis-\nsed",
    "merged_turns": "mer-\nged",
    "false_turns": "false",
    "marks": "",
}
"""Column and heading; `cut_in_percent`, `cut_in_interval` and `marks` are made here."""

_CONDITION = ("detector", "codec", "noise", "snr_db", "prefix_padding_ms", "eagerness")
"""Shown only where they differ."""

_LEGEND = """\
cut in: turns inside which an endpoint fell, with a Wilson interval
delay: from the end of a turn until the server says so, ms; - where turns are too few
missed, merged: turns without an endpoint of their own; false: turns out of nothing
Shown: settings that no other beats in both (of equals the one with the lowest p95),
and the API's default."""


@ends_cleanly
def curve(
    conversations: Annotated[
        list[str],
        typer.Argument(
            metavar="CONVERSATION",
            help="Scenario files, bundled names, folders of either scenarios or "
            "labelled recordings.",
        ),
    ],
    *,
    detector: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="silero (the default), webrtc, energy, or semantic_vad. May repeat.",
        ),
    ] = None,
    threshold: Annotated[
        list[float] | None,
        typer.Option(metavar="SCORE", help="A threshold to try. May be repeated."),
    ] = None,
    silence: Annotated[
        list[int] | None,
        typer.Option(metavar="MS", help="A silence duration. May be repeated."),
    ] = None,
    padding: Annotated[
        list[int] | None,
        typer.Option(metavar="MS", help="A prefix padding. May be repeated."),
    ] = None,
    eagerness: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Of semantic_vad. May be repeated."),
    ] = None,
    transcribed: Annotated[
        bool,
        typer.Option(
            "--transcribed", help="Let semantic_vad go by the labels' words, too."
        ),
    ] = False,
    codec: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="In place of the scenarios'. May repeat."),
    ] = None,
    noise: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="In place of the scenarios'. May repeat."),
    ] = None,
    snr: Annotated[
        list[str] | None,
        typer.Option(metavar="DB", help="Speech over noise, or none. May repeat."),
    ] = None,
    max_cut_in_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            help=f"The budget of the best setting, by default {DEFAULT_BUDGET}. If it "
            "is given and no setting keeps to it, the exit code is 1.",
        ),
    ] = None,
    max_missed_rate: Annotated[
        float,
        typer.Option(
            metavar="RATE",
            help="How many turns the best setting may miss, or take for one with the "
            "next.",
        ),
    ] = 1.0,
    part: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="PART",
            help="For each speaker, conversation, codec or noise by itself.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Write the whole table to this file."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, nothing else.")
    ] = False,
) -> None:
    """Compare settings of turn detection over many calls.

    Works out what each setting would decide, exactly as whole runs would have it:
    cut-ins against the wait.
    """
    from voicelab.curves import operating_curve  # noqa: PLC0415 -- slow
    from voicelab.curves.choice import Budget  # noqa: PLC0415 -- slow

    budget = DEFAULT_BUDGET if max_cut_in_rate is None else max_cut_in_rate
    Budget(budget, max_missed_rate)  # refused before the work, not after it
    if out is not None:
        check_target(out)
    _check_detectors(
        detector or [],
        for_semantic={"--eagerness": eagerness, "--transcribed": transcribed},
        for_others={"--threshold": threshold, "--silence": silence},
    )
    settings = _given(
        detectors=detector,
        thresholds=threshold,
        silences_ms=silence,
        paddings_ms=padding,
        eagerness=eagerness,
        transcribed=transcribed or None,
        codecs=codec,
        noise=noise,
        snrs_db=None if snr is None else [_level(each) for each in snr],
    )
    with ExitStack() as shown:
        found = operating_curve(conversations, progress=_Bar(shown), **settings)
    table = found.table if part is None else found.by(part)  # type: ignore[arg-type]
    if out is not None:
        write_output(out, [table.to_csv(index=False)], what="table")
    best, why_none = _best(found, budget, max_missed_rate)
    if as_json:
        _print_json(table, best, why_none)
    else:
        _print(found, table, part)
        typer.echo(_described(best) if best is not None else f"No best: {why_none}.")
        if out is not None:
            typer.echo(f"\n{out}")
    if best is None and max_cut_in_rate is not None:
        raise typer.Exit(EXIT_CHECK_FAILED)


class _Bar:
    """Shows on a terminal which conversation is listened to.

    Args:
        shown: ends the bar with itself.
    """

    def __init__(self, shown: ExitStack) -> None:
        self._shown = shown
        self._bar: Progress | None = None

    def __call__(self, name: str, total: int) -> None:
        """Say what is listened to now; what came before it is done."""
        if self._bar is None:
            self._bar = self._shown.enter_context(progress(total))
        else:
            self._bar.advance()
        self._bar.begin(name)


def _check_detectors(
    names: Sequence[str],
    *,
    for_semantic: Mapping[str, object],
    for_others: Mapping[str, object],
) -> None:
    """Check that no option is given that no detector goes by.

    Raises:
        CurveError: one is.
    """
    from voicelab.curves.grid import SEMANTIC  # noqa: PLC0415 -- slow

    idle: Mapping[str, object] = {}
    fix = f"add --detector {SEMANTIC}"
    if SEMANTIC not in names:
        idle = for_semantic
    elif set(names) == {SEMANTIC}:
        idle, fix = for_others, "add --detector silero, or leave it out"
    for option, value in idle.items():
        if value:
            raise CurveError("none of the detectors goes by it", path=option, fix=fix)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _level(text: str) -> float | None:
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        raise CurveError(
            f"{text!r} is no level", path="--snr", fix="give decibels, or none"
        ) from None


def _best(
    curve: Curve, max_cut_in_rate: float, max_missed_rate: float
) -> tuple[Best | None, str | None]:
    """Return the best setting, or why there is none.

    It is the best by the 95th percentile if that is known of all, else by the median.
    """
    from voicelab.curves.choice import DELAYS  # noqa: PLC0415 -- slow

    median, p95 = DELAYS
    told = all(getattr(row, p95) is not None for row in curve.rows)
    by = p95 if told else median
    try:
        best = curve.best(
            max_cut_in_rate=max_cut_in_rate, max_missed_rate=max_missed_rate, by=by
        )
    except CurveError as error:
        return None, str(error)
    return best, None


def _print_json(table: pd.DataFrame, best: Best | None, why_none: str | None) -> None:
    import msgspec  # noqa: PLC0415 -- slow

    from voicelab.cli.tables import print_json, rows  # noqa: PLC0415 -- slow

    print_json(
        {
            "rows": rows(table),
            "best": msgspec.to_builtins(best),
            "why_no_best": why_none,
        }
    )


def _print(curve: Curve, table: pd.DataFrame, part: str | None) -> None:
    from voicelab.cli.frames import print_frame  # noqa: PLC0415 -- slow

    groups = [*([] if part is None else [part]), "codec", "noise", "snr_db"]
    shown = _shown(table, list(dict.fromkeys(groups)))
    differ = {name for name in _CONDITION if table[name].astype(str).unique().size > 1}
    hidden = set(_CONDITION) - differ - {part}
    columns = {name: head for name, head in _COLUMNS.items() if name not in hidden}
    if part is not None:
        columns = {part: part, **columns}
    title = (
        f"Turn detection: {_count(curve.settings, 'setting')}, "
        f"{_count(curve.conversations, 'conversation')} with "
        f"{_count(curve.turns, 'turn')}, {_count(curve.conditions, 'condition')}"
    )
    print_frame(title, shown, columns)
    typer.echo(f"{_LEGEND}\n")


def _shown(table: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Return the front of each group and the default, the fastest first.

    Of settings on the front with the same cut-ins and the same median, the one with
    the lowest 95th percentile stands for all.
    """
    p50, p95 = "endpointing_delay_p50_ms", "endpointing_delay_p95_ms"
    told = table[table["is_front"] | table["is_default"]]
    told = told.sort_values([*groups, p50, p95], kind="stable", na_position="first")
    repeats = told.duplicated([*groups, "cut_in_rate", p50])
    shown = told[~repeats | told["is_default"]].copy()
    shown["cut_in_percent"] = shown["cut_in_rate"] * 100
    shown["cut_in_interval"] = [
        f"{low:.0%} to {high:.0%}"
        for low, high in zip(shown["cut_in_low"], shown["cut_in_high"], strict=True)
    ]
    shown["marks"] = shown["is_default"].map({True: "default", False: ""})
    return shown


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _described(best: Best) -> str:
    worst = best.rows[0]
    return (
        f"Fastest with at most {best.max_cut_in_rate:.1%} cut-ins: {_setting(best)}.\n"
        f"It cuts in on {worst.cut_in_rate:.1%} of the turns ({_bounds(worst)}) and "
        f"waits {_waits(worst)}{_where(best.rows)}; "
        f"{worst.missed_rate:.1%} of them have no endpoint of their own.\n"
        f"{_sureness(best)}"
    )


def _setting(best: Best) -> str:
    if best.eagerness is not None:
        return f"{best.detector}, eagerness {best.eagerness}"
    return (
        f"{best.detector}, threshold {best.threshold:g}, "
        f"{best.silence_duration_ms} ms of silence, "
        f"{best.prefix_padding_ms} ms of padding"
    )


def _bounds(row: CurveRow) -> str:
    return f"{row.cut_in_low:.1%} to {row.cut_in_high:.1%}"


def _waits(row: CurveRow) -> str:
    p50, p95 = row.endpointing_delay_p50_ms, row.endpointing_delay_p95_ms
    told = [f"{p50:.0f} ms in the median"] if p50 is not None else []
    return " and ".join([*told, *([f"{p95:.0f} ms at p95"] if p95 is not None else [])])


def _where(rows: Sequence[CurveRow]) -> str:
    return f" in the slowest of {len(rows)} conditions" if len(rows) > 1 else ""


def _sureness(best: Best) -> str:
    if best.is_sure:
        return "The upper bounds, too, are within the budget."
    return "An upper bound is above the budget: only more turns would make it sure."
