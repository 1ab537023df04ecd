"""docs/metrics.md and the glossary tell what is measured: nothing is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.metrics import (
    Endpointing,
    LatencyDefinitions,
    ResponseStage,
    SpanErrors,
    StageLatency,
    TurnLatency,
    pooled_shares,
    pooled_values,
)
from voicelab.metrics.components import Components
from voicelab.record.tables import columns

DOCS = Path(__file__).parents[3] / "docs"
EMPTY = [Components(name="nothing")]


@pytest.mark.parametrize(
    "row_type",
    [
        TurnLatency,
        StageLatency,
        ResponseStage,
        Endpointing,
        LatencyDefinitions,
        SpanErrors,
    ],
)
def test_every_measure_of_a_table_is_in_the_docs(row_type: type) -> None:
    text = (DOCS / "metrics.md").read_text("utf-8")
    measures = [name for name in columns(row_type) if name.endswith("_ms")]
    assert measures
    assert [name for name in measures if f"`{name}`" not in text] == []


def test_every_pooled_measure_is_in_the_docs() -> None:
    text = "".join(
        (DOCS / page).read_text("utf-8") for page in ("metrics.md", "glossary.md")
    )
    rows = [*pooled_values(EMPTY), *pooled_shares(EMPTY)]
    assert [row.measure for row in rows if f"`{row.measure}`" not in text] == []
