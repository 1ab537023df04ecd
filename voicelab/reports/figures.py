"""Figures within the page, as images: nothing in them can act on the page."""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

import matplotlib as mpl
from matplotlib.text import Text

from voicelab.errors import InputError, RunFormatError
from voicelab.plot import Plot, style
from voicelab.reports.markup import Markup, element

Data = TypeVar("Data")

MAX_SVG_BYTES = 700_000
"""A figure of an hour has a hundred thousand points: above this it becomes pixels."""

_PIXELS_DPI = 192

_COMMENT = re.compile(rb"<!--.*?-->\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Where a figure's time axis lies.

    Attributes:
        left: where it begins, as a share of the figure's width.
        right: where it ends.
        start_s: the instant at its left end.
        end_s: the instant at its right end.
    """

    left: float
    right: float
    start_s: float
    end_s: float


def time_axis(plot: Plot) -> TimeAxis:
    """Return where the first axes of a figure lie, and which instants they span."""
    axes = plot.figure.axes[0]
    place, (start_s, end_s) = axes.get_position(), axes.get_xlim()
    return TimeAxis(
        left=round(float(place.x0), 6),
        right=round(float(place.x1), 6),
        start_s=round(float(start_s), 6),
        end_s=round(float(end_s), 6),
    )


def image(plot: Plot) -> Markup:
    """Return a figure as an image, its digest as the text that stands for it."""
    width_in, height_in = plot.figure.get_size_inches()
    return element(
        "img",
        src=_uri(plot),
        alt=repr(plot).strip("<>"),
        width=round(float(width_in) * style.SCREEN_DPI),
        height=round(float(height_in) * style.SCREEN_DPI),
        draggable="false",
    )


def plain_figure(draw: Callable[[Data], Plot], data: Data) -> Markup | None:
    """Return a figure as it stands on the page; None if there is nothing to draw.

    The tables beside it say what there is, and what there is not.

    Raises:
        RunFormatError: a run is damaged.
    """
    try:
        drawn = draw(data)
    except RunFormatError:
        raise
    except InputError:
        return None
    shown = element("div", image(drawn), class_="scroll")
    return element("figure", shown, class_="plain")


def _uri(plot: Plot) -> str:
    vector = _svg(plot)
    if len(vector) <= MAX_SVG_BYTES:
        return _data_uri("image/svg+xml", vector)
    return _data_uri("image/png", _drawn(plot, "png", dpi=_PIXELS_DPI))


def _svg(plot: Plot) -> bytes:
    """Return the figure as SVG: the same figure, the same bytes."""
    drawn = _drawn(plot, "svg", metadata={"Date": None})
    return _COMMENT.sub(b"", drawn[drawn.index(b"<svg") :])


def _drawn(plot: Plot, kind: str, **options: object) -> bytes:
    """Return the figure in a format.

    Texts stay texts, in whatever characters the reader's fonts have, and a price in
    dollars is no formula.
    """
    picture = BytesIO()
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "voicelab"}
    with style.context(), mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        for text in plot.figure.findobj(Text):
            if isinstance(text, Text):
                text.set_parse_math(False)
        # on the page's own ground, which may be dark
        plot.figure.savefig(picture, format=kind, transparent=True, **options)
    return picture.getvalue()


def _data_uri(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"
