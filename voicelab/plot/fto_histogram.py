"""How the floor changes hands: gaps and overlaps, against people's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from voicelab.errors import InputError
from voicelab.metrics.distributions import Bins, histogram
from voicelab.plot import style
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes
from voicelab.plot.figure import Plot
from voicelab.plot.labels import Labels
from voicelab.plot.tables import (
    Data,
    FloatArray,
    gather,
    groups,
    numbers,
    some_numbers,
)
from voicelab.plot.words import (
    MINUS,
    Quantile,
    ascii_number,
    count,
    known,
    plain,
    quantile_of,
)

BIN_MS = 100
HUMAN_MS = 200
"""About where people's offsets centre (Stivers et al. 2009; Levinson & Torreira
2015)."""

_NAME = "fto_histogram"
_FTO = "fto_ms"
_HUMAN = "people centre near 200 ms\n(Stivers 2009; Levinson & Torreira 2015)"
_HEIGHT_IN = 2.6
_SHOWN_MS = (-2500.0, 5000.0)
"""Where offsets beyond are counted at the edge and not drawn."""
_PARTIES = {
    "agent": (style.AGENT_HEARD, "", "agent takes over"),
    "caller": (style.USER, "////", "caller takes over"),
}
_ANY = (style.INK, "", "turns")


@dataclass(frozen=True, slots=True)
class Offsets:
    """The offsets of one party.

    Attributes:
        party: whose turns begin; empty if the table does not tell.
        offsets_ms: all of them.
        median: of them.
        bins: those that lie in view.
    """

    party: str
    offsets_ms: FloatArray
    median: Quantile
    bins: Bins | None


def fto_histogram(
    data: Data, *, party: str | None = None, ax: Axes | None = None
) -> Plot:
    """Draw how often the floor changed hands after which gap or overlap.

    Bins of 100 ms; the side of overlaps is shaded. The parties' bars are stacked:
    whose turn begins is who takes over.

    Args:
        data: runs, or their `turns` tables.
        party: `agent` or `caller` to draw that one's offsets only.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        InputError: there is no floor transfer, or a column is missing.
    """
    gathered = gather(data, _NAME, "turns")
    some_numbers(gathered.table, _FTO, _NAME)
    found = offsets_of(gathered.table, party)
    every = np.concatenate([each.offsets_ms for each in found])
    with style.context():
        margins = Margins(top_in=0.3)
        axes = own_axes(_HEIGHT_IN, margins) if ax is None else adopted(ax)
        _draw(axes, found, every)
        turns = gathered.table if party is None else _rows_of(gathered.table, party)
        n = f"n = {count(len(every), 'floor transfer')} of {count(len(turns), 'turn')}"
        footer(axes, [n, f"bins of {BIN_MS} ms", *gathered.told], margins)
    return finished(axes, _digest(found, every))


def offsets_of(table: pd.DataFrame, party: str | None) -> list[Offsets]:
    """Return the offsets by party, those in view counted in bins.

    Raises:
        InputError: the party has no offset.
    """
    by = "party" if "party" in table.columns or party is not None else None
    rows = table if party is None else _rows_of(table, party)
    parts = groups(rows, by, _NAME, len(_PARTIES) + 1)
    some_numbers(rows, _FTO, _NAME)
    found = []
    for name in sorted(parts):
        values = known(numbers(parts[name], _FTO, _NAME))
        if len(values):
            low, high = _SHOWN_MS
            shown = values[(values >= low) & (values < high)]
            bins = histogram(shown, BIN_MS) if len(shown) else None
            found.append(Offsets(name, values, quantile_of(values, 0.5), bins))
    return found


def _rows_of(table: pd.DataFrame, party: str) -> pd.DataFrame:
    chosen = groups(table, "party", _NAME, len(_PARTIES) + 1).get(party)
    if chosen is None:
        raise InputError(
            f"no turn is the {party}'s", path=_NAME, fix="take agent or caller"
        )
    return chosen


def _draw(axes: Axes, found: Sequence[Offsets], every: FloatArray) -> None:
    low, high = _limits(found)
    axes.set_xlim(low, high)
    heights = _stack(axes, found)
    axes.set_ylim(0, max(max(heights.values(), default=1) * 1.5, 3))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("floor transfer offset (next onset less previous end), ms")
    axes.set_ylabel(f"turns per {BIN_MS} ms")
    axes.axvspan(low, 0, color=style.OVERLAP, alpha=0.13, linewidth=0, gid="overlap")
    axes.axvline(0, color=style.INK, linewidth=0.8, gid="zero")
    axes.axvline(
        HUMAN_MS, color=style.THRESHOLD, linewidth=1.2, linestyle="--", gid="human"
    )
    _name_sides(axes)
    _beyond(axes, every)
    _label(axes, found, heights)


def _limits(found: Sequence[Offsets]) -> tuple[float, float]:
    edges = [each.bins.edges for each in found if each.bins is not None]
    low = min([-600.0, *(float(each[0]) for each in edges)])
    high = max([1200.0, *(float(each[-1]) for each in edges)])
    return low - BIN_MS, high + BIN_MS


def _stack(axes: Axes, found: Sequence[Offsets]) -> dict[float, float]:
    """Draw the bars, one party's on the other's; return the height at each bin."""
    heights: dict[float, float] = {}
    for each in found:
        if each.bins is None:
            continue
        color, hatch, _ = _PARTIES.get(each.party, _ANY)
        left, counts = each.bins.edges[:-1], each.bins.counts
        foot = [heights.get(float(x), 0.0) for x in left]
        bars = axes.bar(
            left,
            counts,
            BIN_MS,
            bottom=foot,
            align="edge",
            color=color,
            edgecolor="white",
            linewidth=0.5,
            hatch=hatch,
            zorder=2,
        )
        for bar in bars:
            bar.set_gid(f"bar-{each.party}")
        for x, below, n in zip(left, foot, counts, strict=True):
            heights[float(x)] = below + float(n)
    return heights


def _name_sides(axes: Axes) -> None:
    """Write on either side of zero what it means."""
    above = axes.get_xaxis_transform()
    for x_pt, side, text in (
        (-4, "right", "overlap \N{LEFTWARDS ARROW}"),
        (4, "left", "\N{RIGHTWARDS ARROW} gap"),
    ):
        axes.annotate(
            text,
            xy=(0, 1),
            xycoords=above,
            xytext=(x_pt, 3),
            textcoords="offset points",
            ha=side,
            va="bottom",
            annotation_clip=False,
        )


def _beyond(axes: Axes, every: FloatArray) -> None:
    """Say at the edges how many offsets lie outside the view."""
    low, high = _SHOWN_MS
    for x, side, n, text in (
        (0.0, "left", int((every < low).sum()), f"below {MINUS}{-low / 1000:g} s"),
        (1.0, "right", int((every >= high).sum()), f"at {high / 1000:g} s or more"),
    ):
        if n:
            axes.annotate(
                f"{n} {text}",
                xy=(x, 1),
                xycoords="axes fraction",
                xytext=(0, 3),
                textcoords="offset points",
                ha=side,
                va="bottom",
                gid="beyond",
                annotation_clip=False,
            )


def _label(axes: Axes, found: Sequence[Offsets], heights: dict[float, float]) -> None:
    """Mark the medians, and name parties and the human reference."""
    top = axes.get_ylim()[1]
    rules = [np.array([(x, 0), (x, top)]) for x in (0.0, HUMAN_MS)]
    bars = [
        np.array([(x + BIN_MS * part, 0), (x + BIN_MS * part, height)])
        for x, height in heights.items()
        for part in (0.05, 0.35, 0.65, 0.95)
    ]
    labels = Labels(axes, lines=[*rules, *bars])
    low, high = axes.get_xlim()
    for each in found:
        color, _, name = _PARTIES.get(each.party, _ANY)
        median = each.median.value or 0.0
        at = min(max(median, low), high)
        bin_left = float(np.floor(at / BIN_MS) * BIN_MS)
        y = heights.get(bin_left, 0.0) + 0.04 * top
        axes.plot(
            [at],
            [y],
            "v",
            color=color,
            markersize=6,
            gid=f"median-{each.party}",
            markeredgecolor="white",
            zorder=5,
        )
        text = f"{name}: median {plain(median)} ms (n = {len(each.offsets_ms)})"
        labels.beside((at, y), text, color=color, gid="median")
    labels.beside((HUMAN_MS, 0.97 * top), _HUMAN, color=style.THRESHOLD, gid="human")


def _digest(found: Sequence[Offsets], every: FloatArray) -> str:
    parts = [f"FtoHistogram n={len(every)}"]
    for each in found:
        named = f"{each.party}_median" if each.party else "median"
        parts.append(f"{named}={ascii_number(each.median.value or 0)} ms")
    parts.append(f"overlaps={int((every < 0).sum())}")
    return " ".join(parts)
