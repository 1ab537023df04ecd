"""The soak: see README.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.soak.abuse import SESSION_LIMIT_S, abuse
from tests.soak.churn import churn
from tests.soak.fuzz import Fuzz
from tests.soak.probe import MAX_LATE_P99_MS, probe
from tests.soak.target import API_KEY, Target
from tests.support.server_process import ServerProcess
from voicelab.clock import Stopwatch, WallLoop
from voicelab.serve.sessions import AgentSessions, assistant_sessions

PROBE_S = 30.0
SERVER_ENV = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}
"""Lets glibc give large blocks back at once; what it would keep for the next ones looks
like a leak for some rounds, and hides a real one."""

Report = dict[str, Any]
Work = Callable[[Target, AgentSessions], Coroutine[Any, Any, Report]]


@dataclass(frozen=True)
class Part:
    """One part of the soak, with a server of its own.

    Attributes:
        work: what is done to the server.
        max_sessions: the server's limit.
        session_limit_s: when its sessions expire.
    """

    work: Work
    max_sessions: int = 100
    session_limit_s: int = 300

    def run(self) -> Report:
        """Do it, then see whether the server still serves."""
        watch = Stopwatch()
        limits = {
            "--max-sessions": self.max_sessions,
            "--session-limit": self.session_limit_s,
        }
        options = [word for pair in limits.items() for word in map(str, pair)]
        sessions = assistant_sessions(lifetime_s=self.session_limit_s)
        with (
            ServerProcess("--api-key", API_KEY, *options, env=SERVER_ENV) as server,
            asyncio.Runner(loop_factory=WallLoop) as runner,
        ):
            report = runner.run(self._soak(Target(server), sessions))
        return report | {"took_s": round(watch.elapsed_s())}

    async def _soak(self, target: Target, sessions: AgentSessions) -> Report:
        report = await self.work(target, sessions)
        await target.settle()
        seconds = min(PROBE_S, self.session_limit_s / 2)
        afterwards = await probe(target, sessions, 0, seconds)
        await target.settle()
        on_time = afterwards["late_ms"]["p99"] <= MAX_LATE_P99_MS
        served = on_time and not afterwards["broken_off"]
        return report | {
            "afterwards": afterwards,
            "passed": report["passed"] and served,
        }


async def fuzz(target: Target, frames: int, seed: int) -> Report:
    """Send frames that nobody should send."""
    fuzz = Fuzz(target.server.port, target.url, API_KEY)
    await fuzz.run(frames, seed)
    return fuzz.summary() | {"passed": True}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/soak/run", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        choices=["churn", "abuse", "fuzz"],
        metavar="churn|abuse|fuzz",
    )
    parser.add_argument("--cycles", type=int, default=2000, help="connections of churn")
    parser.add_argument("--seconds", type=float, default=300, help="of abuse")
    parser.add_argument("--frames", type=int, default=100_000, help="of fuzz")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    parts = {
        "churn": Part(lambda target, _: churn(target, asked.cycles, asked.seed)),
        "abuse": Part(
            lambda target, source: abuse(target, source, asked.seconds, asked.seed),
            max_sessions=40,
            session_limit_s=SESSION_LIMIT_S,
        ),
        # a peer that broke a rule and left holds its place for some seconds
        "fuzz": Part(
            lambda target, _: fuzz(target, asked.frames, asked.seed),
            max_sessions=2000,
        ),
    }
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # peers vanish on purpose
    passed = True
    for name in asked.what or parts:
        report = parts[name].run()
        passed &= report["passed"]
        sys.stdout.write(json.dumps({name: report}) + "\n")
        sys.stdout.flush()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
