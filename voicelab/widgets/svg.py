"""Pieces of SVG, as text: fast enough to be made anew while a slider is dragged."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

INK = "var(--jp-ui-font-color1, #333333)"
FAINT_INK = "var(--jp-ui-font-color2, #666666)"
"""The colours of the notebook's theme, light or dark; those given elsewhere."""


def bar(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    title: str = "",
    *,
    opacity: float = 1.0,
) -> str:
    """Return a rectangle, with what is told of it where a pointer rests on it."""
    size = f'width="{max(width, 0.5):.1f}" height="{height:.1f}"'
    look = f'fill="{fill}"' + (f' fill-opacity="{opacity:g}"' if opacity < 1 else "")
    told = f"<title>{escape(title)}</title>" if title else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} {look}>{told}</rect>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float) -> str:
    """Return a straight line."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="{width:g}"/>'


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "middle",
    fill: str = INK,
    bold: bool = False,
) -> str:
    """Return a text; `y` is its middle. Its lines are stacked."""
    weight = ' font-weight="600"' if bold else ""
    lines = words.split("\n")
    first = y - 6.0 * (len(lines) - 1)
    return "".join(
        f'<text x="{x:.1f}" y="{first + 12.0 * number:.1f}" text-anchor="{anchor}" '
        f'dominant-baseline="central" fill="{fill}"{weight}>{escape(words)}</text>'
        for number, words in enumerate(lines)
    )


def area(x: FloatArray, low: FloatArray, high: FloatArray, fill: str) -> str:
    """Return a filled band between two curves, float64 [n] each."""
    if not len(x):
        return ""
    forth = _points(x, high)
    back = _points(x[::-1], low[::-1])
    return f'<path d="M{forth}L{back}Z" fill="{fill}" transform="scale(.1)"/>'


def steps(x: FloatArray, y: FloatArray, foot: float, fill: str) -> str:
    """Return a filled staircase: `y` holds from each `x` to the next."""
    if not len(x):
        return ""
    moves = zip(_tenths(x[1:]), _tenths(y), strict=False)
    path = "".join([f"V{up}H{right}" for right, up in moves])
    first, (low,) = _tenths(x[:1])[0], _tenths(np.array([foot]))
    path = f"M{first} {low}{path}V{_tenths(y[-1:])[0]}V{low}Z"
    return f'<path d="{path}" fill="{fill}" transform="scale(.1)"/>'


def marks(x: Iterable[float], y: float, shape: str, fill: str) -> str:
    """Return the same mark at each place: `>`, `s` (a square) or `D` (a diamond)."""
    outline = {">": "m-3-4l7 4l-7 4z", "s": "m-3-3h6v6h-6z", "D": "m0-4l4 4l-4 4l-4-4z"}
    path = "".join(f"M{at:.1f} {y:.1f}{outline[shape]}" for at in x)
    return f'<path d="{path}" fill="{fill}"/>' if path else ""


def _points(x: FloatArray, y: FloatArray) -> str:
    return " ".join(map(str, _tenths(np.column_stack([x, y]).ravel())))


def _tenths(values: FloatArray) -> list[int]:
    """Return whole tenths of a pixel, the finest that a screen can show."""
    whole: list[int] = np.rint(values * 10).astype(int).tolist()
    return whole
