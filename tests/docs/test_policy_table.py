"""The table of policies that the document shows is the one that the command prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicelab.cli.app import app
from voicelab.playback import PLAYERS, POLICIES
from voicelab.playback.settings import PlayerSettings

DOCUMENT = Path(__file__).parents[2] / "docs" / "policies.md"


def test_the_document_shows_what_is_printed() -> None:
    done = CliRunner().invoke(app, ["policies"])
    assert done.exit_code == 0, done.output
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    _, *blocks = DOCUMENT.read_text("utf-8").split("```text\n")
    command, shown, *_ = (block.partition("\n```")[0] for block in blocks)
    assert command == "$ voicelab policies"
    assert shown == printed


def rows() -> dict[str, list[str]]:
    """Return the cells of each row of a table whose first cell begins with a name."""
    lines = DOCUMENT.read_text("utf-8").splitlines()
    tables = [line.strip("|").split("|") for line in lines if line.startswith("| `")]
    cells = [[cell.strip() for cell in row] for row in tables]
    return {row[0].partition("`:")[0].strip("`"): row[1:] for row in cells}


def test_every_policy_has_a_row() -> None:
    assert set(POLICIES) <= set(rows())


@pytest.mark.parametrize(
    "option", [name for name in PlayerSettings.__slots__ if name.endswith("_ms")]
)
def test_the_players_figures_are_those_of_the_players(option: str) -> None:
    shown = [float(cell) for cell in rows()[option]]
    assert shown == [getattr(settings, option) for settings in PLAYERS.values()]
