from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from rich.console import Console
from rich.table import Table

from voicelab.cli import tables
from voicelab.cli.batch import Finished

LATENCY = pd.DataFrame(
    {
        "turn": [0, 1],
        "uplink_ms": [41.4, None],
        "endpointing_delay_ms": [-120.6, None],
        "server_ttfb_ms": [700.0, None],
        "downlink_ms": [40.0, None],
        "playout_delay_ms": [-0.2, None],
        "response_latency_ms": [660.6, None],
        "cut_in": [True, False],
        "outcome": ["cut_in", "unanswered"],
    }
)
TRUNCATIONS = pd.DataFrame(
    {
        "policy": ["none"],
        "generated_ms": [5000.0],
        "heard_ms": [1200.0],
        "audio_end_ms": pd.array([None], dtype="Int64"),
        "kept_ms": [5000.0],
        "truncation_error_ms": [3800.0],
        "phantom_words": [9],
        "forgotten_words": [0],
        "stop_latency_ms": [180.0],
    }
)


def finished(name: str, truncations: pd.DataFrame = TRUNCATIONS) -> Finished:
    run: Any = SimpleNamespace(
        run_id="0f",
        latency=LATENCY,
        truncations=truncations,
        manifest={"conversation_s": 60.0, "wall_s": 0.25},
        is_live=False,
    )
    return Finished(name, run, Path("runs/0f"), Path("runs/x.png"))


def printed(table: Table, width: int = 80) -> list[list[str]]:
    """Return the cells of each line of a printed table."""
    stream = io.StringIO()
    Console(file=stream, width=width).print(table)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    return [cells(line) for line in lines]


def cells(line: str) -> list[str]:
    return line.split()


def test_a_latency_row_shows_whole_milliseconds() -> None:
    lines = printed(tables.latency_table([finished("dentist")]))
    assert lines[4] == cells("dentist 0 41 -121 700 40 0 661 yes cut_in")
    assert lines[5] == cells("1 - - - - - - unanswered")


def test_a_truncation_row_shows_what_was_claimed() -> None:
    lines = printed(tables.truncation_table([finished("dentist")]))
    assert lines[4] == cells("dentist none 5000 1200 5000 3800 9 0 180")


def test_bundled_names_fit_eighty_columns() -> None:
    for table in (tables.latency_table, tables.truncation_table):
        lines = printed(table([finished("flight-change")]))
        assert lines[4][0] == "flight-change"
        assert not any("…" in cell for line in lines for cell in line)


def test_two_runs_are_told_apart() -> None:
    lines = printed(tables.latency_table([finished("one"), finished("two")]))
    assert [line[0] for line in lines if line and line[0] in {"one", "two"}] == [
        "one",
        "two",
    ]


def test_json_has_null_for_what_is_missing() -> None:
    shown = tables.summary(finished("dentist"))
    assert shown["latency"][1]["uplink_ms"] is None
    assert shown["truncations"][0]["audio_end_ms"] is None
    assert shown["truncations"][0]["phantom_words"] == 9
    assert (shown["name"], shown["folder"]) == ("dentist", str(Path("runs/0f")))


def test_the_whole_report(capsys: pytest.CaptureFixture[str]) -> None:
    tables.print_tables([finished("dentist"), finished("recipe")])
    text = capsys.readouterr().out
    assert "120 s of conversation in 0.5 s of computing." in text
    assert f"{Path('runs/0f')}  {Path('runs/x.png')}\n" in text
    assert "\x1b" not in text


def test_contrasts_show_only_what_was_heard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables.print_tables([finished("dentist"), finished("recipe")], waits_of=1)
    waits, ledger = capsys.readouterr().out.split("Interrupted answers")
    assert "recipe" not in waits
    assert "recipe" in ledger


def test_no_interruption_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    tables.print_tables([finished("dentist", TRUNCATIONS.iloc[:0])])
    assert "No answer was interrupted." in capsys.readouterr().out
