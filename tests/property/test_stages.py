"""Whatever a server notes of its stages, the parts of the wait add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.logs import note_stage, one_answer
from voicelab.metrics import STAGE_PARTS, STAGES, stage_latencies, turn_latencies

INSTANTS_MS = st.floats(0, 2_000, allow_nan=False)
CLAUSES = st.sampled_from([None, 0, 1, 2])
NOTES = st.lists(
    st.tuples(st.sampled_from(STAGES), INSTANTS_MS, INSTANTS_MS, CLAUSES), max_size=12
)


@given(NOTES)
def test_the_parts_add_up_and_none_runs_backward(
    notes: list[tuple[str, float, float, int | None]],
) -> None:
    log = one_answer()  # created at 1560 ms, its first audio sent 400 ms later
    for stage, began_ms, ended_ms, clause in notes:
        note_stage(log, stage, began_ms, ended_ms, clause)
    facts = log.facts()
    (row,), (whole,) = stage_latencies(facts), turn_latencies(facts)
    parts = {part: getattr(row, f"{part}_ns") or 0 for part in STAGE_PARTS}
    assert sum(parts.values()) == row.response_latency_ns == whole.response_latency_ns
    assert all(parts[part] >= 0 for part in (*STAGES, "server_rest"))
    server = sum(parts[part] for part in (*STAGES, "server_rest"))
    assert server == whole.server_ttfb_ns
