"""Thousands of connections, ended in every way there is."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

from tests.soak.holdings import Holdings
from tests.soak.peers import WAYS, half_open
from tests.soak.target import Target

ROUNDS = 10
AT_ONCE = 16
HALF_OPEN = 10
"""How many clients vanish in each round without a word, and are found by pings."""

MAX_SLOPE_MB = 1.0
"""How much memory may grow in 1,000 connections."""


async def churn(target: Target, cycles: int, seed: int) -> dict[str, Any]:
    """Open and end connections; return what the server held meanwhile.

    Args:
        target: the server.
        cycles: how many connections there are.
        seed: of all that is drawn.
    """
    chance = random.Random(seed)
    holdings = Holdings(target.server)
    done: Counter[str] = Counter()
    holdings.sample()
    for number in range(ROUNDS):
        last = number == ROUNDS - 1  # the only round that waits for the pings
        vanished = [await half_open(target) for _ in range(HALF_OPEN if last else 0)]
        await _round(target, cycles // ROUNDS - len(vanished), chance, done)
        await target.settle()
        holdings.sample()
        for websocket in vanished:
            websocket.transport.abort()
        done["half_open"] += len(vanished)
    summary = holdings.summary(unit=1000 * ROUNDS / cycles)
    passed = holdings.files_are_flat and summary["rss_slope_mb"] <= MAX_SLOPE_MB
    return {"cycles": done.total(), "ways": dict(done), **summary, "passed": passed}


async def _round(
    target: Target, count: int, chance: random.Random, done: Counter[str]
) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(seed: int) -> None:
        own = random.Random(seed)
        way = own.choice(WAYS)
        async with room:
            await way(target, own)
        done[way.__name__] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(one(chance.getrandbits(32)))
