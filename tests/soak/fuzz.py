"""Sends frames that nobody should send, and judges everything that comes back.

Whatever a client sends is answered with events that the strictest client accepts,
with errors that are documented, or with a close code for it; and then the next
connection is served.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.soak.callers import as_text_frame
from tests.soak.chaos import CLOSE_CODES, Chaos
from tests.support.sdk import assert_valid_server_event
from voicelab.protocol.wire_errors import CODES

BATCH = 8
"""How many frames are sent before the server is asked whether it is still there."""

ANSWER_TIMEOUT_S = 60.0

MAY_END = {
    "random bytes as text": frozenset({1007}),
    "broken JSON": frozenset({1007}),
    "against the rules": frozenset({1002, 1007}),
    "too big": frozenset({1009}),
    "cut short": frozenset({1002}),
    "close": frozenset(CLOSE_CODES),
}
"""The kinds of frames that end a connection, and with which codes: 1002 the rules of
RFC 6455 were broken, 1007 a text is no UTF-8, 1009 a message is too big."""


class DefectFoundError(AssertionError):
    """The server did what it must not."""


@dataclass
class Fuzz:
    """Sends frames to a server.

    Args:
        port: the server's.
        url: where sessions are opened, the model included.
        api_key: what lets in.
        may_end_any: the codes with which any connection may be closed.

    Attributes:
        sent: how many frames of each kind were sent.
        told: how many events of each type came back.
        errors: how many errors of each code.
        closes: how many connections ended with each code; None: with none.
    """

    port: int
    url: str
    api_key: str = "any"
    may_end_any: frozenset[int] = frozenset()
    sent: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    closes: Counter[int | None] = field(default_factory=Counter)

    async def run(self, frames: int, seed: int) -> None:
        """Send so many frames, over as many connections as it takes.

        Raises:
            DefectFoundError: the server did what it must not.
        """
        chaos = Chaos(seed)
        while self.sent.total() < frames:
            await self._hold_connection(chaos, frames)

    def summary(self) -> dict[str, Any]:
        """Return what was sent and what came back."""
        return {
            "frames": self.sent.total(),
            "kinds": dict(self.sent),
            "events": dict(self.told.most_common()),
            "errors": dict(self.errors.most_common()),
            "closes": {str(code): count for code, count in self.closes.items()},
        }

    async def _hold_connection(self, chaos: Chaos, frames: int) -> None:
        """Send frames until one of them ends the connection."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            connection = await _Connection.open(self)
        try:
            while self.sent.total() < frames and not connection.over:
                kind = self._send_batch(chaos, connection)
                if kind == "cut short":
                    break
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    await connection.until_answered(self.sent.total())
                if connection.over:
                    self._judge_end(kind, connection.close_code)
        finally:
            connection.leave()

    def _send_batch(self, chaos: Chaos, connection: _Connection) -> str:
        """Send some frames, up to the first that may end it; return the last's kind."""
        for _ in range(BATCH):
            kind, data = chaos.frame()
            self.sent[kind] += 1
            connection.write(data)
            if kind in MAY_END:
                break
        return kind

    def _judge_end(self, kind: str, code: int | None) -> None:
        """Judge how the server ended a connection.

        There is no code if what it had not read yet made a reset of its close.
        """
        self.closes[code] += 1
        if code in self.may_end_any:
            return
        if kind not in MAY_END or not (code is None or code in MAY_END[kind]):
            raise DefectFoundError(f"{kind!r} ended a connection with {code}")

    def judge(self, message: bytes) -> None:
        """Judge an event that came."""
        assert_valid_server_event(message)
        event = json.loads(message)
        self.told[event["type"]] += 1
        if event["type"] == "error":
            code = event["error"]["code"]
            if code not in CODES:
                raise DefectFoundError(f"an error that is not documented: {event}")
            self.errors[code] += 1


class _Connection:
    """One connection; what arrives is judged at once."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fuzz: Fuzz
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._fuzz = fuzz
        self._protocol = ClientProtocol(parse_uri(fuzz.url), max_size=None)
        self._answered = ""
        self.over = False

    @classmethod
    async def open(cls, fuzz: Fuzz) -> _Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", fuzz.port)
        connection = cls(reader, writer, fuzz)
        request = connection._protocol.connect()
        request.headers["Authorization"] = f"Bearer {fuzz.api_key}"
        connection._protocol.send_request(request)
        connection._flush()
        while connection._protocol.state is State.CONNECTING and not connection.over:
            await connection._read()
        return connection

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def until_answered(self, number: int) -> None:
        """Wait until the server answers what it was asked last, or has closed."""
        name = f"fuzz-{number}"
        question = {
            "type": "conversation.item.retrieve",
            "item_id": name,
            "event_id": name,
        }
        self.write(as_text_frame(json.dumps(question).encode()))
        while self._answered != name and not self.over:
            await self._read()

    def leave(self) -> None:
        self._writer.transport.abort()

    async def _read(self) -> None:
        try:
            data = await self._reader.read(65536)
        except ConnectionError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self.over = True
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._arrived(bytes(event.data))
        if self._protocol.parser_exc is not None and data:
            raise DefectFoundError(
                f"a frame that is none: {self._protocol.parser_exc!r}"
            )
        self._flush()

    def _arrived(self, message: bytes) -> None:
        self._fuzz.judge(message)
        if b'"fuzz-' in message:
            event_id = json.loads(message)["error"]["event_id"]
            self._answered = event_id or self._answered

    @property
    def close_code(self) -> int | None:
        """What the server closed with."""
        close = self._protocol.close_rcvd
        return None if close is None else close.code

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
