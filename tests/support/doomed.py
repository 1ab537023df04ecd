"""Clients in processes of their own, for signals that no program can catch."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

_SCRIPT = Path(__file__).with_name("bare_client.py")


class DoomedClient:
    """A client that is killed at the end of a `with` block, if not before.

    Args:
        port: the server's.
        manner: whether it reads what it is sent.
        api_key: what lets it in.
    """

    def __init__(
        self, port: int, manner: Literal["reads", "deaf"], api_key: str = "any"
    ) -> None:
        command = [sys.executable, "-I", "-S", str(_SCRIPT)]
        self._process = subprocess.Popen(
            [*command, str(port), api_key, manner],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def wait_for_word(self) -> str:
        """Wait until it has got where it wants to be; return what it says of it."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def stop(self) -> None:
        """Stop it where it is, with its connection open."""
        self._process.send_signal(signal.SIGSTOP)

    def wait(self, seconds: float) -> None:
        """Let some time pass, whatever state it is in; it may not end by itself."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def go_on(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
