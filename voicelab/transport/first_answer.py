"""How long a connection's first exchange takes, sockets and event loops included."""

from __future__ import annotations

from collections.abc import Callable

from voicelab.clock import Timebase
from voicelab.transport.connection import (
    Closing,
    Connection,
    HangUpListener,
    Receiver,
)


class FirstAnswer:
    """A connection that times the answer to the first message sent through it.

    Args:
        inner: the connection; nobody else uses it.
        time: the clock.
        is_answer: tells the answer from other messages.
        on_answer: told, once, how many nanoseconds passed from when the message was
            to be sent until its answer was taken.
    """

    def __init__(
        self,
        inner: Connection,
        time: Timebase,
        is_answer: Callable[[bytes], bool],
        on_answer: Callable[[int], None],
    ) -> None:
        self._inner = inner
        self._time = time
        self._is_answer = is_answer
        self._on_answer = on_answer
        self._sent_ns: int | None = None
        self._receiver: Receiver | None = None
        self._answered = False

    def send(self, message: bytes) -> None:
        """Send a message."""
        if self._sent_ns is None:
            self._sent_ns = self._time.now_ns()
        self._inner.send(message)

    def set_receiver(
        self, receiver: Receiver, on_hang_up: HangUpListener | None = None
    ) -> None:
        """Say who takes the messages that arrive, and who hears of the end."""
        self._receiver = receiver
        self._inner.set_receiver(self._receive, on_hang_up)

    def close(self, closing: Closing | None = None) -> None:
        """Hang up."""
        self._inner.close(closing)

    def _receive(self, message: bytes) -> None:
        if not self._answered and self._sent_ns is not None:
            self._answered = self._is_answer(message)
            if self._answered:
                self._on_answer(self._time.now_ns() - self._sent_ns)
        if self._receiver is not None:
            self._receiver(message)
