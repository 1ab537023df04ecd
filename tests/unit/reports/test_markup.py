from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.reports.markup import Markup, data_block, element, join, showable


class Reader(HTMLParser):
    """What a parser that is not ours makes of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_text_and_attributes_stay_what_they_are(text: str, name: str) -> None:
    read = Reader(element("p", text, title=name))
    ((tag, attributes),) = read.tags
    assert tag == "p"
    assert read.text == showable(text)
    assert attributes["title"] == showable(name)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</p><p>",
        "&lt;b&gt;",
        "'; alert(1); '",
        "<!--",
    ],
)
def test_hostile_text_makes_no_element(hostile: str) -> None:
    read = Reader(element("p", hostile, title=hostile))
    assert [tag for tag, _ in read.tags] == ["p"]
    assert read.text == hostile


def test_what_no_page_can_show_is_replaced() -> None:
    assert showable("a\x00b\x1bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"
    assert showable("tab\tline\nå 漢 \N{GRINNING FACE}") == (
        "tab\tline\nå 漢 \N{GRINNING FACE}"
    )
    element("p", "\ud800").encode()  # can be written


def test_markup_is_not_escaped_again() -> None:
    inner = element("b", "1 < 2")
    assert inner == "<b>1 &lt; 2</b>"
    assert element("p", inner, " & ", None, 3) == "<p><b>1 &lt; 2</b> &amp; 3</p>"
    assert join([inner, "<"], " ") == "<b>1 &lt; 2</b> &lt;"


def test_attributes() -> None:
    made = element("input", type="search", hidden=True, title=None, open=False)
    assert made == '<input type="search" hidden>'
    assert element("p", class_="a", data_from_s=1.5) == (
        '<p class="a" data-from-s="1.5"></p>'
    )
    assert element("meta", name="viewport") == '<meta name="viewport">'


@given(st.text())
def test_a_data_block_is_one_element_and_gives_the_data_back(text: str) -> None:
    block = data_block({"rows": [text]}, class_="told")
    assert isinstance(block, Markup)
    inside = block.removeprefix('<script type="application/json" class="told">')
    inside = inside.removesuffix("</script>")
    assert "<" not in inside
    (told,) = json.loads(inside, strict=False)["rows"]
    assert showable(told) == showable(text)
