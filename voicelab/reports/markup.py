"""HTML in which nothing that a run holds can become markup.

Text is escaped when it is put in; only what `element` made is not escaped again. So a
transcript that holds `<script>` is shown, and never run.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from typing import Any

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of characters, which HTML does not allow."""

_INSTEAD = "\N{REPLACEMENT CHARACTER}"

_EMPTY = frozenset({"br", "img", "input", "link", "meta"})
"""Elements without content, which have no end tag."""


class Markup(str):
    """HTML that is ready: put into an element, it is not escaped again."""

    __slots__ = ()


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element.

    Args:
        name: its tag.
        children: its content: markup as it is, anything else as text; None is nothing.
        attributes: by name. An underscore stands for a hyphen, one at the end for
            nothing (`class_`). True is an attribute without a value; None and False
            leave it out.
    """
    start = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{join(children)}</{name}>")


def join(children: Iterable[object], between: str = "") -> Markup:
    """Return children one after the other, text among them escaped."""
    return Markup(between.join(_escaped(each) for each in children if each is not None))


def data_block(value: Any, **attributes: object) -> Markup:
    """Return a block of JSON for the page's program: data, never run.

    A `<` stands as an escape, so that nothing in a string can end the block.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    safe = showable(text).replace("<", "\\u003c")
    return element("script", Markup(safe), type="application/json", **attributes)


def showable(text: str) -> str:
    """Return a text, what no page can show of it replaced."""
    return _UNSHOWABLE.sub(_INSTEAD, text)


def _escaped(child: object) -> str:
    return child if isinstance(child, Markup) else html.escape(showable(str(child)))


def _attribute(key: str, value: object) -> str:
    name = key.removesuffix("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    return f' {name}="{html.escape(showable(str(value)))}"'
