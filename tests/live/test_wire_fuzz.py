"""A few hundred frames that nobody should send, over a real socket.

`tests/soak/run fuzz` sends 100,000 of them to a server in a process of its own.
"""

from __future__ import annotations

from tests.soak.fuzz import Fuzz
from tests.support.serving import client_of, serving
from tests.support.sockets import on_sockets
from voicelab.protocol.wire_errors import CODES

FRAMES = 600


def test_whatever_is_sent_is_answered_or_refused() -> None:
    async def main() -> None:
        async with serving() as server:
            fuzz = Fuzz(server.port, f"{server.url}?model=gpt-realtime")
            await fuzz.run(FRAMES, seed=1)
            async with client_of(server) as client:
                await client.until("session.created")
        assert fuzz.sent.total() >= FRAMES
        assert len(fuzz.errors) > 5
        assert set(fuzz.errors) <= CODES
        assert {1002, 1007, 1009} <= set(fuzz.closes)

    on_sockets(main)
