"""Calls a server from many sessions at once and says how late its events came.

Each session plays a bundled caller in real time, 20 ms of 24 kHz PCM at a time, and
gets the default assistant's replies, barge-ins and transcripts. Every event is held
against the instant at which a server would send it that takes no time at all, counted
from the sending of the frame that causes it: nothing is subtracted, neither the way
there and back nor this program's own delays, whose size it tells.

    python -m tests.soak.load URL --sessions 60 --seconds 60 [--seed 0]

The server must be a fresh `voicelab serve` with its default responder and profile and
the same seed: what it says is known from that. Lines of JSON come out: when all play,
when the first has ended, and the report.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.soak.callers import FRAME_NS, SESSION, as_text_frame, bundled_callers
from tests.soak.expected import TAIL_NS, Due, Key, expected_events
from tests.soak.lateness import Lateness, percentiles_ms
from tests.soak.streaming import StreamingClient
from voicelab.clock import WallLoop, sleep_until_ns, timebase
from voicelab.protocol.codec import encode
from voicelab.serve.sessions import assistant_sessions
from voicelab.units import NS_PER_MS, NS_PER_S

HEAD_START_NS = 500 * NS_PER_MS


class Load:
    """So many sessions at once.

    Args:
        sessions: how many.
        seconds: how long each plays.
        stagger_s: within what time they start, at random.
        seed: the server's, and of the starts.
    """

    def __init__(
        self, sessions: int, seconds: float, stagger_s: float, seed: int
    ) -> None:
        callers = bundled_callers()
        chance = random.Random(seed)
        self.frame_count = round(seconds * NS_PER_S / FRAME_NS)
        self.callers = [callers[k % len(callers)] for k in range(sessions)]
        self.starts_ns = [
            round(chance.random() * stagger_s * NS_PER_S) for _ in self.callers
        ]
        source = assistant_sessions(seed=seed)
        self.due: list[dict[Key, Due]] = [
            expected_events(source, ordinal, caller, self.frame_count)
            for ordinal, caller in enumerate(self.callers)
        ]

    async def run(self, url: str, tell: Callable[[str], None]) -> list[StreamingClient]:
        """Hold all sessions; return their clients.

        Args:
            url: the server's.
            tell: told when all sessions play, and when they no longer do.
        """
        clients = [await self._open(url) for _ in self.callers]
        start_ns = timebase().now_ns() + HEAD_START_NS
        for client, caller, after_ns in zip(
            clients, self.callers, self.starts_ns, strict=True
        ):
            client.play(caller.frames, self.frame_count, start_ns + after_ns)
        play_ns = self.frame_count * FRAME_NS
        await sleep_until_ns(start_ns + max(self.starts_ns))
        tell("all play")
        await sleep_until_ns(start_ns + min(self.starts_ns) + play_ns)
        tell("the first has ended")
        await sleep_until_ns(start_ns + max(self.starts_ns) + play_ns + TAIL_NS)
        for client in clients:
            client.hang_up()
        return clients

    async def _open(self, url: str) -> StreamingClient:
        """Open a session; the next one waits, so that it is the next of the server."""
        loop = asyncio.get_running_loop()
        make = partial(StreamingClient, url, timebase())
        host, port = _address(url)
        _, client = await loop.create_connection(make, host, port)
        await client.greeted.wait()
        client.send(as_text_frame(encode(SESSION)))
        return client

    def report(self, clients: list[StreamingClient]) -> dict[str, Any]:
        """Return how late everything was."""
        lateness = Lateness()
        for client, due in zip(clients, self.due, strict=True):
            lateness.add(client, due)
        sent = [late_ns for client in clients for late_ns in client.late_ns]
        return {
            "sessions": len(clients),
            "frames": len(sent),
            "frames_late_ms": percentiles_ms(sent),
            "broken_off": [c.broken_off for c in clients if c.broken_off],
            **lateness.summary(),
        }


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.split("/")[2].rpartition(":")
    return host, int(port)


def _tell(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--stagger", type=float, default=10, help="seconds")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    load = Load(asked.sessions, asked.seconds, asked.stagger, asked.seed)
    gc.collect()
    gc.freeze()
    gc.disable()  # what is measured is the server
    with asyncio.Runner(loop_factory=WallLoop) as runner:
        clients = runner.run(load.run(asked.url, _tell))
    _tell(load.report(clients))


if __name__ == "__main__":
    main()
