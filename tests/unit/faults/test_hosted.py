"""A host keeps the deadlines of a session with faults, said or unsaid."""

from __future__ import annotations

import json
from typing import Any

from tests.support.session_pair import FixedReplies, LevelScorer, spoken
from voicelab import clock
from voicelab.clock import sleep_until_ns, timebase
from voicelab.faults import FaultySession, parse_fault
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.ids import IdSource
from voicelab.protocol.server_events import ServerEvent
from voicelab.session.outbox import Note
from voicelab.session.server import ServerSession
from voicelab.transport import Closing, SessionHost, memory_pair
from voicelab.units import NS_PER_MS, NS_PER_S


class Tap:
    """Keeps when each note was made, in ms."""

    def __init__(self) -> None:
        self.noted: dict[str, float] = {}

    def server_received(self, event: ClientEvent) -> None:
        pass

    def server_sent(self, event: ServerEvent) -> None:
        pass

    def server_noted(self, note: Note) -> None:
        self.noted[note.type] = timebase().now_ns() / NS_PER_MS


def hosted(fault: str) -> tuple[Tap, list[tuple[float, str]], list[Closing]]:
    """Ask for a response of two pieces, due at 40 and 80 ms; return what is seen."""
    tap = Tap()
    arrived: list[tuple[float, str]] = []
    endings: list[Closing] = []

    async def story() -> None:
        time = timebase()
        client, server = memory_pair(time)
        replies = FixedReplies([[(40, spoken(200)), (80, spoken(200))]])
        session = ServerSession(
            scorer=LevelScorer(), responder=replies, ids=IdSource(0, "server")
        )
        faulty = FaultySession(session, [parse_fault(fault)], 0)

        def take(message: bytes) -> None:
            event: dict[str, Any] = json.loads(message)
            arrived.append((time.now_ns() / NS_PER_MS, event["type"]))

        client.set_receiver(take, endings.append)
        SessionHost(faulty, server, time, tap).start()
        client.send(b'{"type":"response.create"}')
        await sleep_until_ns(3 * NS_PER_S)

    clock.run(story)
    return tap, arrived, endings


def test_the_session_inside_keeps_its_time_while_nothing_leaves() -> None:
    tap, arrived, _ = hosted("late:on=session.created,rate=1,delay_ms=1000")
    assert tap.noted["reply.audio"] == 80
    assert {at for at, _ in arrived} == {1000}
    assert arrived[0][1] == "session.created"
    assert arrived[-1][1] == "rate_limits.updated"


def test_what_is_held_leaves_when_it_is_due() -> None:
    _, arrived, _ = hosted("stall:after_ms=200,duration_ms=500")
    deltas = [at for at, kind in arrived if kind == "response.output_audio.delta"]
    assert deltas == [40, 540]


def test_the_host_breaks_the_connection_off() -> None:
    tap, arrived, endings = hosted("disconnect:after_ms=200")
    assert endings == [Closing(1006, "")]
    assert arrived[-1] == (40, "response.output_audio.delta")
    assert tap.noted["fault"] == tap.noted["reply.audio"] == 40


def test_a_session_that_expires_needs_no_message() -> None:
    _, arrived, endings = hosted("expire:after_s=2")
    assert arrived[-1] == (2000, "error")
    assert [end.code for end in endings] == [1001]
