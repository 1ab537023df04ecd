"""Tables of rows, as HTML: missing values as dashes, instants as buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from voicelab.reports.markup import Markup, element, join

UNKNOWN = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        heading: what stands above it.
        value: what of a row stands in it: an attribute's name, or a function.
        is_text: whether it holds words, which are set to the left.
        is_long: whether it holds whole sentences.
    """

    heading: str
    value: str | Callable[[Any], object]
    is_text: bool = False
    is_long: bool = False

    def of(self, row: Any) -> object:
        """Return what stands in this column of a row."""
        if isinstance(self.value, str):
            return getattr(row, self.value)
        return self.value(row)


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Any], *, rows_named: bool
) -> Markup:
    """Return a table that scrolls by itself where it is wider than the page.

    Args:
        caption: what it shows, with the unit.
        columns: its columns.
        rows: its rows.
        rows_named: whether the first column says what a row is about.
    """
    heads = (
        element("th", each.heading, scope="col", class_=_class_of(each))
        for each in columns
    )
    body = [_row(columns, row, is_named=rows_named) for row in rows]
    shown = element(
        "table", element("thead", element("tr", *heads)), element("tbody", *body)
    )
    return element(
        "div",
        element("p", caption, class_="caption"),  # does not scroll away
        element(
            "div",
            shown,
            class_="scroll",
            role="region",
            aria_label=caption,
            tabindex="0",
        ),
        class_="table",
    )


def cell_text(value: object) -> object:
    """Return a value as it stands in a cell."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return "yes" if value else ""
        case float():
            return f"{value:.0f}".replace("-", MINUS) if round(value) else "0"
        case int():
            return f"{value}".replace("-", MINUS)
        case _:
            return value


def seek_button(t_s: float) -> Markup:
    """Return an instant that moves the player there when it is pressed."""
    shown = f"{t_s:.2f}".replace("-", MINUS)
    return element(
        "button",
        shown,
        type="button",
        class_="seek",
        data_seek=f"{max(t_s, 0):.3f}",
        aria_label=f"go to {shown} s",
    )


def share(value: float | None) -> str:
    """Return a share between 0 and 1 in percent."""
    return UNKNOWN if value is None else f"{value:.1%}"


def definitions(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Return a list of names and values; values that are None are left out."""
    told = (
        element("div", element("dt", name), element("dd", value))
        for name, value in pairs
        if value is not None
    )
    return element("dl", *told, class_="facts")


def _row(columns: Sequence[Column], row: Any, *, is_named: bool) -> Markup:
    cells = (
        element(
            "th" if is_named and place == 0 else "td",
            cell_text(column.of(row)),
            scope="row" if is_named and place == 0 else None,
            class_=_class_of(column),
        )
        for place, column in enumerate(columns)
    )
    return element("tr", join(cells))


def _class_of(column: Column) -> str | None:
    if column.is_long:
        return "text long"
    return "text" if column.is_text else None
