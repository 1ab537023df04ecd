"""Tables as a notebook shows them: no wider than its page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def html_table(frame: pd.DataFrame, names: Sequence[str]) -> str:
    """Return some columns of a table as HTML; what is missing stays empty.

    Names may be broken after an underscore, so that many columns fit on a page;
    copied, they are whole.
    """
    shown = frame[list(names)].round(1)
    words = shown.select_dtypes(exclude="float")
    shown = shown.assign(**{str(name): _told(words[name]) for name in words})
    shown = shown.rename(columns=breakable)
    return str(shown.to_html(index=False, na_rep="", border=0, escape=False))


def _told(column: pd.Series[Any]) -> list[str]:
    return [
        "" if is_missing else breakable(value)
        for value, is_missing in zip(column, column.isna(), strict=True)
    ]


def breakable(value: Any) -> str:
    """Return a name or a word in HTML, to be broken after an underscore."""
    return html.escape(str(value)).replace("_", "_<wbr>")
