"""How long an answer of so many words takes to take in, by channel.

The numbers are those of `voicelab.modality`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from voicelab.errors import InputError
from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes, show_grid
from voicelab.plot.ends import name_ends
from voicelab.plot.figure import Plot
from voicelab.plot.labels import Labels
from voicelab.plot.tables import (
    Data,
    FloatArray,
    gather,
    groups,
    numbers,
    require,
    some_numbers,
)
from voicelab.plot.words import ascii_number, count, whole

_NAME = "rate_trade_off"
_COLUMNS = ("seconds_p50", "seconds_low", "seconds_high")
_HEIGHT_IN, _NAMES_IN = 3.4, 1.5
_TICKS = (1, 2, 5)

Mark: TypeAlias = tuple[float, float, float]
"""A length in words, and from where to where it may lie."""


def rate_trade_off(
    table: Data,
    *,
    break_even: pd.DataFrame | Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Plot:
    """Draw the seconds that an answer takes against its words, one line a channel.

    Args:
        table: `words`, `channel`, `seconds_p50`, `seconds_low` and `seconds_high`;
            the band lies between the last two.
        break_even: lengths to mark: what `voicelab.modality.break_even` gave
            (`channel`, `words_p50`, `words_low`, `words_high`), whose range is
            shaded, or words by what holds there.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: a column is missing, nothing is above 0, or there are more than
            eight channels.
    """
    gathered = gather(table, _NAME)
    require(gathered.table, ["words", "channel", *_COLUMNS], _NAME)
    channels = {
        name: lines_of(rows, name)
        for name, rows in groups(
            gathered.table, "channel", _NAME, len(style.SERIES)
        ).items()
    }
    marks = marks_of(break_even)
    with style.context():
        margins = Margins(right_in=_NAMES_IN, top_in=0.3)
        axes = own_axes(_HEIGHT_IN, margins) if ax is None else adopted(ax)
        _draw(axes, channels, marks)
        lengths = len(np.unique(gathered.table["words"]))
        n = f"n = {count(lengths, 'length')}, bands: seconds_low to seconds_high"
        footer(axes, [n, *gathered.told], margins)
    return finished(axes, _digest(channels, marks))


def marks_of(
    break_even: pd.DataFrame | Mapping[str, float] | None,
) -> dict[str, Mark]:
    """Return the lengths to mark by what holds from there on.

    Raises:
        InputError: a column is missing, or holds something else than numbers.
    """
    if break_even is None:
        return {}
    if not isinstance(break_even, pd.DataFrame):
        return {text: (words, words, words) for text, words in break_even.items()}
    columns = ("words_p50", "words_low", "words_high")
    require(break_even, ["channel", *columns], _NAME)
    spans = break_even[list(columns)].to_numpy(dtype=np.float64)
    return {
        f"{channel} is faster": (float(middle), float(low), float(high))
        for channel, (middle, low, high) in zip(
            break_even["channel"], spans, strict=True
        )
    }


def lines_of(rows: pd.DataFrame, name: str) -> FloatArray:
    """Return words, median, low and high of a channel by length; shape (n, 4).

    Raises:
        InputError: no row has words and seconds above 0.
    """
    where = f"{_NAME}: {name}"
    found = np.column_stack(
        [
            some_numbers(rows, "words", where),
            *(numbers(rows, column, where) for column in _COLUMNS),
        ]
    )
    there = (found[:, :2] > 0).all(axis=1)
    if not there.any():
        raise InputError("no length has words and seconds above 0", path=where)
    kept: FloatArray = found[there]
    return kept[np.argsort(kept[:, 0], kind="stable")]


def _draw(
    axes: Axes, channels: Mapping[str, FloatArray], marks: Mapping[str, Mark]
) -> None:
    every = np.concatenate(list(channels.values()))
    words = (float(every[:, 0].min()), float(every[:, 0].max()))
    positive = every[:, 1:][every[:, 1:] > 0]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(words[0] / 1.05, words[1] * 1.05)
    axes.set_ylim(float(positive.min()) / 1.15, float(positive.max()) * 1.15)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=_TICKS))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("length of the answer, words")
    axes.set_ylabel("time to take it in, s")
    show_grid(axes)
    for (name, lines), look in zip(channels.items(), style.SERIES, strict=False):
        x, middle, low, high = lines.T
        band = axes.fill_between(
            x, low, high, color=look.color, alpha=0.13, linewidth=0
        )
        band.set_gid(f"band-{name}")
        axes.plot(
            x,
            middle,
            color=look.color,
            linestyle=look.line,
            linewidth=1.5,
            marker=look.marker if len(x) == 1 else None,
            gid=f"line-{name}",
            zorder=3,
        )
    ends = {name: lines[:, :2] for name, lines in channels.items()}
    name_ends(axes, ends, _NAMES_IN, "channel")
    _mark(axes, channels, marks)


def _mark(
    axes: Axes, channels: Mapping[str, FloatArray], marks: Mapping[str, Mark]
) -> None:
    low, high = axes.get_xlim()
    foot = axes.get_ylim()[0] * 1.25
    labels = Labels(axes, lines=[lines[:, :2] for lines in channels.values()])
    for text, (words, least, most) in marks.items():
        if max(least, low) < min(most, high):
            span = axes.axvspan(
                max(least, low),
                min(most, high),
                color=style.THRESHOLD,
                alpha=0.1,
                linewidth=0,
                zorder=0,
            )
            span.set_gid("break-even-range")
        if not low <= words <= high:
            continue
        axes.axvline(
            words, color=style.THRESHOLD, linestyle="--", linewidth=1, gid="break-even"
        )
        told = f"{text} from {whole(words)} words"
        labels.beside((words, foot), told, color=style.THRESHOLD, gid="break-even")


def _digest(channels: Mapping[str, Any], marks: Mapping[str, Mark]) -> str:
    told: Sequence[str] = [
        f"{name}: {ascii_number(lines[-1, 1])} s at {ascii_number(lines[-1, 0])} words"
        for name, lines in channels.items()
    ]
    even = [f"{text} from {words:.0f} words" for text, (words, _, _) in marks.items()]
    return "RateTradeOff " + "; ".join([*told, *even])
