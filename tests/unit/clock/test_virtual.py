"""The virtual loop: exact, ordered, still, and never hanging."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from voicelab import clock
from voicelab.errors import ClockError, DeadlockError


def test_time_is_exact_over_many_frames() -> None:
    async def main() -> list[int]:
        base = clock.timebase()
        seen = []
        for k in range(1, 3001):
            await clock.sleep_until_ns(k * 20_000_001)
            seen.append(base.now_ns())
        return seen

    assert clock.run(main) == [k * 20_000_001 for k in range(1, 3001)]


def test_an_hour_passes_at_once() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert clock.run(main) == 3600.0


def test_equal_instants_fire_in_the_order_set() -> None:
    order: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        base = clock.timebase()
        loop.call_later(1.0, order.append, "a")
        base.call_at_ns(1_000_000_000, order.append, "b")
        loop.call_at(1.0, order.append, "c")
        loop.call_later(0.5, lambda: loop.call_later(0.5, order.append, "d"))
        base.call_at_ns(1_000_000_000, order.append, "e").cancel()
        await asyncio.sleep(2)

    clock.run(main)
    assert order == ["a", "b", "c", "d"]


def test_a_timer_in_the_past_never_turns_the_clock_back() -> None:
    async def main() -> int:
        base = clock.timebase()
        await asyncio.sleep(1)
        await clock.sleep_until_ns(5)
        return base.now_ns()

    assert clock.run(main) == 1_000_000_000


def test_clock_stands_still_while_jobs_run_and_jobs_return_in_order() -> None:
    async def main() -> tuple[list[tuple[str, int]], int]:
        base = clock.timebase()
        ends: list[tuple[str, int]] = []

        async def job(name: str, seconds: float) -> None:
            await asyncio.to_thread(time.sleep, seconds)
            ends.append((name, base.now_ns()))

        async with asyncio.timeout(0.001):  # must not fire: no virtual time passes
            async with asyncio.TaskGroup() as group:
                group.create_task(job("slow", 0.05))
                group.create_task(job("fast", 0.0))
        return ends, base.now_ns()

    assert clock.run(main) == ([("slow", 0), ("fast", 0)], 0)


def test_a_job_may_call_back_into_the_loop() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()

        async def answer() -> str:
            return "yes"

        def work() -> str:
            return asyncio.run_coroutine_threadsafe(answer(), loop).result(timeout=5)

        return await asyncio.to_thread(work)

    assert clock.run(main) == "yes"


def test_a_failing_job_raises_where_it_is_awaited() -> None:
    async def main() -> None:
        await asyncio.to_thread(int, "x")

    with pytest.raises(ValueError, match="invalid literal"):
        clock.run(main)


def test_an_exception_in_a_task_ends_the_run_with_it() -> None:
    reached: list[float] = []

    async def boom() -> None:
        await asyncio.sleep(1)
        raise KeyError("boom")

    async def main() -> None:
        task = asyncio.create_task(boom())
        await asyncio.sleep(0)
        reached.append(0)
        await asyncio.sleep(3600)
        reached.append(3600)
        del task

    with pytest.raises(KeyError, match="boom"):
        clock.run(main)
    assert reached == [0]


def test_a_task_that_dies_leaves_its_cause_not_a_deadlock() -> None:
    async def main() -> None:
        event = asyncio.Event()

        async def setter() -> None:
            raise ZeroDivisionError
            event.set()

        task = asyncio.create_task(setter())
        await event.wait()
        del task

    with pytest.raises(ZeroDivisionError):
        clock.run(main)


def test_a_retrieved_exception_is_not_raised_twice() -> None:
    async def boom() -> None:
        raise KeyError("boom")

    async def main() -> str:
        results = await asyncio.gather(boom(), return_exceptions=True)
        await asyncio.sleep(1)
        return type(results[0]).__name__

    assert clock.run(main) == "KeyError"


def test_a_failure_at_the_very_end_is_still_raised() -> None:
    async def boom() -> None:
        raise KeyError("late")

    async def main() -> None:
        task = asyncio.create_task(boom())
        await asyncio.sleep(0)
        del task

    with pytest.raises(KeyError, match="late"):
        clock.run(main)


def test_an_exception_in_a_callback_ends_the_run() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_later(1, int, "x")
        await asyncio.sleep(2)

    with pytest.raises(ValueError, match="invalid literal"):
        clock.run(main)


def test_deadlock_names_every_task_and_its_wait() -> None:
    async def consumer(queue: asyncio.Queue[int]) -> None:
        await queue.get()

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()
        await asyncio.sleep(1.5)
        task = asyncio.create_task(consumer(queue), name="consumer")
        await asyncio.Event().wait()
        del task

    with pytest.raises(DeadlockError) as caught:
        clock.run(main)
    text = str(caught.value)
    assert caught.value.t_ns == 1_500_000_000
    assert "consumer waits in" in text
    assert "Queue.get" in text
    assert "Event.wait" in text


def test_a_task_that_refuses_to_die_cannot_hang_the_run() -> None:
    tasks: list[Any] = []

    async def stubborn() -> None:
        tasks.append(asyncio.current_task())
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    with pytest.raises(DeadlockError):
        clock.run(stubborn)
    (task,) = tasks
    task._log_destroy_pending = False  # it never ends, which is the point


def test_sockets_are_refused() -> None:
    ours, theirs = socket.socketpair()

    async def main() -> None:
        ours.setblocking(False)
        await asyncio.get_running_loop().sock_recv(ours, 1)

    with ours, theirs, pytest.raises(ClockError, match="virtual time"):
        clock.run(main)


def test_run_works_inside_a_running_loop() -> None:
    async def inner() -> str:
        await asyncio.sleep(60)
        return threading.current_thread().name

    async def outer() -> str:
        return clock.run(inner)

    assert asyncio.run(outer()) == "voicelab-run"


def test_the_same_code_runs_on_the_wall_clock() -> None:
    async def main() -> int:
        base = clock.timebase()
        start = base.now_ns()
        await clock.sleep_until_ns(start + 2_000_000)
        return base.now_ns() - start

    assert clock.run(main, clock="wall") >= 1_900_000


def test_async_timeouts_fire_on_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), timeout=300)
        return asyncio.get_running_loop().time()

    assert clock.run(main) == 300.0


def test_keyboard_interrupt_passes_through() -> None:
    async def main() -> None:
        def interrupt() -> Any:
            raise KeyboardInterrupt

        asyncio.get_running_loop().call_later(1, interrupt)
        await asyncio.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        clock.run(main)
