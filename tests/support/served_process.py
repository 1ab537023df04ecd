"""The real server in a process of its own, as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Served:
    """A running `voicelab serve`.

    Attributes:
        url: where clients open sessions.
        process: the server's.
        log: the file that its error output goes to.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def http_url(self) -> str:
        """The base URL of REST calls and of OpenAI's libraries."""
        scheme = "https" if self.url.startswith("wss:") else "http"
        return f"{scheme}://{self.url.split('/')[2]}/v1"


@contextmanager
def served(
    folder: Path, *options: str, env: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Yield a server that listens; it is gone afterwards, whatever happens."""
    log = folder / "serve.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "voicelab", "serve", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **(env or {})},
        )
        assert process.stdout is not None
        with process.stdout:
            first = process.stdout.readline()
            try:
                assert first.startswith("Listening on "), log.read_text("utf-8")
                yield Served(first.split()[-1], process, log)
            finally:
                process.kill()
                process.wait()
