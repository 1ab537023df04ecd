"""All calls of a bridge: waiting for their end leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

from tests.support.sockets import on_sockets
from voicelab.serve.bridges.call import BridgeCall
from voicelab.serve.bridges.ending import Ending
from voicelab.serve.bridges.switchboard import Switchboard


class Held:
    """A call that lasts until it is told to end."""

    def __init__(self) -> None:
        self._over = asyncio.Event()

    def end(self, _: Ending) -> None:
        self._over.set()

    async def run(self) -> None:
        await self._over.wait()


def held(board: Switchboard, call: Held) -> Coroutine[Any, Any, None]:
    return board.hold(cast("BridgeCall", call))


def test_without_calls_there_is_nothing_to_wait_for() -> None:
    async def main() -> None:
        board = Switchboard(3)
        assert board.refusal() is None
        await board.without_calls(60, asyncio.Event())
        assert board.refusal() is not None

    on_sockets(main)


def test_calls_may_go_on_so_long_and_no_longer() -> None:
    async def main() -> None:
        board = Switchboard(3)
        calls = [asyncio.create_task(held(board, Held())) for _ in range(2)]
        await asyncio.sleep(0)
        await board.without_calls(0.01, asyncio.Event())
        assert board.calls == 2
        assert asyncio.all_tasks() == {*calls, asyncio.current_task()}
        board.end_all()
        await board.without_calls(60, asyncio.Event())
        assert board.calls == 0
        await asyncio.gather(*calls)

    on_sockets(main)


def test_the_last_call_ends_the_wait_and_so_does_haste() -> None:
    async def main() -> None:
        board, hurry = Switchboard(3), asyncio.Event()
        first, second = Held(), Held()
        calls = [asyncio.create_task(held(board, call)) for call in (first, second)]
        await asyncio.sleep(0)
        waiting = asyncio.create_task(board.without_calls(60, hurry))
        first.end(Ending("over"))
        await calls[0]
        await asyncio.sleep(0.01)
        assert not waiting.done()
        hurry.set()
        await waiting
        assert board.calls == 1
        second.end(Ending("over"))
        await board.without_calls(60, asyncio.Event())
        assert board.calls == 0
        await calls[1]

    on_sockets(main)
