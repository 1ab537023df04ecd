"""The browser bridge in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.server_process import ROOT, STOP_TIMEOUT_S


@contextmanager
def bridge_process(*options: str) -> Iterator[str]:
    """Run `voicelab bridge browser` on a free port; yield the page's URL."""
    command = [sys.executable, "-m", "voicelab", "bridge", "browser", "--port", "0"]
    quiet = ["--json", "--log-level", "error", "--drain-seconds", "0"]
    with subprocess.Popen(
        [*command, *quiet, *options], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield told["page_url"]
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT_S)
