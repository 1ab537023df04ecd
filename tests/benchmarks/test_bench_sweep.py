"""Speed and memory of sweeps, on every core of the machine.

The budgets are for two cores: 1,000 full runs of a minute of conversation in 120 s, all
scores known from runs before; and first results within 5 s of a sweep of 10,000 cells,
whose memory does not grow. `VOICELAB_BENCH_CELLS` asks for fewer cells.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest

from tests.support.runs import bundled
from tests.support.sweeping import done
from voicelab import clock
from voicelab.sweeps import Counts, make_executor, run_sweep
from voicelab.sweeps.cell import Cell, Outcome
from voicelab.sweeps.plan import Plan
from voicelab.sweeps.spec import make_plan

pytestmark = pytest.mark.benchmark

MINUTE = "dentist"
"""A bundled conversation that takes 58 s when it is run."""

RUNS = int(os.environ.get("VOICELAB_BENCH_CELLS", "1000"))
RUNS_S = 120
FIRST_S = 5
CELLS = 10_000
GROWTH_MB = 30
"""What 10,000 outcomes may take once 1,000 are done; 3 kB a cell would be all of it."""

_KB_PER_MB = 1024


def plan_of(cells: int) -> Plan:
    """Return settings that change what is decided and heard, one seed each."""
    grid = {
        "client.player": ["browser", "twilio"],
        "session.audio.input.turn_detection.threshold": [0.3, 0.5, 0.7, 0.8, 0.9],
        "client.truncation": ["played", "received"],
    }
    return make_plan(bundled(MINUTE), grid=grid, repeats=max(cells // 20, 1))


def test_a_thousand_runs_of_a_minute(tmp_path: Path) -> None:
    plan = plan_of(RUNS)
    watch, at_s = clock.Stopwatch(), list[float]()
    counts = run_sweep(
        plan,
        tmp_path,
        make_executor("processes"),
        told=lambda _: at_s.append(watch.elapsed_s()),
    )
    total_s, first_s = watch.elapsed_s(), at_s[1]
    _say(f"{len(plan)} runs in {total_s:.1f} s, the first after {first_s:.1f} s")
    assert counts == Counts(total=len(plan), done=len(plan), failed=0)
    assert first_s <= FIRST_S
    assert total_s <= RUNS_S * len(plan) / 1000


def _say(line: str) -> None:
    print(f"\n{line}")  # noqa: T201 -- it is what one runs it for


class Instant:
    """An executor whose cells are done at once: what is left is the sweep's own."""

    def outcomes(self, cells: Iterable[Cell]) -> Generator[Outcome, None, None]:
        for cell in cells:
            yield done(cell.index, turns=6, overlap_ms=cell.index / 7)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kB")
def test_ten_thousand_cells_take_no_more_memory_than_one_thousand(
    tmp_path: Path,
) -> None:
    """Before the table, which has to hold a row a cell."""
    plan, peaks_mb = plan_of(CELLS), dict[int, float]()
    watch = clock.Stopwatch()

    def told(counts: Counts) -> None:
        if counts.done in {1, CELLS // 10, CELLS}:
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            peaks_mb[counts.done] = used / _KB_PER_MB

    run_sweep(plan, tmp_path, Instant(), told=told)
    _say(f"{CELLS} cells in {watch.elapsed_s():.1f} s, peaks in MB: {peaks_mb}")
    assert peaks_mb[CELLS] - peaks_mb[CELLS // 10] <= GROWTH_MB
