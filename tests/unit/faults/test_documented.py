"""The page about faults says what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from voicelab.faults import FAULT_KINDS, Fault
from voicelab.protocol.items import tag_of

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"


def rows() -> dict[str, str]:
    """Return the rows of the table of kinds, by their kind."""
    table = PAGE.read_text("utf-8").partition("## Kinds\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: line for line in lines}


def test_every_kind_has_its_row_in_order() -> None:
    assert tuple(rows()) == FAULT_KINDS


@pytest.mark.parametrize("kind", get_args(Fault), ids=tag_of)
def test_keys_and_defaults_are_those_of_the_code(kind: type[Fault]) -> None:
    fault, row = kind(), rows()[tag_of(kind)]
    for key in kind.__struct_fields__:
        default = getattr(fault, key)
        if key in ("at", "on"):
            assert key == "at" or "`on`" in row
        elif key == "message":
            assert "`message`" in row
        else:
            assert f"`{key}: {_shown(default)}`" in row


def _shown(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value)
