"""The wait of a whole run, taken apart by stage: every number by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import voicelab as vl
from tests.support.cascades import write_round_profile
from voicelab.metrics import STAGE_PARTS, stage_latencies, turn_latencies


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> vl.Run:
    folder = tmp_path_factory.mktemp("stages")
    # so fast that a clause takes no time after its first token
    file = write_round_profile(folder, tokens_per_s=1_000_000)
    stages = {"profile": str(file)}
    return vl.run("pizza-order", agent={"responder": "cascade", "cascade": stages})


def test_each_stage_of_an_answered_turn_adds_what_its_profile_says(run: vl.Run) -> None:
    """300 ms for the words, 400 for the first clause, 200 for its first audio."""
    answered = run.stage_latency[run.stage_latency.response_latency_ms.notna()]
    assert len(answered) == 5
    for stage, ms in {"stt": 300, "chat": 400, "tts": 200, "server_rest": 0}.items():
        assert answered[f"{stage}_ms"].round(1).eq(ms).all(), stage
    assert answered["clause"].eq(0).all()


def test_the_parts_add_up_to_the_nanosecond(run: vl.Run) -> None:
    waits = {row.turn: row for row in turn_latencies(run.facts)}
    for row in stage_latencies(run.facts):
        if row.response_latency_ns is None:
            continue
        parts = [getattr(row, f"{part}_ns") for part in STAGE_PARTS]
        assert sum(parts) == row.response_latency_ns
        assert sum(parts[2:6]) == waits[row.turn].server_ttfb_ns


def test_the_stages_of_a_reply_follow_each_other_in_the_time_of_the_run(
    run: vl.Run,
) -> None:
    created = {
        event.data["response"]["id"]: event.t_ns
        for event in run.log.of("server", "response.created")
    }
    of_turns = run.stages[run.stages.turn.notna()]
    assert len(of_turns.response_id.unique()) >= 5
    for response_id, rows in of_turns.groupby("response_id"):
        began_ms = created[str(response_id)] / 1e6
        words = rows[rows.stage == "stt"].iloc[0]
        assert words.began_ms == pytest.approx(began_ms)
        assert words.duration_ms == pytest.approx(300)
        assert pd.isna(words.clause)
        spoken = rows[rows.stage == "tts"]
        assert (spoken.duration_ms.round(6) == 200).all()
        assert spoken.clause.tolist() == list(range(len(spoken)))


def test_a_model_that_hears_and_speaks_has_no_stages() -> None:
    direct = vl.run("pizza-order")
    assert len(direct.stages) == 0
    table = direct.stage_latency
    assert table[["stt_ms", "chat_ms", "tts_ms"]].isna().all().all()
    assert table.server_rest_ms.equals(
        direct.latency.server_ttfb_ms.rename("server_rest_ms")
    )
