"""WebSocket frames that a client should not send, and some that it may."""

from __future__ import annotations

import json
import random
import struct
from copy import deepcopy
from typing import Any

from tests.support import wire_examples
from voicelab.protocol.codec import encode

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_FIN, _MASKED = 0x80, 0x80
_MAX_CONTROL_BYTES = 125

_EVENTS: list[dict[str, Any]] = [
    json.loads(encode(event)) for event in wire_examples.CLIENT_EVENTS
]
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**40,
    "",
    "x" * 600,
    "AAAA",
    "\0\u202e\U0001f600",
    [],
    {},
    [[[[]]]],
    {"type": "message"},
    {"type": "server_vad", "silence_duration_ms": 0},
    "audio/pcmu",
)
CLOSE_CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1011, 3000, 4999)
_BAD_CLOSES = (b"\x03", b"\x03\xed", b"\x00\x00", b"\xff\xff", b"\x03\xe8\xff\xfe")


class Chaos:
    """Makes frames.

    Args:
        seed: of all that is drawn.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._makers = {
            "mutated event": (52, self._mutated),
            "random text": (12, self._random_text),
            "random bytes as text": (3, self._random_bytes),
            "broken JSON": (8, self._broken_json),
            "binary": (8, self._binary),
            "fragments": (6, self._fragments),
            "ping or pong": (5, self._control),
            "against the rules": (2, self._against_the_rules),
            "close": (1, self._close),
            "too big": (0.5, self._too_big),
            "cut short": (0.5, self._cut_short),
        }

    def frame(self) -> tuple[str, bytes]:
        """Return the kind and the bytes of the next frame, or frames."""
        kinds = list(self._makers)
        weights = [weight for weight, _ in self._makers.values()]
        kind = self._chance.choices(kinds, weights)[0]
        return kind, self._makers[kind][1]()

    # -- messages -----------------------------------------------------------------

    def _mutated(self) -> bytes:
        return self._text(json.dumps(self._event()).encode())

    def _event(self) -> dict[str, Any]:
        """Return a plausible event of which a few values are others, or gone."""
        event: dict[str, Any] = json.loads(json.dumps(self._chance.choice(_EVENTS)))
        for _ in range(self._chance.choice((0, 1, 1, 2, 3))):
            self._slip(event)
        return event

    def _slip(self, event: dict[str, Any]) -> None:
        chance = self._chance
        holder: Any = event
        while isinstance(holder, dict | list) and holder:
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            key = chance.choice(list(keys))
            if isinstance(holder[key], dict | list) and chance.random() < 0.7:
                holder = holder[key]
                continue
            if chance.random() < 0.3:
                del holder[key]
            else:
                holder[key] = deepcopy(chance.choice(_VALUES))
            return

    def _random_text(self) -> bytes:
        length = self._chance.randrange(60)
        text = "".join(
            chr(self._chance.choice((self._chance.randrange(128), 0xE9, 0x1F600)))
            for _ in range(length)
        )
        return self._text(text.encode())

    def _random_bytes(self) -> bytes:
        return self._text(self._chance.randbytes(self._chance.randrange(1, 80)))

    def _broken_json(self) -> bytes:
        whole = json.dumps(self._event()).encode()
        if self._chance.random() < 0.5:
            return self._text(whole[: self._chance.randrange(len(whole))])
        at = self._chance.randrange(len(whole))
        return self._text(whole[:at] + self._chance.randbytes(1) + whole[at + 1 :])

    def _binary(self) -> bytes:
        return self._frame(BINARY, self._chance.randbytes(self._chance.randrange(200)))

    def _fragments(self) -> bytes:
        whole = json.dumps(self._event()).encode()
        count = self._chance.randrange(2, 6)
        size = len(whole) // count + 1
        parts = [whole[start : start + size] for start in range(0, len(whole), size)]
        frames = []
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            opcode = TEXT if number == 0 else 0
            frames.append(self._frame(opcode, part, fin=last))
            if not last and self._chance.random() < 0.3:
                frames.append(self._frame(PING, b"between"))
        return b"".join(frames)

    # -- what is no message ---------------------------------------------------------

    def _control(self) -> bytes:
        length = self._chance.randrange(_MAX_CONTROL_BYTES + 1)
        opcode = self._chance.choice((PING, PONG))
        return self._frame(opcode, self._chance.randbytes(length))

    def _close(self) -> bytes:
        code = self._chance.choice(CLOSE_CODES)
        return self._frame(CLOSE, struct.pack("!H", code) + b"bye")

    def _against_the_rules(self) -> bytes:
        """Return what RFC 6455 forbids."""
        choices = (
            self._frame(PING, bytes(200)),
            self._frame(PING, b"", fin=False),
            self._frame(0, b"goes on with nothing"),
            self._frame(TEXT, b"one", fin=False) + self._frame(TEXT, b"another"),
            self._frame(3, b"reserved opcode"),
            self._frame(11, b"reserved opcode"),
            self._frame(TEXT, b"reserved bit", reserved=0x40),
            b"\x81\x05plain",  # not masked
            self._frame(CLOSE, self._chance.choice(_BAD_CLOSES)),
            self._chance.randbytes(40),
        )
        return self._chance.choice(choices)

    def _too_big(self) -> bytes:
        """Announce what no server would take, and begin with it."""
        length = self._chance.choice((2**25, 2**32, 2**63 - 1))
        return struct.pack("!BBQ4x", _FIN | TEXT, _MASKED | 127, length) + bytes(1000)

    def _cut_short(self) -> bytes:
        """Return a frame that never ends."""
        whole = self._mutated()
        return whole[: self._chance.randrange(1, len(whole))]

    # -- frames ---------------------------------------------------------------------

    def _text(self, payload: bytes) -> bytes:
        return self._frame(TEXT, payload)

    def _frame(
        self, opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0
    ) -> bytes:
        """Return a masked frame; a mask of zeros leaves the payload as it is."""
        first = (_FIN if fin else 0) | reserved | opcode
        if len(payload) < 126:
            head = struct.pack("!BB", first, _MASKED | len(payload))
        elif len(payload) < 2**16:
            head = struct.pack("!BBH", first, _MASKED | 126, len(payload))
        else:
            head = struct.pack("!BBQ", first, _MASKED | 127, len(payload))
        return head + bytes(4) + payload
