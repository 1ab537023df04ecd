from __future__ import annotations

from types import SimpleNamespace

import pytest

from voicelab.reports.tables import (
    MINUS,
    UNKNOWN,
    Column,
    cell_text,
    definitions,
    seek_button,
    share,
    table,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, UNKNOWN),
        (0, "0"),
        (-3, f"{MINUS}3"),
        (1234.5, "1234"),
        (-0.4, "0"),
        (-12.6, f"{MINUS}13"),
        (True, "yes"),
        (False, ""),
        ("words", "words"),
    ],
)
def test_cells(value: object, shown: str) -> None:
    assert cell_text(value) == shown


def test_a_table() -> None:
    columns = [
        Column("turn", "turn"),
        Column("said", lambda row: row.text, is_long=True),
    ]
    made = table(
        "Turns & more", columns, [SimpleNamespace(turn=1, text="<i>")], rows_named=True
    )
    assert '<p class="caption">Turns &amp; more</p>' in made
    assert '<th scope="col">turn</th>' in made
    assert '<th scope="row">1</th><td class="text long">&lt;i&gt;</td>' in made
    assert 'role="region"' in made
    assert 'tabindex="0"' in made, "a keyboard can scroll it"


def test_an_instant_is_a_button() -> None:
    made = seek_button(12.3456)
    assert 'data-seek="12.346"' in made
    assert ">12.35</button>" in made
    assert 'data-seek="0.000"' in seek_button(-0.1), "nothing lies before the recording"


def test_shares() -> None:
    assert share(0.0234) == "2.3%"
    assert share(None) == UNKNOWN


def test_unknown_facts_are_left_out() -> None:
    made = definitions([("seed", 0), ("server", None)])
    assert "<dd>0</dd>" in made
    assert "server" not in made
