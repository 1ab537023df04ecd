"""The machine's clock: exact timers, logical instants, no failure unseen."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from voicelab import clock
from voicelab.clock import WallLoop, timebase
from voicelab.clock.wall import ON_TIME_NS


def test_it_runs_on_a_loop_of_its_own() -> None:
    async def main() -> bool:
        return isinstance(asyncio.get_running_loop(), WallLoop)

    assert clock.run(main, clock="wall")


def test_a_timer_never_fires_before_its_instant() -> None:
    early: list[int] = []

    async def main() -> None:
        time = timebase()
        start_ns = time.now_ns()
        done = asyncio.Event()
        for index in range(1, 200):
            due_ns = start_ns + index * 170_001

            def fired(due_ns: int = due_ns) -> None:
                if time.real_ns() < due_ns - 1:  # a float second is off by that much
                    early.append(due_ns)

            time.call_at_ns(due_ns, fired)
        time.call_at_ns(start_ns + 200 * 170_001, done.set)
        await done.wait()

    clock.run(main, clock="wall")
    assert early == []


def test_while_a_timer_runs_it_is_the_instant_it_was_set_for() -> None:
    seen: list[tuple[int, int, int]] = []

    async def main() -> None:
        time = timebase()
        done = asyncio.Event()
        due_ns = time.now_ns() + 2_000_000

        def fired() -> None:
            seen.append((due_ns, time.now_ns(), time.real_ns()))
            done.set()

        time.call_at_ns(due_ns, fired)
        await done.wait()
        assert time.now_ns() >= due_ns

    clock.run(main, clock="wall")
    ((due_ns, now_ns, real_ns),) = seen
    assert real_ns >= now_ns
    if real_ns - due_ns <= ON_TIME_NS:
        assert now_ns == due_ns


def test_a_timer_that_is_far_too_late_tells_the_real_instant() -> None:
    async def main() -> int:
        time_ = timebase()
        fired: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        due_ns = time_.now_ns() + 1_000_000
        time_.call_at_ns(due_ns, lambda: fired.set_result(time_.now_ns() - due_ns))
        time.sleep(0.03)  # noqa: ASYNC251 -- something holds up the loop
        return await fired

    assert clock.run(main, clock="wall") > ON_TIME_NS


def test_time_never_goes_back_between_a_message_and_a_late_timer() -> None:
    async def main() -> list[int]:
        time = timebase()
        told: list[int] = []
        done = asyncio.Event()
        due_ns = time.now_ns() + 500_000

        def late() -> None:
            told.append(time.now_ns())
            done.set()

        time.call_at_ns(due_ns, late)
        while time.real_ns() < due_ns + 200_000:  # what arrives is told real time
            told.append(time.now_ns())
        await done.wait()
        told.append(time.now_ns())
        return told

    told = clock.run(main, clock="wall")
    assert told == sorted(told)


def test_a_failing_callback_ends_the_run() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_soon(int, "no number")
        await asyncio.sleep(60)

    with pytest.raises(ValueError, match="no number"):
        clock.run(main, clock="wall")


def test_in_virtual_time_both_instants_are_one() -> None:
    async def main() -> tuple[int, int]:
        await clock.sleep_until_ns(1_234)
        time = timebase()
        return time.now_ns(), time.real_ns()

    assert clock.run(main) == (1_234, 1_234)


def test_the_time_of_day_is_iso_8601_in_utc() -> None:
    told = clock.utc_now()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told)
    assert clock.unix_s() > 1_700_000_000
