"""The same scenarios on both clocks: how far apart are their events?

Each scenario is run in virtual time and live, against `voicelab serve` on loopback.
It takes as long as the conversations do, some ten minutes in all, and wants an idle
machine:

    pytest -m benchmark tests/benchmarks/test_bench_agreement.py -s
"""

from __future__ import annotations

from pathlib import Path

import pytest

import voicelab as vl
from tests.support.server_process import ServerProcess
from voicelab.metrics.comparison import Comparison, compare_runs

SCENARIOS = (
    "bank-card",
    "book-club",
    "card-game",
    "dentist",
    "dictation",
    "directions",
    "flight-change",
    "phone-plan",
    "pizza-order",
    "recipe",
)
MEDIAN_MS = 2.0
P99_MS = 15.0


@pytest.mark.benchmark
@pytest.mark.parametrize("name", SCENARIOS)
def test_virtual_and_live_agree(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compared = on_both_clocks(name, tmp_path)
    with capsys.disabled():
        print(f"\n{name:14} {compared!r}")  # noqa: T201 -- it is what one runs it for
    assert compared.same_order, compared.order
    overall = compared.overall
    assert overall is not None
    assert overall.median_ms <= MEDIAN_MS
    assert overall.p99_ms <= P99_MS


def on_both_clocks(name: str, folder: Path) -> Comparison:
    virtual = vl.run(name, out=folder / "virtual")
    with ServerProcess("--scenario", name) as server:
        live = vl.run(name, out=folder / "live", live=server.url)
    return compare_runs(virtual, live)
