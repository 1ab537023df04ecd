"""One look for all figures: colours by meaning, sizes, and no global settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl

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

WIDTH_IN = 7.0
SCREEN_DPI = 96
FONT_PT = 8.0

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
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": FONT_PT,
    "ytick.labelsize": FONT_PT,
}


def context() -> AbstractContextManager[None]:
    """Return a context in which figures are made and drawn in this look.

    The settings of the surrounding program are back when it is left.
    """
    return mpl.rc_context({**_untouched(), **_SETTINGS})


def _untouched() -> dict[Any, Any]:
    """Return matplotlib's own defaults, whatever the surroundings changed."""
    defaults = dict(mpl.rcParamsDefault)
    defaults.pop("backend", None)  # that is how windows are opened, not a look
    return defaults
