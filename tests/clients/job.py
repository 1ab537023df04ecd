"""What the Python client scripts share. It runs in their environments: no imports
but the standard library's."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

RATE_HZ = 24_000
SAMPLE_BYTES = 2
FRAME_MS = 20
FRAME_BYTES = RATE_HZ * FRAME_MS // 1000 * SAMPLE_BYTES
SILENCE = bytes(RATE_HZ * SAMPLE_BYTES * 9 // 10)
AT_MOST_S = 40.0
MODEL = "gpt-realtime"

Scenario = Callable[["Job"], Coroutine[Any, Any, None]]


class Job(dict[str, str]):
    """What `trials.Job` says, and what the script needs to do it."""

    def speech(self, name: str) -> bytes:
        """Return a recording."""
        return Path(self[name]).read_bytes()

    def record(self, event: Mapping[str, Any]) -> None:
        """Keep an event of the server, to be held against the models later."""
        with Path(self["events"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


async def speak(audio: bytes, send: Callable[[bytes], Awaitable[None]]) -> None:
    """Send PCM as a microphone would, and then the silence that ends a turn."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    whole = audio + SILENCE
    for number, start in enumerate(range(0, len(whole), FRAME_BYTES), 1):
        await asyncio.sleep(began_s + number * FRAME_MS / 1000 - loop.time())
        await send(whole[start : start + FRAME_BYTES])


async def until(reached: Callable[[], Any]) -> Any:
    """Wait until something has come true; return it."""
    while not (found := reached()):  # noqa: ASYNC110 -- libraries set no event of ours
        await asyncio.sleep(0.01)
    return found


def check(holds: object, *seen: object) -> None:
    """Fail, and say what was seen, unless something holds."""
    if not holds:
        raise AssertionError(f"saw {', '.join(map(repr, seen))}" if seen else "no")


def main(scenarios: Mapping[str, Scenario]) -> None:
    """Run the scenario that the command line names."""
    name, file = sys.argv[1:]
    job = Job(json.loads(Path(file).read_text("utf-8")))

    async def run() -> None:
        async with asyncio.timeout(AT_MOST_S):
            await scenarios[name](job)

    asyncio.run(run())
