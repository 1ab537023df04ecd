"""A session's host: messages in, events out, deadlines kept, on the virtual clock."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from voicelab import clock
from voicelab.audio.formats import AudioFormat
from voicelab.clock import sleep_until_ns, timebase
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.ids import IdSource
from voicelab.protocol.server_events import ServerEvent
from voicelab.protocol.wire_errors import invalid_json
from voicelab.responders.profile import load_profile
from voicelab.responders.script import ScriptedReply, Speech
from voicelab.responders.scripted import ScriptedResponder
from voicelab.session.outbox import Note
from voicelab.session.server import ServerSession
from voicelab.speech.scorers import make_scorer
from voicelab.transport import (
    LinkSettings,
    MemoryConnection,
    Network,
    SessionHost,
    memory_pair,
)
from voicelab.units import NS_PER_MS

Seen = tuple[float, str]
"""An instant in ms and the type of what was seen then."""


class Tap:
    """Notes what passes through the server, and when."""

    def __init__(self, now_ms: Callable[[], float]) -> None:
        self._now_ms = now_ms
        self.received: list[Seen] = []
        self.sent: list[Seen] = []
        self.noted: list[Seen] = []

    def server_received(self, event: ClientEvent) -> None:
        tag = event.__struct_config__.tag
        self.received.append((self._now_ms(), str(tag)))

    def server_sent(self, event: ServerEvent) -> None:
        self.sent.append((self._now_ms(), str(event.__struct_config__.tag)))

    def server_noted(self, note: Note) -> None:
        self.noted.append((self._now_ms(), note.type))


def a_session() -> ServerSession:
    """Return a session whose agent speaks for 400 ms, at once and all at once."""
    speech = Speech(np.full(9600, 1000, np.int16), 24_000)
    profile = load_profile("instant")
    responder = ScriptedResponder([ScriptedReply("hum", speech)], profile.sampler(0))
    return ServerSession(
        scorer=make_scorer("energy"), responder=responder, ids=IdSource(0, "server")
    )


def converse(
    messages: list[tuple[float, dict[str, Any] | bytes]], *, hang_up_ms: float = 5000
) -> tuple[Tap, list[Seen]]:
    """Send messages at their instants; return the tap and what the client saw."""
    arrived: list[Seen] = []
    taps: list[Tap] = []

    async def story() -> None:
        time = timebase()
        client, server = memory_pair(time, Network(LinkSettings(30), LinkSettings(20)))

        def now_ms() -> float:
            return time.now_ns() / NS_PER_MS

        client.set_receiver(lambda m: arrived.append((now_ms(), json.loads(m)["type"])))
        tap = Tap(now_ms)
        taps.append(tap)
        host = SessionHost(a_session(), server, time, tap)
        host.start()
        await send_each(client, messages)
        await sleep_until_ns(round(hang_up_ms * NS_PER_MS))
        host.close()
        client.send(b'{"type":"response.create"}')
        await sleep_until_ns(round((hang_up_ms + 5000) * NS_PER_MS))

    clock.run(story)
    return taps[0], arrived


async def send_each(
    client: MemoryConnection, messages: list[tuple[float, dict[str, Any] | bytes]]
) -> None:
    for at_ms, message in messages:
        await sleep_until_ns(round(at_ms * NS_PER_MS))
        raw = message if isinstance(message, bytes) else json.dumps(message).encode()
        client.send(raw)


def test_the_client_is_greeted_across_the_link() -> None:
    tap, arrived = converse([])
    assert tap.sent == [(0, "session.created")]
    assert arrived == [(20, "session.created")]


def test_what_is_sent_arrives_in_the_order_and_at_the_time_of_the_link() -> None:
    tap, arrived = converse([(100, {"type": "response.create"})])
    assert tap.received == [(130, "response.create")]
    assert arrived == [(at_ms + 20, kind) for at_ms, kind in tap.sent]
    assert arrived[1] == (150, "response.created")


def test_deadlines_wake_the_session_without_any_message() -> None:
    tap, _ = converse([(0, {"type": "response.create"})])
    # instant: no wait, 100 times real time, chunks of 200 ms
    deltas = [at for at, kind in tap.sent if kind == "response.output_audio.delta"]
    assert deltas == [30, 32]
    assert [at for at, kind in tap.sent if kind == "response.done"] == [32]


def test_what_is_no_event_is_refused_and_not_tapped() -> None:
    tap, arrived = converse([(0, b"{"), (1, {"type": "nonsense"})])
    assert tap.received == []
    assert [kind for _, kind in arrived] == ["session.created", "error", "error"]


def test_hanging_up_stops_a_response_under_way() -> None:
    # the first chunk has left, the second one is due 2 ms later
    tap, arrived = converse([(0, {"type": "response.create"})], hang_up_ms=31)
    deltas = [at for at, kind in tap.sent if kind == "response.output_audio.delta"]
    assert deltas == [30]
    # what had left arrives; nothing leaves any more
    assert arrived == [(at + 20, kind) for at, kind in tap.sent]
    assert all(at <= 31 for at, _ in [*tap.sent, *tap.received, *tap.noted])


def test_truths_go_to_the_tap_and_never_to_the_client() -> None:
    silence = AudioFormat.PCM.encode(np.zeros(24_000, np.int16))
    append = {"type": "input_audio_buffer.append", "audio": _base64(silence)}
    tap, arrived = converse([(0, append)])
    assert {kind for _, kind in tap.noted} == {"vad.scores"}
    assert [kind for _, kind in arrived] == ["session.created"]


def test_the_tap_may_be_left_out() -> None:
    arrived: list[bytes] = []

    async def story() -> None:
        client, server = memory_pair(timebase())
        client.set_receiver(arrived.append)
        host = SessionHost(a_session(), server, timebase())
        host.start()
        client.send(b'{"type":"response.create"}')
        await sleep_until_ns(NS_PER_MS)
        host.close()

    clock.run(story)
    assert len(arrived) > 1


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_who_is_woken_looks_again_and_after_the_end_does_not() -> None:
    """A result that comes from elsewhere has no timer of its own."""
    looked: list[float] = []
    sent: list[Seen] = []

    async def story() -> None:
        time = timebase()
        client, server = memory_pair(time, Network(LinkSettings(0), LinkSettings(0)))

        def now_ms() -> float:
            return time.now_ns() / NS_PER_MS

        tap = Tap(now_ms)
        session = a_session()
        advance = session.advance

        def watched(now_ns: int) -> None:
            looked.append(now_ns / NS_PER_MS)
            session.refuse(invalid_json(), now_ns)
            advance(now_ns)

        session.advance = watched  # type: ignore[method-assign]
        host = SessionHost(session, server, time, tap)
        client.set_receiver(lambda _message: None, lambda _closing: None)
        host.start()
        await sleep_until_ns(100 * NS_PER_MS)
        host.wake()
        sent.extend(tap.sent)
        host.close()
        host.wake()

    clock.run(story)
    assert looked == [100]
    assert sent == [(0, "session.created"), (100, "error")]
