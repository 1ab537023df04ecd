"""Work in threads: results land on the loop, and somebody is woken."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest

from voicelab import clock
from voicelab.serve.threads import Threads, ThreadWork, WaitingThreads

Scene = Callable[[ThreadWork, asyncio.Event], Awaitable[None]]


def live(scene: Scene, *, computing: int = 1) -> None:
    """Play a scene on the wall clock, with work that sets an event when it wakes."""
    threads = Threads(computing=computing, waiting=2)

    async def main() -> None:
        woken = asyncio.Event()
        work = ThreadWork(threads)
        work.attach(woken.set)
        async with asyncio.timeout(10):
            await scene(work, woken)

    try:
        clock.run(main, clock="wall")
    finally:
        threads.close()


def test_a_result_lands_and_wakes() -> None:
    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        began_ns = clock.timebase().now_ns()
        job = work.begin(threading.get_ident, began_ns, charged_ns=10**12)
        assert job.due_ns() is None
        await woken.wait()
        due_ns = job.due_ns()
        assert due_ns is not None
        assert began_ns <= due_ns <= clock.timebase().now_ns()
        assert job.result() != threading.get_ident()

    live(scene)


def test_an_error_lands_as_a_result() -> None:
    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        job = work.begin(lambda: 1 // 0, 0)
        await woken.wait()
        with pytest.raises(ZeroDivisionError):
            job.result()

    live(scene)


def test_what_is_cancelled_in_the_queue_is_never_done() -> None:
    done: list[str] = []

    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        go_on = threading.Event()
        first = work.begin(lambda: go_on.wait(5), 0)
        second = work.begin(lambda: done.append("second"), 0)
        second.cancel()
        go_on.set()
        while first.due_ns() is None:
            woken.clear()
            await woken.wait()
        third = work.begin(lambda: done.append("third"), 0)
        while third.due_ns() is None:
            woken.clear()
            await woken.wait()

    live(scene)
    assert done == ["third"]


def test_things_land_one_after_the_other() -> None:
    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        flow = work.each(lambda: iter("abc"), 0, lambda _place, _thing: 10**12)
        taken: list[str] = []
        instants: list[int] = []
        while len(taken) < len("abc"):
            for at_ns, thing in flow.take(clock.timebase().now_ns()):
                taken.append(thing)
                instants.append(at_ns)
            if len(taken) < len("abc"):
                await woken.wait()
                woken.clear()
        assert taken == ["a", "b", "c"]
        assert instants == sorted(instants)

    live(scene)


def test_a_flow_that_fails_says_so_after_what_it_gave() -> None:
    def source() -> Iterator[str]:
        yield "a"
        raise ValueError("no more")

    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        flow = work.each(source, 0, lambda _place, _thing: 0)
        taken: list[str] = []
        while not taken:
            await woken.wait()
            woken.clear()
            taken += [thing for _, thing in flow.take(clock.timebase().now_ns())]
        while flow.next_due_ns() is None:
            await woken.wait()
            woken.clear()
        with pytest.raises(ValueError, match="no more"):
            flow.take(clock.timebase().now_ns())
        assert taken == ["a"]
        assert flow.finished

    live(scene)


def test_a_cancelled_flow_stops_at_its_next_thing() -> None:
    stopped = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            stopped.set()

    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        flow = work.each(source, 0, lambda _place, _thing: 0)
        await woken.wait()
        flow.cancel()
        assert flow.finished
        assert flow.next_due_ns() is None
        assert list(flow.take(10**18)) == []

    live(scene)
    assert stopped.wait(5)


def test_nothing_is_begun_for_nobody() -> None:
    done: list[int] = []
    threads = Threads()
    work = ThreadWork(threads)
    job = work.begin(lambda: done.append(1), 0)
    flow = work.each(lambda: iter(done), 0, lambda _place, _thing: 0)
    threads.computing.shutdown(wait=True)
    assert job.due_ns() is None
    assert flow.next_due_ns() is None
    assert done == []
    job.cancel()
    flow.cancel()


# -- threads that wait for others -----------------------------------------------------


def test_tasks_beyond_the_limit_wait_for_a_thread() -> None:
    waiting = WaitingThreads(2)
    done: list[str] = []
    begun, go_on, all_done = (
        threading.Semaphore(0),
        threading.Event(),
        threading.Event(),
    )

    def waits() -> None:
        begun.release()
        go_on.wait(5)

    def comes_last() -> None:
        done.append(threading.current_thread().name)
        all_done.set()

    for task in (waits, waits, comes_last):
        waiting.submit(task)
    for _ in range(2):
        assert begun.acquire(timeout=5)
    assert done == []
    go_on.set()
    assert all_done.wait(5)
    assert done == ["answer"]


def test_what_has_not_begun_can_be_dropped() -> None:
    waiting = WaitingThreads(1)
    done: list[str] = []
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    def waits() -> None:
        begun.set()
        go_on.wait(5)

    waiting.submit(waits)
    assert begun.wait(5)
    waiting.submit(lambda: done.append("dropped"))
    waiting.drop()
    waiting.submit(over.set)
    go_on.set()
    assert over.wait(5)
    assert done == []


def test_a_flow_that_is_cancelled_in_the_queue_is_never_begun() -> None:
    begun: list[int] = []

    def source(go_on: threading.Event) -> Iterator[int]:
        go_on.wait(5)
        yield 1

    def unwanted() -> Iterator[int]:
        begun.append(1)
        yield 1

    async def scene(work: ThreadWork, woken: asyncio.Event) -> None:
        go_on = threading.Event()
        busy = [work.each(lambda: source(go_on), 0, lambda *_: 0) for _ in range(2)]
        queued = work.each(unwanted, 0, lambda *_: 0)
        queued.cancel()
        go_on.set()
        while any(flow.next_due_ns() is None for flow in busy):
            await woken.wait()
            woken.clear()

    live(scene)
    assert begun == []


SILENT = """
import asyncio, threading
from voicelab import clock
from voicelab.serve.threads import Threads, ThreadWork

async def main():
    threads = Threads()
    work = ThreadWork(threads)
    work.attach(lambda: None)
    begun = threading.Event()

    def answer():
        begun.set()
        threading.Event().wait(600)
        yield 1

    work.each(answer, 0, lambda *_: 0)
    assert begun.wait(5)
    threads.close()

clock.run(main, clock="wall")
print("over")
"""


def test_the_process_ends_while_somebody_is_silent() -> None:
    """Its timeout is that of a hang, not a measure."""
    ended = subprocess.run(
        [sys.executable, "-c", SILENT],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == "over\n"
