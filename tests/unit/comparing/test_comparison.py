from __future__ import annotations

from pathlib import Path

import pytest

import voicelab as vl
from voicelab.comparing import ArchitectureComparison
from voicelab.errors import InputError
from voicelab.metrics import STAGES

NAMES = ("measured-median", "cascade-typical")


@pytest.fixture(scope="module")
def found() -> ArchitectureComparison:
    return vl.compare_architectures(["pizza-order", "hotel-cafe"], architectures=NAMES)


def test_there_is_a_row_for_each_in_the_order_asked_for(
    found: ArchitectureComparison,
) -> None:
    assert found.table.architecture.tolist() == list(NAMES)
    assert found.table.kind.tolist() == ["speech_to_speech", "cascade"]
    assert found.table.conversations.tolist() == [2, 2]
    assert [run.name for run in found.runs["cascade-typical"]] == [
        "pizza-order",
        "hotel-cafe",
    ]


def test_rows_are_those_of_single_runs(found: ArchitectureComparison) -> None:
    stages = {"profile": "cascade-typical"}
    agent = {"responder": "cascade", "cascade": stages}
    alone = vl.run("hotel-cafe", agent=agent)
    assert alone.run_id == found.runs["cascade-typical"][1].run_id
    waits = [
        wait
        for run in found.runs["cascade-typical"]
        for wait in run.latency.response_latency_ms.dropna()
    ]
    row = found.table.iloc[1]
    assert row.n == len(waits)
    assert row.response_latency_mean_ms == pytest.approx(sum(waits) / len(waits))


def test_both_say_the_same(found: ArchitectureComparison) -> None:
    said = [
        [
            event.data["transcript"]
            for run in found.runs[name]
            for event in run.log.of("client", "response.output_audio_transcript.done")
        ]
        for name in NAMES
    ]
    for one, other in zip(*said, strict=True):
        assert one.startswith(other) or other.startswith(one)


def test_changes_are_paired_turn_by_turn(found: ArchitectureComparison) -> None:
    changes = found.changes(*NAMES).table.set_index("measure")
    whole = changes.loc["response_latency_ms"]
    assert whole.n_pairs == found.table.n.min()
    assert whole.difference == pytest.approx(whole.candidate - whole.baseline)


def test_a_name_that_was_not_run_is_refused(found: ArchitectureComparison) -> None:
    with pytest.raises(InputError, match=r"'slow'.*it has measured-median, cascade"):
        found.changes("measured-median", "slow")


def test_a_notebook_shows_the_rows_without_their_sources(
    found: ArchitectureComparison,
) -> None:
    shown = found._repr_html_()
    assert "cascade-typical" in shown
    assert "HZRelay" not in shown


def test_the_figure_takes_the_runs(found: ArchitectureComparison) -> None:
    digest = repr(vl.plot.stage_waterfall(found.runs))
    assert digest.startswith("<StageWaterfall measured-median: turns=10 ")
    assert all(f"{stage}=" in digest for stage in STAGES)


def test_settings_and_a_folder_go_along(tmp_path: Path) -> None:
    scenario = vl.load_scenario("hotel-cafe")
    found = vl.compare_architectures(
        [scenario], architectures=["instant"], out=tmp_path, seed=3
    )
    (run,) = found.runs["instant"]
    assert run.manifest["seed"] == 3
    assert [folder.name for folder in tmp_path.iterdir()] == [run.run_id]


@pytest.mark.parametrize(
    ("scenarios", "architectures", "said"),
    [
        ([], ["instant"], "no conversation to compare"),
        (["dentist"], [], "no architecture to compare"),
        (
            ["dentist", "dentist"],
            ["instant"],
            "'dentist' is named 2 times",
        ),
        (["dentist"], ["slow", "slow"], "architecture 'slow' is named 2 times"),
        (["dentist"], ["nothing"], "no architecture named 'nothing'"),
        (["nobody"], ["instant"], "nobody"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_runs(
    scenarios: list[str], architectures: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        vl.compare_architectures(scenarios, architectures=architectures)
