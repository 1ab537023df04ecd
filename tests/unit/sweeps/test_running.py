"""A sweep from plan to table: what is run, what is skipped, what is said."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

import pytest

from tests.support.sweeping import FAULTS, done, failed, tiny
from voicelab.errors import SweepError
from voicelab.sweeps import Choices, Counts, load_sweep, run_sweep
from voicelab.sweeps.cell import Cell, Outcome
from voicelab.sweeps.executors import Serial
from voicelab.sweeps.plan import Plan
from voicelab.sweeps.result import Sweep
from voicelab.sweeps.running import RUNS
from voicelab.sweeps.spec import make_plan
from voicelab.sweeps.table import CSV

RESUMED = Choices(resumes=True)


class Fake:
    """Gives one outcome after the other without running anything; notes the cells."""

    def __init__(self, *script: str, ends: BaseException | None = None) -> None:
        self.script = script
        self.ends = ends
        self.taken: list[Cell] = []
        self.closed = False

    def outcomes(self, cells: Iterable[Cell]) -> Generator[Outcome, None, None]:
        try:
            for status, cell in zip(self.script, cells, strict=False):
                self.taken.append(cell)
                yield _outcome(status, cell.index)
            if self.ends is not None:
                raise self.ends
        finally:
            self.closed = True

    @property
    def indices(self) -> list[int]:
        return [cell.index for cell in self.taken]


def _outcome(status: str, index: int) -> Outcome:
    if status == "stopped":
        return Outcome(index=index, status="stopped", error="no room")
    return done(index, turns=3) if status == "done" else failed(index)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tiny(tmp_path), repeats=4)


def test_all_cells_are_run_once_and_told_of(plan: Plan, tmp_path: Path) -> None:
    fake, told = Fake("done", "failed", "done", "done"), list[Counts]()
    counts = run_sweep(plan, tmp_path / "out", fake, told=told.append)
    assert counts == Counts(total=4, done=3, failed=1)
    assert counts.left == 0
    assert fake.indices == [0, 1, 2, 3]
    assert [(each.done, each.failed) for each in told] == [
        *((0, 0), (1, 0), (1, 1), (2, 1), (3, 1))
    ]
    assert all(cell.keep is None for cell in fake.taken)
    assert len({cell.sweep for cell in fake.taken}) == 1
    assert (tmp_path / "out" / CSV).read_text("utf-8").count("\n") == 5


def test_resuming_skips_what_is_done_and_what_failed(
    plan: Plan, tmp_path: Path
) -> None:
    run_sweep(plan, tmp_path / "out", Fake("done", "failed"))
    again = Fake("done", "done", "done")
    assert run_sweep(plan, tmp_path / "out", again, RESUMED) == Counts(4, 3, 1)
    assert again.indices == [2, 3]


def test_what_failed_is_run_again_on_request(plan: Plan, tmp_path: Path) -> None:
    run_sweep(plan, tmp_path / "out", Fake("done", "failed", "failed", "done"))
    again = Fake("done", "failed")
    choices = Choices(resumes=True, retries_failed=True)
    assert run_sweep(plan, tmp_path / "out", again, choices) == Counts(4, 3, 1)
    assert again.indices == [1, 2]
    assert load_sweep(tmp_path / "out").table.status.tolist() == [
        *("done", "done", "failed", "done")
    ]


def test_a_finished_sweep_is_not_run_again_and_gets_its_table(
    plan: Plan, tmp_path: Path
) -> None:
    run_sweep(plan, tmp_path / "out", Fake(*["done"] * 4))
    table = tmp_path / "out" / CSV
    before = table.read_bytes()
    table.unlink()
    again = Fake()
    run_sweep(plan, tmp_path / "out", again, RESUMED)
    assert again.taken == []
    assert table.read_bytes() == before


def test_an_interrupt_keeps_what_is_done_and_says_how_to_go_on(
    plan: Plan, tmp_path: Path
) -> None:
    fake = Fake("done", ends=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt) as interrupt:
        run_sweep(plan, tmp_path / "out", fake)
    assert str(interrupt.value) == (
        f"interrupted; 1 of 4 cells are done and kept in {tmp_path / 'out'}: the same "
        "command with --resume goes on"
    )
    assert fake.closed
    assert repr(load_sweep(tmp_path / "out")) == "<Sweep cells=4 done=1>"


def test_a_worker_without_room_ends_the_sweep_and_fails_no_cell(
    plan: Plan, tmp_path: Path
) -> None:
    fake = Fake("done", "stopped", "done")
    with pytest.raises(SweepError, match=r"cell 1 could not be kept \(no room\)"):
        run_sweep(plan, tmp_path / "out", fake)
    assert fake.closed
    again = Fake("done", "done", "done")
    run_sweep(plan, tmp_path / "out", again, RESUMED)
    assert again.indices == [1, 2, 3]


def test_a_sweep_says_where_runs_are_kept_only_if_they_shall_be(
    plan: Plan, tmp_path: Path
) -> None:
    fake = Fake("done")
    run_sweep(plan, tmp_path / "out", fake, Choices(keeps_runs=True))
    assert fake.taken[0].keep == str(tmp_path / "out" / RUNS)


def test_nothing_is_written_if_a_recording_cannot_be_read(
    plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / "call.wav").write_bytes(b"RIFF")
    with pytest.raises(Exception, match=r"call\.wav"):
        run_sweep(plan, tmp_path / "out", Serial())
    assert not (tmp_path / "out").exists()


def test_runs_are_kept_and_failures_do_not_tell_where(tmp_path: Path) -> None:
    plan = make_plan(tiny(tmp_path), grid={"faults": FAULTS})
    tables = []
    for name in ("one", "two"):
        folder = tmp_path / name
        run_sweep(plan, folder, Serial(), Choices(keeps_runs=True))
        tables.append((folder / CSV).read_bytes())
        swept: Sweep = load_sweep(folder)
        kept = {each.name for each in (folder / RUNS).iterdir()}
        assert kept == {swept.table.run_id[0]}
    assert tables[0] == tables[1]
    assert swept.table.status.tolist() == ["done", "failed"]
