from __future__ import annotations

import pandas as pd
import pytest

from voicelab.cli.frames import MAX_TEXT, print_frame

FRAME = pd.DataFrame(
    {
        "name": ["short", "x" * 100, "third"],
        "n": [1, 20, 300],
        "ms": [1.25, None, 3.0],
        "told": [True, False, True],
        "hidden": [0, 0, 0],
    }
)
COLUMNS = {"name": "name", "n": "n", "ms": "time", "told": "told"}


def test_a_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame("What there is", FRAME, COLUMNS, decimals=2)
    title, heading, _, *lines = capsys.readouterr().out.splitlines()
    assert title.strip() == "What there is"
    assert heading.split() == ["name", "n", "time", "told"]
    cells = [line.split() for line in lines if line.strip()]
    assert cells[0] == ["short", "1", "1.25", "yes"]
    assert cells[1] == ["x" * (MAX_TEXT - 1) + "…", "20", "-", "no"]


def test_the_rest_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame("What there is", FRAME, COLUMNS, most=1)
    out = capsys.readouterr().out
    assert "… and 2 more, which --json shows" in out
    assert "third" not in out


def test_four_digits_in_all(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"name": ["a", "b"], "x": [1234.567, 0.04321]})
    print_frame("What there is", frame, {"name": "n", "x": "x"}, decimals=None)
    assert capsys.readouterr().out.split()[-4:] == ["a", "1235", "b", "0.04321"]


def test_nothing_is_printed_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame("What there is", FRAME[:0], COLUMNS)
    assert capsys.readouterr().out == ""


def test_markup_in_a_value_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"name": ["[bold]loud[/bold]"]})
    print_frame("What there is", frame, {"name": "name"})
    assert "[bold]loud[/bold]" in capsys.readouterr().out
