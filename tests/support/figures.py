"""What stands in a figure: its texts with their places, and its artists by name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from voicelab.metrics import PARTS, STAGES
from voicelab.plot import Plot, style

_SLACK_PX = 0.5


def all_axes(figure: Figure) -> list[Axes]:
    """Return the axes of a figure, those inside others among them."""
    found = list(figure.axes)
    for axes in found:
        found += [child for child in axes.child_axes if isinstance(child, Axes)]
    return found


def named(plot: Plot, name: str) -> list[Any]:
    """Return the artists that are called so, in the order in which they were made."""
    return [
        artist
        for axes in all_axes(plot.figure)
        for artist in axes.get_children()
        if artist.get_gid() == name
    ]


def words(plot: Plot) -> str:
    """Return all texts of a figure, a line each."""
    return "\n".join(text.get_text() for text in _texts(plot.figure))


def boxes(plot: Plot) -> list[tuple[str, Bbox]]:
    """Return each text with where it is drawn, in pixels."""
    figure = plot.figure
    figure.set_dpi(style.SCREEN_DPI)
    with style.context():
        figure.draw_without_rendering()  # puts ticks and labels into their places
        renderer = RendererAgg(1, 1, figure.dpi)  # type: ignore[no-untyped-call]
        return [
            (text.get_text(), Text.get_window_extent(text, renderer))
            for text in _texts(figure)
        ]


def collisions(plot: Plot) -> list[str]:
    """Return which texts stand on one another, or beyond the edge of the figure."""
    found = []
    placed = boxes(plot)
    for (one, first), (other, second) in combinations(placed, 2):
        if first.padded(-_SLACK_PX).overlaps(second.padded(-_SLACK_PX)):
            found.append(f"{one!r} and {other!r}")
    page = plot.figure.bbox.padded(_SLACK_PX)
    found += [
        f"{text!r} is cut"
        for text, box in placed
        if not (page.x0 <= box.x0 and box.x1 <= page.x1)
        or not (page.y0 <= box.y0 and box.y1 <= page.y1)
    ]
    return found


def smallest_font(plot: Plot) -> float:
    """Return the size of the smallest text, in points."""
    return min(float(text.get_fontsize()) for text in _texts(plot.figure))


def _texts(figure: Figure) -> list[Text]:
    found: list[Artist] = [*figure.texts]
    for axes in all_axes(figure):
        found += axes.texts
        found += [axes.title, *_titles(axes)]
        if axes.axison:
            found += list(_of_axis(axes))
    return [
        text
        for text in found
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip()
    ]


def _titles(axes: Axes) -> list[Artist]:
    sides = {"left", "right"}
    return [getattr(axes, f"_{side}_title") for side in sorted(sides)]


def _of_axis(axes: Axes) -> Iterator[Artist]:
    for axis in (axes.xaxis, axes.yaxis):
        yield axis.label
        update: Any = getattr(axis, "_update_ticks")  # noqa: B009 -- private
        for tick in update():
            yield tick.label1
            yield tick.label2


def latency_table(
    n: int, *, seed: int = 1, cut_ins: float = 0.1, silent: float = 0.1, name: str = "x"
) -> pd.DataFrame:
    """Return made-up latencies, with cut-ins and turns that got no answer."""
    draw = np.random.default_rng(seed)
    early = draw.random(n) < cut_ins
    parts = {
        "uplink": draw.uniform(5, 60, n),
        "endpointing_delay": np.where(
            early, -draw.uniform(100, 900, n), draw.normal(520, 20, n)
        ),
        "server_ttfb": draw.lognormal(np.log(300), 0.4, n),
        "downlink": draw.uniform(5, 60, n),
        "playout_delay": np.full(n, 80.0),
    }
    table = pd.DataFrame({f"{part}_ms": parts[part] for part in PARTS})
    table["response_latency_ms"] = table.sum(axis=1)
    table["turn"] = range(n)
    table["cut_in"] = early
    unheard = draw.random(n) < silent
    reasons = draw.choice(["unanswered", "merged", "interrupted"], n)
    heard = np.where(early, "cut_in", "answered")
    table["outcome"] = np.where(unheard, reasons, heard)
    lost = [f"{part}_ms" for part in PARTS] + ["response_latency_ms"]
    table.loc[unheard, lost] = np.nan
    table["conversation"] = [f"{name}-{index // 6}" for index in range(n)]
    return table.assign(seed=seed)


def stage_table(
    n: int, *, staged: bool = True, seed: int = 1, **settings: Any
) -> pd.DataFrame:
    """Return made-up latencies by stage, of a cascade or of one model."""
    whole = latency_table(n, seed=seed, **settings)
    server = whole.pop("server_ttfb_ms")
    shares = {"stt": 0.3, "chat": 0.5, "tts": 0.2} if staged else {}
    parts = {f"{stage}_ms": server * shares.get(stage, np.nan) for stage in STAGES}
    return whole.assign(server_rest_ms=0 * server if staged else server, **parts)
