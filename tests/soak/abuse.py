"""Everything bad at once, round after round, and ordinary callers in the middle."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from websockets.exceptions import ConnectionClosed

from tests.soak.fuzz import Fuzz
from tests.soak.holdings import WARM_UP, Holdings
from tests.soak.peers import WAYS, reset
from tests.soak.probe import probe
from tests.soak.target import API_KEY, Target
from tests.support.doomed import DoomedClient
from voicelab.protocol.limits import MAX_APPEND_BYTES
from voicelab.serve.sessions import AgentSessions

LEAST_ROUNDS = 8
ROUND_S = 40.0
MAX_GROWTH_MB = 24.0
"""How much more memory may be held after the last round than after the first ones. The
messages of 20 MiB that come and go leave the allocator's heap a little different after
each round; a leak of one of them, or of one session's audio, is as large as this."""

LONGEST = json.dumps(
    {
        "type": "input_audio_buffer.append",
        "audio": base64.b64encode(bytes(MAX_APPEND_BYTES)).decode(),
    }
)
SENT_AWAY = frozenset({1001, 1013})
"""How any connection may end here: its session expires, or there is no room."""

SESSION_LIMIT_S = 24
"""When sessions expire; a round lasts at least as long."""

CALLER_S = 12.0
_PAUSE_S = 0.5


@dataclass
class Abuse:
    """What is done to the server, and how often it was.

    Attributes:
        target: the server.
        chance: draws.
        done: how often each thing was done.
        worst_rss_mb: the most memory that it held meanwhile.
    """

    target: Target
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    worst_rss_mb: float = 0.0

    def everybody(self) -> list[Callable[[], Awaitable[None]]]:
        """Return what goes on at the same time, each again and again."""
        return [
            self._come_and_go,
            self._come_and_go,
            self._babble,
            self._babble,
            self._send_the_longest,
            self._be_deaf,
            self._be_killed,
            self._be_stopped,
            self._flood,
            self._stay_too_long,
            self._watch,
        ]

    async def again_and_again(
        self, act: Callable[[], Awaitable[None]], seconds: float
    ) -> None:
        """Do something for some time; there may be no room for it now and then."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while loop.time() < until_s:
            try:
                await act()
            except (ConnectionClosed, OSError):
                self.done["sent away"] += 1

    async def _come_and_go(self) -> None:
        way = self.chance.choice(WAYS)
        await way(self.target, self.chance)
        self.done[way.__name__] += 1

    async def _babble(self) -> None:
        server = self.target.server
        fuzz = Fuzz(server.port, self.target.url, API_KEY, SENT_AWAY)
        await fuzz.run(400, self.chance.getrandbits(32))
        self.done["frames of fuzz"] += fuzz.sent.total()

    async def _send_the_longest(self) -> None:
        websocket = await self.target.connecting()
        try:
            await websocket.send(LONGEST)
            await websocket.send('{"type":"input_audio_buffer.commit"}')
            self.done["appends of 15 MiB"] += 1
            await asyncio.sleep(_PAUSE_S)
        finally:
            reset(websocket)

    async def _be_deaf(self) -> None:
        await asyncio.to_thread(self._doom, "deaf", 2 * _PAUSE_S)

    async def _be_killed(self) -> None:
        await asyncio.to_thread(self._doom, "reads", 0.0)

    async def _be_stopped(self) -> None:
        await asyncio.to_thread(self._doom, "reads", 4 * _PAUSE_S)

    def _doom(self, manner: Literal["reads", "deaf"], after_s: float) -> None:
        """Start a client, stop it when it has got where it wants to be, kill it."""
        with DoomedClient(self.target.server.port, manner, API_KEY) as client:
            client.wait_for_word()
            client.stop()
            client.wait(after_s)
        self.done[f"killed ({manner}, {after_s:g} s later)"] += 1

    async def _flood(self) -> None:
        """Open sessions until there is no room, and a few more."""
        opened, refused = [], 0
        while refused < 5:
            websocket = await self.target.connecting()
            opened.append(websocket)
            refused += "too_many_sessions" in str(await websocket.recv())
        self.done["refused by a full server"] += refused
        for websocket in opened:
            reset(websocket)
        await asyncio.sleep(4 * _PAUSE_S)

    async def _stay_too_long(self) -> None:
        async with self.target.connecting() as websocket:
            try:
                while True:
                    await websocket.recv()
            except ConnectionClosed:
                self.done[f"closed with {websocket.close_code}"] += 1
        await asyncio.sleep(_PAUSE_S)

    async def _watch(self) -> None:
        self.worst_rss_mb = max(self.worst_rss_mb, self.target.server.rss_mb)
        await asyncio.sleep(0.1)


async def abuse(
    target: Target, sessions: AgentSessions, seconds: float, seed: int
) -> dict[str, Any]:
    """Abuse a server; return what it held after each round.

    Args:
        target: the server.
        sessions: what it makes its sessions with.
        seconds: for how long, in all.
        seed: of all that is drawn.
    """
    plan = Abuse(target, random.Random(seed))
    holdings = Holdings(target.server)
    callers = []
    rounds = max(LEAST_ROUNDS, round(seconds / ROUND_S))
    for number in range(rounds):
        callers.append(await _round(plan, sessions, seconds / rounds, number))
        await target.settle()
        holdings.sample()
    summary = holdings.summary(unit=60 * rounds / seconds)  # MiB a minute
    grown_mb = max(holdings.rss_mb[-2:]) - max(holdings.rss_mb[:WARM_UP])
    passed = holdings.files_are_flat and grown_mb <= MAX_GROWTH_MB
    return {
        "seconds": seconds,
        "done": dict(plan.done),
        "worst_rss_mb": round(plan.worst_rss_mb, 1),
        **summary,
        "callers_late_p99_ms": [caller["late_ms"].get("p99") for caller in callers],
        "callers_broken_off": [c["broken_off"] for c in callers if c["broken_off"]],
        "passed": passed,
    }


async def _round(
    plan: Abuse, sessions: AgentSessions, seconds: float, number: int
) -> dict[str, Any]:
    """Do everything for some time, while an ordinary caller calls."""
    opened = asyncio.Event()
    caller = asyncio.create_task(probe(plan.target, sessions, number, CALLER_S, opened))
    await opened.wait()  # later, there may be no room
    async with asyncio.TaskGroup() as group:
        for act in plan.everybody():
            group.create_task(plan.again_and_again(act, seconds))
    return await caller
