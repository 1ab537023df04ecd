"""Worker processes: same outcomes, few cells at hand, nothing left behind."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from time import sleep
from types import FrameType
from typing import Any, ClassVar

import msgspec
import pytest

from tests.support.sweeping import FAULTS, tiny
from voicelab.errors import EndpointError
from voicelab.sweeps import processes
from voicelab.sweeps.cell import Cell, Outcome, run_cell
from voicelab.sweeps.plan import Plan
from voicelab.sweeps.processes import Processes, _Crew, _Worker
from voicelab.sweeps.spec import make_plan

linux = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tiny(tmp_path), grid={"faults": FAULTS}, repeats=6)


def cells(plan: Plan) -> Iterator[Cell]:
    return (plan.cell(index) for index in range(len(plan)))


def noting(every: Iterable[Cell], taken: list[Cell]) -> Iterator[Cell]:
    for cell in every:
        taken.append(cell)
        yield cell


def children() -> set[int]:
    """Return the workers of this process that are alive."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            line = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        if int(parent) == os.getpid() and state != "Z" and b"sweeps.worker" in line:
            found.add(int(stat.parent.name))
    return found


@linux
def test_they_tell_what_one_process_tells_and_end(plan: Plan) -> None:
    outcomes = list(Processes(2).outcomes(cells(plan)))
    assert sorted(outcomes, key=lambda each: each.index) == list(
        map(run_cell, cells(plan))
    )
    assert {each.status for each in outcomes} == {"done", "failed"}
    assert children() == set()


@linux
def test_a_sweep_that_is_left_takes_its_workers_along(plan: Plan) -> None:
    taken: list[Cell] = []
    outcomes = Processes(2).outcomes(noting(cells(plan), taken))
    next(outcomes)
    assert len(children()) == 2
    assert len(taken) <= 5  # two workers, two cells each, and one that made room
    outcomes.close()
    assert children() == set()


@linux
def test_a_worker_that_dies_costs_one_cell(plan: Plan) -> None:
    outcomes = Processes(1).outcomes(cells(plan))
    first = next(outcomes)
    (worker,) = children()
    os.kill(worker, signal.SIGKILL)
    rest = list(outcomes)
    assert sorted(each.index for each in [first, *rest]) == list(range(12))
    lost = [each for each in rest if "worker" in (each.error or "")]
    assert [each.error for each in lost] == [
        "the worker process that ran this cell ended (SIGKILL)"
    ]
    expected = {cell.index: run_cell(cell) for cell in cells(plan)}
    assert all(each == expected[each.index] for each in rest if each not in lost)


def test_workers_that_cannot_be_started_are_told(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EndpointError, match=r"cannot be started \(exit code 1\)"):
        list(Processes(2).outcomes(cells(plan)))


class Instant:
    """A worker in this process that answers at once."""

    alive: ClassVar[set[int]] = set()

    def __init__(self) -> None:
        self.alive.add(id(self))

    def is_ready(self) -> bool:
        return True

    def ask(self, line: bytes) -> bytes:
        cell = msgspec.json.decode(line, type=Cell)
        return msgspec.json.encode(Outcome(index=cell.index, status="done"))

    def end(self) -> None:
        self.alive.discard(id(self))

    def how_it_ended(self) -> str:
        self.end()
        return "exit code 0"


def interrupted(cells: Sequence[Cell], step: int) -> bool:
    """Run cells, with an interrupt before a step of the interpreter.

    Returns:
        Whether there was such a step.
    """
    steps = count()
    came: list[bool] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode" and next(steps) == step:
            came.append(True)
            raise KeyboardInterrupt
        return trace

    def run() -> None:
        sys.settrace(trace)
        try:
            with closing(Processes(2).outcomes(cells)) as outcomes:
                for _ in outcomes:
                    pass
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout=15)
    assert not thread.is_alive(), f"it hangs, interrupted before step {step}"
    return bool(came)


@pytest.fixture
def no_rubbish() -> Iterator[None]:
    """Let nothing of other tests be cleared away, step by step, in this one."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_rubbish")
def test_an_interrupt_at_any_moment_ends_it(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that stays locked would hang; one in the standard library did."""
    monkeypatch.setattr(processes, "_Worker", Instant)
    some = list(islice(cells(plan), 5))
    step = 0
    while interrupted(some, step):
        for _ in range(500):
            if Instant.alive:  # a thread that was just begun sees that it is late
                sleep(0.01)
        assert Instant.alive == set(), f"interrupted before step {step}"
        step += 1
    assert step > 300


class Leaving:
    """A worker that its crew takes for lost as soon as it is ended."""

    def __init__(self, among: list[Leaving]) -> None:
        self.is_ended = False
        self._among = among
        among.append(self)

    def end(self) -> None:
        self.is_ended = True
        self._among.remove(self)


def test_workers_that_are_lost_on_the_way_out_keep_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crew = _Crew(3)
    among: list[Leaving] = []
    workers = [Leaving(among) for _ in range(3)]
    monkeypatch.setattr(crew, "_all", among)
    crew.dismiss()
    assert all(worker.is_ended for worker in workers)


def test_a_worker_that_nobody_needs_ends_by_itself() -> None:
    worker = _Worker()
    assert worker.is_ready()
    assert worker.how_it_ended() == "exit code 0"
