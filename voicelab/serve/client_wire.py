"""What stands between one client's socket and its session."""

from __future__ import annotations

from collections.abc import Callable

from voicelab.protocol.dialect import Dialect
from voicelab.serve.telemetry import Telemetry
from voicelab.transport.connection import (
    Closing,
    Connection,
    HangUpListener,
    Receiver,
)


class ClientWire:
    """Translates, counts, and keeps one session's defect from harming the others.

    Args:
        inner: the socket's connection.
        dialect: what the client speaks.
        telemetry: the server's.
        on_message: called at each message of the client.
        on_defect: takes what a receiver raised; it ends the session.
    """

    def __init__(
        self,
        inner: Connection,
        dialect: Dialect,
        telemetry: Telemetry,
        *,
        on_message: Callable[[], None],
        on_defect: Callable[[Exception], None],
    ) -> None:
        self._inner = inner
        self._dialect = dialect
        self._telemetry = telemetry
        self._on_message = on_message
        self._on_defect = on_defect

    def set_receiver(
        self, receiver: Receiver, on_hang_up: HangUpListener | None = None
    ) -> None:
        """Say who takes the messages that arrive, and who hears of the end."""

        def receive(message: bytes) -> None:
            self._on_message()
            self._telemetry.received(len(message))
            try:
                receiver(self._dialect.client_to_ga(message))
            except Exception as error:  # noqa: BLE001 -- others' sessions go on
                self._on_defect(error)

        self._inner.set_receiver(receive, on_hang_up)

    def send(self, message: bytes) -> None:
        """Send a message in the client's dialect."""
        for told in self._dialect.ga_to_client(message):
            self._telemetry.sent(len(told))
            self._inner.send(told)

    def close(self, closing: Closing | None = None) -> None:
        """Hang up."""
        self._inner.close(closing)
