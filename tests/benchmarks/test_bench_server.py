"""How late a server on one core is while it holds many conversations in real time.

The server has the first core to itself, the callers are in a process on another one;
see `tests/soak/load.py` for what is measured and how. The environment says how much:
`VOICELAB_BENCH_SESSIONS`, one number or several (`60,80,100`), and
`VOICELAB_BENCH_SECONDS`, which every session plays. Whatever else runs on these cores
makes events late, too: what others took of the server's core is told with the result.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.server_process import HAS_PROC, ROOT, ServerProcess, pinned_to
from voicelab.clock import Stopwatch

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(not HAS_PROC, reason="the system tells nothing of processes"),
]

SESSIONS = [int(n) for n in os.environ.get("VOICELAB_BENCH_SESSIONS", "60").split(",")]
SECONDS = float(os.environ.get("VOICELAB_BENCH_SECONDS", "60"))
SERVER_CPU, CALLERS_CPU = 0, 1
MAX_LATE_P99_MS = 40
MAX_UNMATCHED_SHARE = 0.02
"""Of events that no virtual run has, or only it: where a frame and an instant of the
reply all but coincide, either may be first."""

_IDLE_FIELDS = (3, 4)  # of a line of /proc/stat: idle, and waiting for input


class _Meter:
    """What the server took of its core since it was made, and what others took."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._watch = Stopwatch()
        self._server_s, self._core_s = server.cpu_s, _core_busy_s()

    def shares(self) -> dict[str, float]:
        elapsed_s = self._watch.elapsed_s()
        server = (self._server.cpu_s - self._server_s) / elapsed_s
        core = (_core_busy_s() - self._core_s) / elapsed_s
        return {
            "server_cpu_rate": round(server, 3),
            "others_cpu_rate": round(max(core - server, 0), 3),
        }


def _core_busy_s() -> float:
    line = Path("/proc/stat").read_text().splitlines()[1 + SERVER_CPU]
    ticks = [int(field) for field in line.split()[1:9]]
    idle = sum(ticks[index] for index in _IDLE_FIELDS)
    return (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK")


def measure(sessions: int) -> dict[str, Any]:
    """Return what the callers, the server and the system tell."""
    load = [sys.executable, "-m", "tests.soak.load"]
    size = ["--sessions", str(sessions), "--seconds", str(SECONDS)]
    with (
        ServerProcess("--max-sessions", str(sessions), cpu=SERVER_CPU) as server,
        subprocess.Popen(
            [*pinned_to(CALLERS_CPU), *load, server.url, *size],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as callers,
    ):
        assert callers.stdout is not None
        callers.stdout.readline()  # all play
        meter = _Meter(server)
        callers.stdout.readline()  # the first has ended
        shares = meter.shares() | {"rss_mb": round(server.rss_mb)}
        report = json.loads(callers.stdout.readline())
        server_side = _lateness_buckets(server.metrics())
    return {**report, **shares, "server_side": server_side}


def _lateness_buckets(metrics: dict[str, float]) -> dict[str, dict[str, float]]:
    """Return, by measure, what share was at most so many seconds late."""
    shares: dict[str, dict[str, float]] = {}
    for name in ("voicelab_event_lateness_seconds", "voicelab_loop_lag_seconds"):
        bucket = f"{name}_bucket{{le="
        count = metrics[f"{name}_count"]
        shares[name] = {
            key.removeprefix(bucket)[:-1]: round(value / count, 4)
            for key, value in metrics.items()
            if key.startswith(bucket)
        }
    return shares


def _lines(report: dict[str, Any], name: str = "") -> Iterator[str]:
    """Yield a report, a measure a line."""
    groups = {"by_type", "server_side"}
    for key, value in report.items():
        if key in groups:
            yield from _lines(value, f"{name}{key}.")
        else:
            yield f"{name}{key}: {json.dumps(value)}"


@pytest.mark.parametrize("sessions", SESSIONS)
def test_lateness(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], sessions: int
) -> None:
    report = benchmark.pedantic(  # type: ignore[no-untyped-call]
        measure, args=(sessions,), rounds=1
    )
    benchmark.extra_info.update(report)
    with capsys.disabled():
        print("\n" + "\n".join(_lines(report)))  # noqa: T201 -- what it is for
    assert not report["broken_off"]
    unmatched = sum(report["missing"].values()) + sum(report["extra"].values())
    assert unmatched <= MAX_UNMATCHED_SHARE * report["events"]
    assert report["late_ms"]["p99"] <= MAX_LATE_P99_MS
