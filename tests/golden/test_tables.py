"""Tables of logs small enough to be worked out by hand, against what came out there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicelab.result import Run

HERE = Path(__file__).parent
CASES = sorted(file.parent.name for file in HERE.glob("*/expected.json"))
TABLES = ("latency", "truncations", "turns", "speech_rate")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("case", CASES)
def test_a_table_is_as_worked_out_by_hand(case: str, table: str) -> None:
    manifest = {"schema_version": 1, "run_id": case}
    audio = np.zeros((0, 2), np.int16)
    run = Run(manifest, HERE / case / "events.jsonl", audio)
    expected: list[dict[str, Any]] = json.loads(
        (HERE / case / "expected.json").read_text(encoding="utf-8")
    )[table]
    found = getattr(run, table)[list(expected[0])]
    rows: list[dict[str, Any]] = json.loads(
        found.to_json(orient="records", double_precision=15)
    )
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert row == pytest.approx(wanted, abs=1e-9)
