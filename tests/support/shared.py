"""Where reference material outside the repository lies, if it is there at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CAPTURES = Path(__file__).parents[2] / "../shared/captures"


def captured(name: str, direction: str) -> list[dict[str, Any]]:
    """Return the captured events of one direction, or skip where none are."""
    path = CAPTURES / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"no captures of a real endpoint at {CAPTURES}")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [line["data"] for line in lines if line["direction"] == direction]
