"""The browser bridge on a real port: who gets in, what may be said, how calls end."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus

from tests.support.bridging import (
    Page,
    bridging,
    call_settings,
    page_of,
    quiet,
    tone,
)
from tests.support.serving import OneReply, serving, sessions
from tests.support.sockets import on_sockets, until
from voicelab.serve.bridges.browser.leg import BrowserLeg
from voicelab.serve.bridges.server import BridgeServer

RATE_HZ = 16_000
NOBODY = "ws://127.0.0.1:9/v1/realtime"
"""The discard port: nobody listens there."""

BRISK: dict[str, Any] = {
    "audio": {
        "input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 200}}
    }
}


def with_page(
    scene: Callable[[Page], Awaitable[None]],
    *,
    reply_s: float = 0.3,
    rate_hz: int = RATE_HZ,
    calls: dict[str, Any] | None = None,
    **settings: Any,
) -> None:
    """Play a scene at a page whose bridge has a server behind it."""

    async def main() -> None:
        async with (
            serving(sessions(OneReply(reply_s))) as server,
            bridging(
                call_settings(server.url, **{"session": BRISK} | (calls or {})),
                **settings,
            ) as bridge,
            page_of(bridge, rate_hz) as page,
        ):
            await scene(page)
        assert server.open_sessions == 0

    on_sockets(main)


async def open_call(page: Page, **hello: Any) -> None:
    await page.hello(**hello)
    await page.until(lambda: page.of("ready"))


async def ask(page: Page) -> None:
    """Say something, and wait until the answer begins."""
    heard = len(page.of("audio"))
    said = np.concatenate([tone(0.3, page.rate_hz), quiet(0.4, page.rate_hz)])
    await page.speak(said, at_once=True)
    await page.until(lambda: len(page.of("audio")) > heard)


# -- a call -------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000, 48_000])
def test_a_question_is_answered_at_the_page_s_rate(rate_hz: int) -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        assert page.of("ready") == [{"rate": rate_hz}]
        await ask(page)
        await page.until_event("response.done")
        assert sum(page.of("audio")) == round(0.3 * rate_hz) * 2
        samples = np.frombuffer(bytes(page.audio), np.int16)
        assert np.abs(samples).mean() > 2000, "it is the answer, not silence"

    with_page(scene, rate_hz=rate_hz)


def test_marks_stand_where_the_audio_ends() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await ask(page)
        await page.until_event("response.done")
        kinds = [key for message in page.messages for key in message]
        kinds = [kind for kind in kinds if kind in ("audio", "mark")]
        assert kinds == ["mark", *["audio", "mark"] * (len(kinds) // 2)]
        marks = page.of("mark")
        assert [mark["audio_ms"] for mark in marks] == [0, 100, 200, 300]
        assert len({mark["item_id"] for mark in marks}) == 1

    with_page(scene)


def test_a_published_client_gets_audio_and_nothing_that_it_does_not_know() -> None:
    async def scene(page: Page) -> None:
        await ask(page)
        await page.until(lambda: sum(page.of("audio")) == round(0.3 * RATE_HZ) * 2)
        assert {key for message in page.messages for key in message} == {"audio"}

    with_page(scene)


def test_what_is_said_before_the_session_is_up_is_not_lost() -> None:
    async def scene(page: Page) -> None:
        await page.hello()
        said = np.concatenate([tone(0.3, RATE_HZ), quiet(0.5, RATE_HZ)])
        await page.send(audio=base64.b64encode(said.tobytes()).decode())
        await page.until(lambda: page.of("audio"))
        assert next(iter(page.messages[0])) == "ready"

    with_page(scene)


def test_audio_may_come_in_pieces_of_any_length() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        said = np.concatenate([tone(0.3, RATE_HZ), quiet(0.4, RATE_HZ)])
        await page.speak(said, frame_ms=7.3)
        await page.until(lambda: page.of("audio"))

    with_page(scene)


def test_the_agent_may_speak_first() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.speak(quiet(0.1, RATE_HZ))
        await page.until(lambda: page.of("audio"))
        assert not page.events("input_audio_buffer.speech_started")

    with_page(scene, calls={"agent_begins": True})


def test_the_agent_does_not_wait_for_a_silent_line_for_ever() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.until(lambda: page.of("audio"))

    with_page(scene, calls={"agent_begins": True})


def test_events_are_shown_without_audio_and_without_what_is_the_host_s() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await ask(page)
        await page.until_event("response.done")
        await page.until_event("session.updated")
        kinds = {event["type"] for event in page.of("event")}
        assert {"session.created", "response.output_audio_transcript.delta"} <= kinds
        assert "response.output_audio.delta" not in kinds
        for event in page.events("session.created") + page.events("session.updated"):
            assert "instructions" not in event["session"]
            assert event["session"]["audio"]["output"]["voice"]

    with_page(scene, calls={"session": BRISK | {"instructions": "a house secret"}})


def test_a_page_says_goodbye() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.send(bye={"reason": "done"})
        assert await page.close_code() == (1000, "done")
        assert page.of("bye") == [{"reason": "done"}]

    with_page(scene)


@pytest.mark.parametrize("stage", ["at once", "hello", "ready", "speaking", "answered"])
def test_a_page_may_leave_at_any_stage(stage: str) -> None:
    async def scene(page: Page) -> None:
        if stage == "at once":
            return
        await page.hello()
        if stage == "hello":
            return
        await page.until(lambda: page.of("ready"))
        if stage == "ready":
            return
        if stage == "speaking":
            await page.speak(tone(0.2, RATE_HZ))
            return
        await ask(page)

    with_page(scene, reply_s=5.0)


def test_two_calls_at_once_do_not_mix() -> None:
    async def main() -> None:
        async with (
            serving(sessions(OneReply(0.3))) as server,
            bridging(call_settings(server.url, session=BRISK)) as bridge,
            page_of(bridge) as one,
            page_of(bridge, 8_000) as other,
        ):
            await asyncio.gather(open_call(one), open_call(other))
            assert server.open_sessions == 2
            await asyncio.gather(ask(one), ask(other))
            await one.until_event("response.done")
            await other.until_event("response.done")
            assert sum(one.of("audio")) == 2 * sum(other.of("audio"))
            await one.send(bye={})
            assert (await one.close_code())[0] == 1000
            assert not other.closed.is_set()

    on_sockets(main)


# -- what makes no sense ------------------------------------------------------------


MALFORMED = {
    "not JSON": ("{", "it is not JSON"),
    "no object": ("[]", "it is JSON, but not an object"),
    "empty": ("{}", "it is empty"),
    "unknown key": ('{"video": ""}', "unknown key 'video'"),
    "two keys": ('{"audio": "", "mark": {"name": "m"}}', "'audio' and 'mark'"),
    "not base64": ('{"audio": "!"}', "'audio'"),
    "audio is a number": ('{"audio": 3}', "'audio'"),
    "half a sample": ('{"audio": "AAAA"}', "odd number of bytes"),
    "mark without a name": ('{"mark": {}}', "'mark'"),
    "second hello": ('{"hello": {}}', "second 'hello'"),
    "deep": ("[" * 10_000, "it is not JSON"),
}


@pytest.mark.parametrize(("text", "told"), MALFORMED.values(), ids=MALFORMED)
def test_a_message_that_makes_no_sense_ends_the_call(text: str, told: str) -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.websocket.send(text)
        assert await page.close_code() == (1008, "protocol error")
        (failure,) = page.of("error")
        assert told in failure["message"]
        assert failure["message"].count(".") == 1
        assert page.messages[-1] == {"bye": {"reason": "protocol error"}}

    with_page(scene)


@pytest.mark.parametrize(
    "hello",
    [{"rate": 44_100}, {"rate": "16000"}, {"rate": None}, {"rate": 16_000.5}],
    ids=str,
)
def test_an_unknown_rate_is_refused(hello: dict[str, Any]) -> None:
    async def scene(page: Page) -> None:
        await page.send(hello=hello)
        assert (await page.close_code())[0] == 1008
        assert "'hello'" in page.of("error")[0]["message"]

    with_page(scene)


def test_a_binary_frame_is_refused() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.websocket.send(b"\0\0")
        assert (await page.close_code())[0] == 1008
        assert "binary" in page.of("error")[0]["message"]

    with_page(scene)


def test_a_message_too_long_closes_the_connection() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.websocket.send("x" * (1 << 21))
        assert (await page.close_code())[0] == 1009

    with_page(scene)


def test_marks_that_nobody_asked_for_are_passed_over() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        await page.send(mark={"name": "m1"})
        await page.send(mark={"name": "another"})
        await ask(page)
        await page.until_event("response.done")

    with_page(scene)


def test_a_page_that_says_nothing_is_given_up() -> None:
    async def scene(page: Page) -> None:
        await open_call(page)
        assert await page.close_code() == (1008, "idle")
        assert "1.5 s" in page.of("error")[0]["message"]

    with_page(scene, calls={"idle_timeout_s": 1.5})


# -- who gets in --------------------------------------------------------------------


@pytest.mark.parametrize(
    "hello", [{}, {"token": ""}, {"token": "wrong"}, {"token": "open sesame "}], ids=str
)
def test_without_the_token_nobody_gets_in(hello: dict[str, Any]) -> None:
    async def scene(page: Page) -> None:
        await page.hello(**hello)
        code, _ = await page.close_code()
        assert code == 4401
        assert "token" in page.of("error")[0]["message"]
        assert not page.of("ready")

    with_page(scene, token="open sesame")


def test_the_token_lets_in() -> None:
    async def scene(page: Page) -> None:
        await open_call(page, token="öpen sesame")

    with_page(scene, token="öpen sesame")


def test_a_page_that_does_not_say_hello_has_no_token() -> None:
    async def scene(page: Page) -> None:
        await page.send(audio="")
        assert (await page.close_code())[0] == 4401

    with_page(scene, token="open sesame")


async def _knock(bridge: BridgeServer, origin: str) -> int:
    try:
        async with page_of(bridge, origin=origin) as page:
            await page.hello()
            await page.until(lambda: page.of("ready"))
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


@pytest.mark.parametrize(
    ("origin", "allowed", "status"),
    [
        ("http://127.0.0.1:{port}", (), 101),
        ("https://127.0.0.1:{port}", (), 101),
        ("http://127.0.0.1:1", (), 403),
        ("http://localhost:{port}", (), 403),
        ("https://example.com", (), 403),
        ("null", (), 403),
        ("http://[", (), 403),
        ("https://example.com", ("https://example.com/",), 101),
        ("https://example.com.evil.test", ("https://example.com",), 403),
        ("https://evil.test", ("*",), 101),
    ],
)
def test_pages_of_other_origins_are_refused(
    origin: str, allowed: tuple[str, ...], status: int
) -> None:
    async def main() -> None:
        async with (
            serving() as server,
            bridging(call_settings(server.url), origins=allowed) as bridge,
        ):
            assert await _knock(bridge, origin.format(port=bridge.port)) == status

    on_sockets(main)


def test_more_calls_than_allowed_are_sent_away() -> None:
    async def main() -> None:
        async with (
            serving() as server,
            bridging(call_settings(server.url), max_calls=1) as bridge,
        ):
            async with page_of(bridge) as one:
                await open_call(one)
                async with page_of(bridge) as other:
                    assert (await other.close_code())[0] == 1013
                    assert "busy" in other.of("error")[0]["message"]
                await one.send(bye={})
                await one.close_code()
            async with page_of(bridge) as after:
                await open_call(after)

    on_sockets(main)


# -- the server behind --------------------------------------------------------------


async def _told_to_leave(page: Page) -> str:
    await page.hello()
    assert (await page.close_code())[0] == 1014
    assert not page.of("ready")
    message: str = page.of("error")[-1]["message"]
    assert "\n" not in message
    return message


def test_a_server_that_is_down() -> None:
    async def main() -> None:
        async with bridging(call_settings(NOBODY)) as bridge, page_of(bridge) as page:
            assert "nobody listens there" in await _told_to_leave(page)

    on_sockets(main)


def test_a_server_that_knows_no_such_key_tells_the_page_no_key() -> None:
    async def main() -> None:
        async with serving(api_keys=("right-key",)) as server:
            settings = call_settings(server.url, api_key="sk-wrong-key-0123456789")
            async with bridging(settings) as bridge, page_of(bridge) as page:
                message = await _told_to_leave(page)
        assert "wrong-key" not in json.dumps(page.messages)
        assert "API key" in message

    on_sockets(main)


def test_a_server_that_refuses_the_session() -> None:
    async def main() -> None:
        async with serving() as server:
            session = {"audio": {"output": {"speed": 99}}}
            settings = call_settings(server.url, session=session)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                assert "speed" in await _told_to_leave(page)

    on_sockets(main)


def test_a_server_that_dies_in_a_call() -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(3.0))) as server:
            settings = call_settings(server.url, session=BRISK)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await open_call(page)
                await ask(page)
                await server.stop(drain_s=0)
                code, reason = await page.close_code()
                assert (code, reason) == (1014, "the agent's server failed")
                assert "hung up" in page.of("error")[0]["message"]

    on_sockets(main)


def test_a_server_that_speaks_another_protocol() -> None:
    async def babble(websocket: ServerConnection) -> None:
        await websocket.send("good day")
        await websocket.wait_closed()

    async def main() -> None:
        async with serve(babble, "127.0.0.1", 0, close_timeout=1) as server:
            port = server.sockets[0].getsockname()[1]
            settings = call_settings(f"ws://127.0.0.1:{port}")
            async with bridging(settings) as bridge, page_of(bridge) as page:
                assert "protocol" in await _told_to_leave(page)

    on_sockets(main)


# -- the end ------------------------------------------------------------------------


def test_a_page_that_does_not_read_is_dropped() -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(60.0))) as server:
            settings = call_settings(
                server.url, session=BRISK, max_pending_bytes=200_000
            )
            async with (
                bridging(settings) as bridge,
                page_of(bridge, 48_000, max_queue=1) as page,
            ):
                await open_call(page)
                page.stop_reading()
                await page.speak(
                    np.concatenate([tone(0.3, 48_000), quiet(0.4, 48_000)])
                )
                await until(lambda: server.open_sessions == 0)

    on_sockets(main)


def test_a_bridge_that_stops_ends_its_calls() -> None:
    async def main() -> None:
        async with (
            serving(sessions(OneReply(3.0))) as server,
            bridging(call_settings(server.url, session=BRISK)) as bridge,
            page_of(bridge) as page,
        ):
            await open_call(page)
            await ask(page)
            stopping = asyncio.create_task(bridge.stop(drain_s=0))
            assert await page.close_code() == (1001, "the bridge is shutting down")
            await stopping
            assert server.open_sessions == 0

    on_sockets(main)


# -- defects ------------------------------------------------------------------------


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]


def test_a_defect_in_a_call_ends_that_call_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with (
            serving() as server,
            bridging(call_settings(server.url, session=BRISK)) as bridge,
            page_of(bridge) as one,
            page_of(bridge) as other,
        ):
            await open_call(one)
            with monkeypatch.context() as patch:
                patch.setattr(BrowserLeg, "ready", lambda _leg: 1 // 0)
                await other.hello()
                assert (await other.close_code())[0] == 1011
            assert "its log says why" in other.of("error")[0]["message"]
            await ask(one)
            assert bridge.switchboard.calls == 1

    on_sockets(main)
    assert _errors(caplog) == ["call failed"]


def test_a_defect_before_a_call_ends_that_connection_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with serving() as server, bridging(call_settings(server.url)) as bridge:
            with monkeypatch.context() as patch:
                patch.setattr(bridge.switchboard, "next_number", lambda: 1 // 0)
                async with page_of(bridge) as page:
                    assert (await page.close_code())[0] == 1011
            async with page_of(bridge) as page:
                await open_call(page)

    on_sockets(main)
    assert _errors(caplog) == ["connection failed"]


def test_what_a_page_is_told_the_log_knows_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "voicelab.serve")

    async def main() -> None:
        async with serving(api_keys=("right-key",)) as server:
            settings = call_settings(server.url, api_key="sk-wrong-key-0123456789")
            async with (
                bridging(settings, token="open sesame") as bridge,
                page_of(bridge) as page,
            ):
                await page.hello(token="open sesame")
                await page.close_code()

    on_sockets(main)
    told = "".join(str(vars(record)) for record in caplog.records)
    assert "API key" in told
    assert "wrong-key" not in told
    assert "sesame" not in told
