"""One look for all figures: colours by meaning, sizes, and no global settings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex, to_rgb
from numpy.typing import NDArray

USER = "#0072B2"
AGENT_SENT = "#D55E00"
AGENT_HEARD = "#009E73"
SERVER = "#56B4E9"
OVERLAP = "#CC79A7"
THRESHOLD = "#E69F00"
CONTEXT = "#999999"
INK = "#333333"
"""The Okabe-Ito palette, which colour-blind readers can tell apart (Okabe & Ito
2008, Color Universal Design), by what it stands for."""

PARTS: dict[str, tuple[str, str, str]] = {
    "uplink": ("uplink", USER, ""),
    "endpointing_delay": ("endpointing delay", SERVER, ""),
    "server_ttfb": ("server TTFB", AGENT_SENT, "////"),
    "downlink": ("downlink", CONTEXT, ""),
    "playout_delay": ("playout delay", AGENT_HEARD, "...."),
    "server_rest": ("rest of the server", CONTEXT, "||||"),
    "stt": ("speech to text", "#F2A96B", ""),
    "chat": ("chat", AGENT_SENT, "////"),
    "tts": ("text to speech", "#9C4400", "xxxx"),
    "endpointing_delay_observed": ("endpointing delay, observed", SERVER, ""),
    "ttfb_observed": ("TTFB, observed", AGENT_SENT, "////"),
}
"""The parts of the response latency: name, colour by who takes it, and hatch. The
stages of a cascade are shades of the server's TTFB, which they make up."""


class Series(NamedTuple):
    """How one of several lines is told from the others."""

    color: str
    line: Any
    marker: str


SERIES = (
    Series(USER, "-", "o"),
    Series(AGENT_SENT, (0, (5, 2)), "s"),
    Series(AGENT_HEARD, (0, (6, 2, 1, 2)), "^"),
    Series(OVERLAP, (0, (1.5, 1.5)), "D"),
    Series(INK, (0, (5, 1, 1, 1, 1, 1)), "v"),
    Series(SERVER, (0, (9, 2)), "P"),
    Series(THRESHOLD, (0, (2, 2, 6, 2)), "X"),
    Series(CONTEXT, "-", "p"),
)
"""Conditions that stand for nothing but themselves: colour, line, marker. All three
differ, so that they can be told apart in grey as well."""

SEQUENTIAL = "cividis"
DIVERGING = "PuOr_r"
"""Maps that colour-blind readers can read: of amounts, and of signed errors."""

PALE_INK = "#767676"
"""Grey text that is dark enough to be read on white: 4.5 to 1 (WCAG 2.1, 1.4.3)."""

WIDTH_IN = 7.0
SCREEN_DPI = 96
FONT_PT = 8.0

MIDDLE_LUMINANCE = 0.179
"""Black and white text have the same contrast on such a ground (from WCAG 2.1's
formula: 1.05 / (L + 0.05) = (L + 0.05) / 0.05)."""

_CONTRAST = 4.5
"""Of small text and its ground (WCAG 2.1, success criterion 1.4.3)."""

_KNEE = 0.04045
"""Below it sRGB is linear (IEC 61966-2-1)."""

_SETTINGS: Any = {
    "axes.edgecolor": CONTEXT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",
    "font.size": FONT_PT,
    "hatch.linewidth": 0.6,
    "text.color": INK,
    "text.parse_math": False,  # a price in dollars is no formula
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": FONT_PT,
    "ytick.labelsize": FONT_PT,
}


def readable(color: str) -> str:
    """Return a colour, darkened until text of it can be read on white."""
    darker = np.array(to_rgb(color))
    while 1.05 / (luminance(darker) + 0.05) < _CONTRAST:
        darker = darker * 0.96
    return to_hex(tuple(darker))


def luminance(rgb: Sequence[float] | NDArray[np.float64]) -> float:
    """Return the relative luminance, 0 to 1, as WCAG 2.1 defines it."""
    levels = np.asarray(rgb, dtype=np.float64)
    curved = ((levels + 0.055) / 1.055) ** 2.4
    linear = np.where(levels <= _KNEE, levels / 12.92, curved)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@contextmanager
def context() -> Iterator[None]:
    """Make and draw figures in this look.

    The settings of the surrounding program are back when it is left. A character that
    the font does not have is drawn as a box, without a warning for each.
    """
    with mpl.rc_context({**_untouched(), **_SETTINGS}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


def _untouched() -> dict[Any, Any]:
    """Return matplotlib's own defaults, whatever the surroundings changed."""
    defaults = dict(mpl.rcParamsDefault)
    defaults.pop("backend", None)  # that is how windows are opened, not a look
    return defaults
