"""What a client sees of its session: messages, limits, ends."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.serving import (
    Client,
    OneReply,
    client_of,
    measured,
    serving,
    sessions,
    silence,
    speech,
)
from tests.support.sockets import on_sockets, until
from voicelab.faults import parse_fault
from voicelab.lab.agents import Agent
from voicelab.protocol.beta import BetaDialect
from voicelab.protocol.limits import MAX_APPEND_BYTES
from voicelab.responders.profile import load_profile
from voicelab.serve.server import MAX_MESSAGE_BYTES
from voicelab.session.reply import ReplyRequest, ReplyStream
from voicelab.session.work import INLINE, Work

TURN = (silence(0.3), speech(1.0), silence(1.0))


async def take_a_turn(client: Client) -> None:
    for part in TURN:
        await client.append(part)


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def types(client: Client) -> list[str]:
    return [event["type"] for event in client.events]


def test_a_turn_is_answered() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            created = await client.next()
            assert created["session"]["model"] == "gpt-realtime"
            await take_a_turn(client)
            done = await client.until("response.done")
            assert done["response"]["status"] == "completed"
            order = [
                "session.created",
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "response.created",
                "response.done",
            ]
            assert [each for each in types(client) if each in order] == order

    on_sockets(main)


def test_expires_at_counts_from_now() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            session = (await client.next())["session"]
            assert session["expires_at"] > 1_700_000_000

    on_sockets(main)


def test_a_long_append_is_heard_as_many_short_ones_are() -> None:
    whole = np.concatenate([*TURN, *TURN])

    async def heard(*, at_once: bool) -> list[Any]:
        async with serving() as server, client_of(server) as client:
            step = len(whole) if at_once else 480
            for start in range(0, len(whole), step):
                await client.append(whole[start : start + step])
            for _ in range(2):
                await client.until("response.done")
            return [
                (event["type"], event.get("audio_start_ms"), event.get("audio_end_ms"))
                for event in client.events
                if event["type"].startswith("input_audio_buffer")
            ]

    assert on_sockets(lambda: heard(at_once=True)) == on_sockets(
        lambda: heard(at_once=False)
    )


def test_the_longest_append_is_taken() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await client.append(np.zeros(MAX_APPEND_BYTES // 2, np.int16))
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")

    on_sockets(main)


def test_a_longer_append_is_refused_once_and_the_session_goes_on() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await client.append(np.zeros(MAX_APPEND_BYTES // 2 + 2, np.int16))
            assert (await client.error())["param"] == "audio"
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")

    on_sockets(main)


@pytest.mark.parametrize(
    "audio", ["A" * 99_999 + "!", base64.b64encode(bytes(99_999)).decode()]
)
def test_a_bad_long_append_is_refused_once(audio: str) -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await client.send("input_audio_buffer.append", audio=audio, event_id="e1")
            assert (await client.error())["event_id"] == "e1"
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")

    on_sockets(main)


def test_another_session_is_answered_in_the_middle_of_a_long_append() -> None:
    async def main() -> None:
        async with (
            serving() as server,
            client_of(server) as long,
            client_of(server) as other,
        ):
            await long.append(np.zeros(MAX_APPEND_BYTES // 2, np.int16))
            await long.send("input_audio_buffer.clear")
            await other.until("session.created")
            await other.send("input_audio_buffer.clear")
            order: list[str] = []

            async def answered(client: Client, name: str) -> None:
                await client.until("input_audio_buffer.cleared")
                order.append(name)

            await asyncio.gather(answered(long, "long"), answered(other, "other"))
            assert order == ["other", "long"]

    on_sockets(main)


def test_what_is_no_event_is_refused_and_the_session_goes_on() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await client.websocket.send(b"\x00\x01")
            assert (await client.error())["code"] == "invalid_event"
            await client.websocket.send("{")
            assert (await client.error())["code"] == "invalid_json"
            await client.websocket.send("[]")
            assert (await client.error())["code"] == "invalid_event"
            await client.send("no.such.event")
            assert (await client.error())["code"] == "invalid_value"
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")

    on_sockets(main)


def test_a_message_that_is_too_big_closes_with_1009() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            # the frame's head alone says how long it would be
            size = struct.pack(">Q", MAX_MESSAGE_BYTES + 1)
            client.websocket.transport.write(b"\x81\xff" + size + bytes(4))
            code, _ = await client.close_code()
            assert code == 1009

    on_sockets(main)


def test_a_client_that_says_nothing_is_sent_away() -> None:
    async def main() -> None:
        async with (
            serving(idle_timeout_s=0.2) as server,
            client_of(server) as client,
        ):
            assert (await client.error())["code"] == "session_idle"
            code, reason = await client.close_code()
            assert code == 1001
            assert reason == "Your session sent nothing for 0.2 seconds."

    on_sockets(main)


def test_a_client_that_says_something_now_and_then_may_stay() -> None:
    async def main() -> None:
        async with (
            serving(idle_timeout_s=1.0) as server,
            client_of(server) as client,
        ):
            for _ in range(6):  # in all longer than the timeout, each far shorter
                await asyncio.sleep(0.2)
                await client.send("input_audio_buffer.clear")
                await client.until("input_audio_buffer.cleared")

    on_sockets(main)


def test_a_session_expires() -> None:
    async def main() -> None:
        async with (
            serving(sessions(lifetime_s=1)) as server,
            client_of(server) as client,
        ):
            assert (await client.error())["code"] == "session_expired"
            said = "Your session hit the maximum duration of 1 seconds."
            assert await client.close_code() == (1001, said)

    on_sockets(main)


def test_a_client_that_does_not_read_is_dropped_and_nobody_waits_for_it() -> None:
    async def main() -> None:
        async with (
            serving(
                sessions(OneReply(seconds=200)), max_pending_bytes=200_000
            ) as server,
            client_of(server) as deaf,
            client_of(server) as other,
        ):
            await deaf.until("session.created")
            deaf.websocket.transport.pause_reading()
            await deaf.send("response.create")
            await until(lambda: measured(server, "closes_total", code="1008") == 1)
            await take_a_turn(other)
            await other.until("input_audio_buffer.speech_stopped")

    on_sockets(main)


def test_a_client_that_is_killed_in_mid_response_leaves_nothing_behind() -> None:
    async def main() -> None:
        agents = OneReply(30, load_profile("realtime-paced"))
        async with serving(sessions(agents)) as server:
            async with client_of(server) as client:
                await client.send("response.create")
                await client.until("response.output_audio.delta")
                client.websocket.transport.abort()
            await until(lambda: server.open_sessions == 0)
            assert measured(server, "closes_total", code="1006") == 1

    on_sockets(main)


def test_a_half_open_client_is_found_by_pings() -> None:
    async def main() -> None:
        async with serving(ping_interval_s=0.2, close_timeout_s=0.2) as server:
            silent = socket.create_connection(("127.0.0.1", server.port))
            silent.sendall(
                b"GET /v1/realtime?model=m HTTP/1.1\r\nHost: x\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            await until(lambda: server.open_sessions == 1)
            await until(lambda: measured(server, "closes_total", code="1011") == 1)
            silent.close()

    on_sockets(main)


def test_one_sessions_defect_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
            del work

            class Responder:
                def respond(self, request: ReplyRequest, now_ns: int) -> ReplyStream:
                    raise ZeroDivisionError(f"{request} {now_ns}")

            return OneReply().agent_for(seed) if seed else Agent(Responder())

    async def main() -> None:
        async with (
            serving(sessions(Broken())) as server,
            client_of(server) as first,
            client_of(server) as second,
        ):
            await first.send("response.create")
            assert await first.close_code() == (1011, "internal error")
            await second.send("response.create")
            await second.until("response.done")

    on_sockets(main)
    assert [
        record.message for record in caplog.records if record.levelno >= logging.ERROR
    ] == ["session failed"]


def test_faults_strike() -> None:
    async def main() -> None:
        faulty = sessions(faults=(parse_fault("response_failed"),))
        async with serving(faulty) as server, client_of(server) as client:
            await client.send("response.create")
            done = await client.until("response.done")
            assert done["response"]["status"] == "failed"
            kind = {"kind": "response_failed"}
            assert measured(server, "faults_total", **kind) == 1

    on_sockets(main)


def test_an_abrupt_disconnect_sends_no_close_frame() -> None:
    async def main() -> None:
        faulty = sessions(faults=(parse_fault("disconnect:after_ms=200"),))
        async with serving(faulty) as server, client_of(server) as client:
            await client.send("response.create")
            with pytest.raises(ConnectionClosed) as caught:
                await client.until("response.done")
            assert caught.value.rcvd is None

    on_sockets(main)


def test_the_beta_dialect_is_spoken_if_asked_for() -> None:
    async def main() -> None:
        async with (
            serving(dialect=BetaDialect()) as server,
            client_of(
                server,
                strict=False,
                additional_headers={"OpenAI-Beta": "realtime=v1"},
            ) as client,
        ):
            created = await client.next()
            assert created["session"]["input_audio_format"] == "pcm16"
            await client.send("session.update", session={"voice": "echo"})
            updated = await client.until("session.updated")
            assert updated["session"]["voice"] == "echo"
            await take_a_turn(client)
            await client.until("response.done")
            assert "response.audio.delta" in types(client)
            assert "conversation.item.created" in types(client)
            assert not any("output_audio" in each for each in types(client))

    on_sockets(main)


def test_sessions_have_ids_of_their_own() -> None:
    async def main() -> None:
        async with (
            serving() as server,
            client_of(server) as one,
            client_of(server) as two,
        ):
            ids = [(await each.next())["session"]["id"] for each in (one, two)]
            assert len(set(ids)) == 2

    on_sockets(main)


def test_event_ids_are_unique() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await take_a_turn(client)
            await client.until("response.done")
            counts = Counter(event["event_id"] for event in client.events)
            assert max(counts.values()) == 1

    on_sockets(main)


def test_many_connections_leave_no_descriptor_behind() -> None:
    async def main() -> None:
        async with serving() as server:
            before = open_descriptors()
            for _ in range(50):
                async with client_of(server) as client:
                    await client.next()
            await until(lambda: server.open_sessions == 0)
            await until(lambda: open_descriptors() <= before)

    on_sockets(main)


def test_deflate_is_declined() -> None:
    async def main() -> None:
        async with (
            serving() as server,
            client_of(server, compression="deflate") as client,
        ):
            assert json.dumps(await client.next())
            response = client.websocket.response
            assert response is not None
            assert "Sec-WebSocket-Extensions" not in response.headers

    on_sockets(main)
