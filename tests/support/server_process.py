"""A server in a process of its own, and what the operating system tells of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
PROC = Path("/proc")
HAS_PROC = PROC.is_dir()
"""Whether the system tells of processes' memory and files where this module asks."""

STOP_TIMEOUT_S = 20


class ServerProcess:
    """`voicelab serve` on a free port of loopback, while a `with` block runs.

    Args:
        options: further options of the command.
        cpu: the one core that it may use; None for all.
        log: the file that its whole log goes to; None shows errors only.
        env: what its environment has besides this process's.

    Attributes:
        url: where clients open sessions.
        http_url: the base URL of REST calls and of OpenAI's libraries.
        port: the server's.
        process: the server's.
    """

    def __init__(
        self,
        *options: str,
        cpu: int | None = None,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        pinned = [] if cpu is None else pinned_to(cpu)
        command = [sys.executable, "-m", "voicelab", "serve", "--port", "0", "--json"]
        quiet = [] if log is not None else ["--log-level", "error"]
        self._command = [*pinned, *command, *quiet, "--drain-seconds", "0", *options]
        self._log = log
        self._env = {**os.environ, **(env or {})}

    def __enter__(self) -> Self:
        with ExitStack() as until_started:
            log = (
                until_started.enter_context(self._log.open("w")) if self._log else None
            )
            self.process = subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env=self._env,
            )
        assert self.process.stdout is not None
        announcement = self.process.stdout.readline()
        assert announcement, self._log and self._log.read_text()
        self.told: dict[str, Any] = json.loads(announcement)
        self.url: str = self.told["url"]
        self.http_url: str = self.told["base_url"]
        self.port: int = self.told["port"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    # -- what it says of itself -----------------------------------------------

    def get(self, path: str) -> bytes:
        """Return what the server answers to a plain request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def metrics(self) -> dict[str, float]:
        """Return the server's measures, labels behind the names in braces."""
        families = text_string_to_metric_families(self.get("/metrics").decode())
        return {
            sample.name + _labels(sample.labels): sample.value
            for family in families
            for sample in family.samples
        }

    # -- what the system says of it ---------------------------------------------

    @property
    def rss_mb(self) -> float:
        """The memory that it holds, in MiB."""
        pages = int((self._proc / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @property
    def open_files(self) -> int:
        """How many file descriptors it holds."""
        return sum(1 for _ in (self._proc / "fd").iterdir())

    @property
    def cpu_s(self) -> float:
        """How long it has been computing."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _proc(self) -> Path:
        return PROC / str(self.process.pid)


def pinned_to(cpu: int) -> list[str]:
    """Return what stands before a command that may use one core only."""
    taskset = shutil.which("taskset")
    return [] if taskset is None else [taskset, "-c", str(cpu)]


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f"{key}={value}" for key, value in labels.items()) + "}"
