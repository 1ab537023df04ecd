"""What a telephone provider may do wrong, and when either side may go, on sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus

import voicelab as vl
from tests.support.serving import OneReply, serving, sessions, speech
from tests.support.sockets import on_sockets, until
from tests.support.telephone_bridges import (
    BRIDGES,
    ELKS_HELLO,
    TWILIO_START,
    Line,
    calls_to,
    line_to,
    running,
)
from voicelab.legs import MAX_MESSAGE_CHARACTERS, elks, twilio
from voicelab.responders.profile import load_profile
from voicelab.serve import RealtimeServer
from voicelab.serve.bridges.server import BridgeServer
from voicelab.serve.bridges.switchboard import Switchboard

NOBODY = "ws://127.0.0.1:9/v1/realtime"
PROTOCOL_ERROR = (1008, "protocol error")
LONG_S = 30.0


@dataclass(frozen=True)
class Stage:
    """One line to a bridge to a server."""

    server: RealtimeServer
    bridge: BridgeServer
    line: Line


Scene = Callable[[Stage], Awaitable[None]]


def play(name: str, scene: Scene, record: Path | None = None) -> None:
    """Play a scene on one line to a bridge; nothing of it may be left behind."""
    make, path, _ = BRIDGES[name]
    slow = OneReply(LONG_S, load_profile("realtime-paced"))

    async def main() -> None:
        async with serving(sessions(slow)) as server:
            app = make(calls_to(server.url, record=record))
            switchboard: Switchboard = app.state.switchboard
            async with running(app) as bridge:
                async with line_to(bridge, path) as line:
                    await scene(Stage(server, bridge, line))
                await until(lambda: switchboard.calls == 0)
            await until(lambda: server.open_sessions == 0)

    on_sockets(main)


async def begin(name: str, line: Line) -> None:
    await line.send(BRIDGES[name][2])


async def ask(name: str, line: Line) -> None:
    """Begin a call and say something, without waiting for time to pass."""
    await begin(name, line)
    if name == "elks":
        await line.until("sending")
        spoken = speech(0.6).tobytes() + bytes(48_000)
        for start in range(0, len(spoken), 48_000):
            piece = spoken[start : start + 48_000]
            await line.send(elks.encode(elks.Audio(piece)))
        return
    for index, data in enumerate(spoken_to_twilio()):
        media = twilio.CallerMedia.of(
            "MZ1", data, number=index + 2, chunk=index + 1, at_ms=index * 20
        )
        await line.send(twilio.encode(media))


def spoken_to_twilio() -> list[bytes]:
    spoken = twilio.CODEC.encode(speech(0.6)[::3]) + b"\xff" * 8000
    return [spoken[start : start + 160] for start in range(0, len(spoken), 160)]


async def hear(name: str, line: Line) -> None:
    """Wait for the agent's first audio."""
    await line.until("audio" if name == "elks" else "media")


# -- wrong messages ------------------------------------------------------------------

WRONG: dict[str, dict[str, str | bytes]] = {
    "elks": {
        "garbage": "no",
        "not an object": "[]",
        "no kind": "{}",
        "a second hello": ELKS_HELLO,
        "bad base64": '{"t":"audio","data":"*"}',
        "no data": '{"t":"audio"}',
        "half a sample": '{"t":"audio","data":"AAAA"}',
        "binary": b"\0\1",
    },
    "twilio": {
        "garbage": "no",
        "not an object": "[]",
        "no kind": "{}",
        "a second start": TWILIO_START,
        "bad base64": '{"event":"media","streamSid":"MZ1","media":{"payload":"*",'
        '"timestamp":"0","chunk":"1"}}',
        "no media": '{"event":"media","streamSid":"MZ1"}',
        "a number": '{"event":"media","streamSid":"MZ1","media":{"payload":"",'
        '"timestamp":0}}',
        "another stream": '{"event":"stop","streamSid":"MZ2"}',
        "binary": b"\0\1",
    },
}
EARLY = {
    "elks": ['{"t":"audio","data":"AAAA"}', '{"t":"sync"}', '{"t":"what"}'],
    "twilio": [
        '{"event":"media","streamSid":"MZ1","media":{"payload":"","timestamp":"0"}}',
        '{"event":"mark","streamSid":"MZ1","mark":{"name":"m1"}}',
        TWILIO_START.replace("x-mulaw", "x-alaw"),
        TWILIO_START.replace("8000", "16000"),
    ],
}


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name, cases in WRONG.items() for case in cases]
)
def test_a_wrong_message_ends_the_call(name: str, case: str) -> None:
    async def scene(on: Stage) -> None:
        await begin(name, on.line)
        await on.line.send(WRONG[name][case])
        assert await on.line.closed() == PROTOCOL_ERROR
        if name == "elks":
            assert on.line.received[-1]["t"] == "bye"
            assert on.line.received[-1]["reason"] == "error"

    play(name, scene)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in EARLY.items() for text in texts]
)
def test_a_call_begins_as_the_protocol_says(name: str, text: str) -> None:
    async def scene(on: Stage) -> None:
        await on.line.send(text)
        assert await on.line.closed() == PROTOCOL_ERROR

    play(name, scene)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_a_message_of_an_unknown_kind_ends_nothing(name: str) -> None:
    async def scene(on: Stage) -> None:
        await begin(name, on.line)
        await on.line.send('{"t":"later","event":"later","streamSid":"MZ1"}')
        await until(lambda: on.server.open_sessions == 1)
        assert on.line.websocket.close_code is None

    play(name, scene)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_a_message_that_is_too_long_ends_the_call(name: str) -> None:
    async def scene(on: Stage) -> None:
        await begin(name, on.line)
        await on.line.send(json.dumps({"x": "x" * MAX_MESSAGE_CHARACTERS}))
        code, _ = await on.line.closed()
        assert code == 1009

    play(name, scene)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_a_provider_may_close_before_it_says_anything(name: str) -> None:
    async def scene(on: Stage) -> None:
        await on.line.websocket.close()

    play(name, scene)


# -- who goes, and when ----------------------------------------------------------------


@pytest.mark.parametrize("name", list(BRIDGES))
@pytest.mark.parametrize("politely", [True, False])
def test_the_caller_goes_in_the_middle_of_a_reply(
    name: str, politely: bool, tmp_path: Path
) -> None:
    goodbye = {
        "elks": '{"t":"bye","reason":"hangup"}',
        "twilio": '{"event":"stop","streamSid":"MZ1"}',
    }

    async def scene(on: Stage) -> None:
        await ask(name, on.line)
        await hear(name, on.line)
        if politely:
            await on.line.send(goodbye[name])
            assert (await on.line.closed())[0] == 1000
        else:
            on.line.websocket.transport.abort()

    play(name, scene, tmp_path)
    [folder] = tmp_path.iterdir()
    run = vl.load_run(folder)
    assert run.partial is None
    assert run.manifest["bridge"]["leg"] == name
    assert run.manifest["bridge"]["rate_hz"] == (24_000 if name == "elks" else 8000)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_the_caller_goes_as_soon_as_the_call_has_begun(
    name: str, tmp_path: Path
) -> None:
    async def scene(on: Stage) -> None:
        await begin(name, on.line)
        on.line.websocket.transport.abort()

    play(name, scene, tmp_path)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_the_agents_server_goes_in_the_middle_of_a_reply(
    name: str, tmp_path: Path
) -> None:
    async def scene(on: Stage) -> None:
        await ask(name, on.line)
        await hear(name, on.line)
        await on.server.stop(drain_s=0)
        code, reason = await on.line.closed()
        assert (code, reason) == (1014, "the agent's server failed")
        if name == "elks":
            goodbye = on.line.received[-1]
            assert (goodbye["t"], goodbye["reason"]) == ("bye", "error")
            assert "server hung up" in goodbye["message"]

    play(name, scene, tmp_path)
    [folder] = tmp_path.iterdir()
    assert "hung up" in str(vl.load_run(folder).partial)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_the_bridge_stops_in_the_middle_of_a_reply(name: str) -> None:
    async def scene(on: Stage) -> None:
        await ask(name, on.line)
        await hear(name, on.line)
        stopping = asyncio.create_task(on.bridge.stop(drain_s=0))
        code, _ = await on.line.closed()
        assert code == 1001
        await stopping
        await on.bridge.start()  # to be stopped once more

    play(name, scene)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_the_agents_server_cannot_be_reached(name: str) -> None:
    make, path, hello = BRIDGES[name]

    async def main() -> None:
        async with (
            running(make(calls_to(NOBODY))) as bridge,
            line_to(bridge, path) as line,
        ):
            await line.send(hello)
            assert (await line.closed())[0] == 1014
            if name == "elks":
                assert "nobody listens there" in line.received[-1]["message"]

    on_sockets(main)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_the_agents_server_refuses_the_session(name: str) -> None:
    make, path, hello = BRIDGES[name]

    async def main() -> None:
        async with serving(api_keys=("a-secret-key",)) as server:
            calls = calls_to(server.url)
            async with running(make(calls)) as bridge, line_to(bridge, path) as line:
                await line.send(hello)
                assert (await line.closed())[0] == 1014

    on_sockets(main)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_the_agents_server_says_nothing_that_makes_sense(name: str) -> None:
    make, path, hello = BRIDGES[name]

    async def babble(websocket: ServerConnection) -> None:
        await websocket.send("hello?")
        await websocket.wait_closed()

    async def main() -> None:
        async with serve(babble, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            calls = calls_to(f"ws://127.0.0.1:{port}/v1/realtime")
            async with running(make(calls)) as bridge, line_to(bridge, path) as line:
                await line.send(hello)
                assert (await line.closed())[0] == 1014

    on_sockets(main)


# -- who is let in ---------------------------------------------------------------------


@pytest.mark.parametrize("name", list(BRIDGES))
def test_only_who_knows_the_token_is_let_in(name: str) -> None:
    make, path, hello = BRIDGES[name]

    async def main() -> None:
        async with serving() as server:
            app = make(calls_to(server.url), token="s3cret/+t")
            async with running(app) as bridge:
                for wrong in ("", "/s3cret", "?token=no", "?token="):
                    with pytest.raises(InvalidStatus, match="403"):
                        async with line_to(bridge, path + wrong):
                            pass
                for right in ("/s3cret%2F%2Bt", "?token=s3cret%2F%2Bt"):
                    async with line_to(bridge, path + right) as line:
                        await line.send(hello)
                        await until(lambda: server.open_sessions == 1)
                    await until(lambda: server.open_sessions == 0)

    on_sockets(main)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_a_web_page_does_not_pass_for_a_provider(name: str) -> None:
    """Any page may open a WebSocket to this machine; providers send no origin."""
    make, path, _ = BRIDGES[name]
    page = "https://elsewhere.example"

    async def main() -> None:
        app = make(calls_to(NOBODY))
        async with running(app) as bridge:
            with pytest.raises(InvalidStatus, match="403"):
                async with line_to(bridge, path, origin=page):
                    pass
        app = make(calls_to(NOBODY), origins=(page,))
        async with running(app) as bridge, line_to(bridge, path, origin=page):
            await until(lambda: app.state.switchboard.calls == 1)

    on_sockets(main)


def test_a_call_that_does_not_begin_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However much the provider says before it."""
    monkeypatch.setattr("voicelab.serve.bridges.call.BEGIN_TIMEOUT_S", 0.1)

    async def main() -> None:
        make, path, _ = BRIDGES["twilio"]
        async with (
            running(make(calls_to(NOBODY))) as bridge,
            line_to(bridge, path) as line,
        ):
            chatter = asyncio.create_task(chat(line))
            assert await line.closed() == (1008, "idle")
            chatter.cancel()
            await asyncio.gather(chatter, return_exceptions=True)

    async def chat(line: Line) -> None:
        while True:
            await line.send('{"event":"connected"}')
            await asyncio.sleep(0.01)

    on_sockets(main)


@pytest.mark.parametrize("name", list(BRIDGES))
def test_one_call_too_many_is_not_accepted(name: str) -> None:
    make, path, _ = BRIDGES[name]

    async def main() -> None:
        app = make(calls_to(NOBODY), max_calls=1)
        async with running(app) as bridge, line_to(bridge, path):
            await until(lambda: app.state.switchboard.calls == 1)
            with pytest.raises(InvalidStatus, match="403"):
                async with line_to(bridge, path):
                    pass

    on_sockets(main)


# -- what is recorded ------------------------------------------------------------------


def events(parent: Path) -> list[dict[str, Any]]:
    [folder] = parent.iterdir()
    text = (folder / "events.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_key_of_the_telephone_is_recorded(tmp_path: Path) -> None:
    key = '{"event":"dtmf","streamSid":"MZ1","dtmf":{"digit":"5"}}'

    async def scene(on: Stage) -> None:
        await ask("twilio", on.line)
        await hear("twilio", on.line)
        await on.line.send(key, '{"event":"stop","streamSid":"MZ1"}')
        await on.line.closed()

    play("twilio", scene, tmp_path)
    keys = [line["data"] for line in events(tmp_path) if line["type"] == "dtmf"]
    assert keys == [{"digit": "5"}]


def test_g711_goes_through_as_it_is(tmp_path: Path) -> None:
    """Nothing is coded twice: the caller's bytes are appended as they came."""

    async def scene(on: Stage) -> None:
        await ask("twilio", on.line)
        await hear("twilio", on.line)
        await on.line.send('{"event":"stop","streamSid":"MZ1"}')
        await on.line.closed()

    play("twilio", scene, tmp_path)
    [folder] = tmp_path.iterdir()
    session = vl.load_run(folder).manifest["session"]
    for direction in ("input", "output"):
        assert session["audio"][direction]["format"] == {"type": "audio/pcmu"}
    appended = [
        line["data"]["audio"]["sha256"]
        for line in events(tmp_path)
        if line["type"] == "input_audio_buffer.append"
    ]
    assert appended == [sha256(chunk).hexdigest()[:16] for chunk in spoken_to_twilio()]
