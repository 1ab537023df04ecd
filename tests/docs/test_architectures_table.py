"""The table of architectures that the document shows is the one that is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicelab.cli.app import app

DOCUMENT = Path(__file__).parents[2] / "docs" / "compare-architectures.md"


def test_the_document_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["demo", "--compare"])
    assert done.exit_code == 0, done.output
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    _, *blocks = DOCUMENT.read_text("utf-8").split("```text\n")
    _, table = (block.partition("\n```")[0] for block in blocks)
    assert printed.startswith(table + "\n\n")
