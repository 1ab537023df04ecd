"""The published `openai-agents` package runs voice agents on the server, unmodified."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
import pytest
from agents import function_tool
from agents.realtime import (
    RealtimeAgent,
    RealtimePlaybackTracker,
    RealtimeRunner,
    RealtimeSession,
)
from agents.realtime.model_inputs import RealtimeModelSendRawMessage

from tests.support.clips import (
    INTERRUPTION,
    LONG_ANSWER,
    QUESTION,
    SHORT_ANSWER,
    duration_ms,
    pcm,
    size,
    speak,
)
from tests.support.recordings import ROOT
from tests.support.sdk import assert_valid_server_event
from tests.support.server_process import ServerProcess

KEY = "sk-test"
PROFILE = ROOT / "tests" / "support" / "brisk.yaml"
AT_MOST_S = 30.0
BY_SILENCE: dict[str, Any] = {"type": "server_vad", "interrupt_response": True}
"""The library's own choice is `semantic_vad`, which waits for longer."""


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess("--profile", str(PROFILE), "--api-key", KEY) as running:
        yield running


class Call:
    """A session of the library, and what it told."""

    def __init__(self, session: RealtimeSession) -> None:
        self.api = session
        self.events: list[Any] = []
        self.wire: list[dict[str, Any]] = []
        self._told = asyncio.Event()

    async def listen(self) -> None:
        """Take in what the session tells, and hold each event of the wire."""
        async for event in self.api:
            if event.type == "raw_model_event" and event.data.type == (
                "raw_server_event"
            ):
                assert_valid_server_event(msgspec.json.encode(event.data.data))
                self.wire.append(event.data.data)
            else:
                self.events.append(event)
            self._told.set()

    async def until(self, reached: Callable[[], Any]) -> Any:
        """Wait until something has come true; return it."""
        while not (found := reached()):
            self._told.clear()
            await self._told.wait()
        return found

    def of(self, wanted: str) -> list[Any]:
        return [event for event in self.events if event.type == wanted]

    def sent(self, wanted: str) -> list[dict[str, Any]]:
        """Return what the server sent of this type."""
        return [event for event in self.wire if event["type"] == wanted]

    async def say(self, text: str) -> None:
        await speak(pcm(text, silence_ms=900), self.api.send_audio)

    async def send(self, message_type: str, **fields: Any) -> None:
        message: Any = {"type": message_type, "other_data": fields}
        await self.api.model.send_event(RealtimeModelSendRawMessage(message=message))

    def history(self, role: str) -> list[Any]:
        """Return the newest contents of one side's messages."""
        newest = (
            self.of("history_updated")[-1].history if self.of("history_updated") else []
        )
        return [
            item.content[0]
            for item in newest
            if item.type == "message" and item.role == role and item.content
        ]

    def assert_no_error(self) -> None:
        """Nothing was refused, and nothing that came could not be read."""
        told = [event.data.type for event in self.of("raw_model_event")]
        assert not {"error", "exception"} & set(told)
        assert not self.of("error")


@asynccontextmanager
async def call(
    server: ServerProcess,
    agent: RealtimeAgent[Any] | None = None,
    key: str = KEY,
    tracker: RealtimePlaybackTracker | None = None,
    **settings: Any,
) -> AsyncIterator[Call]:
    runner = RealtimeRunner(agent or RealtimeAgent(name="Cook"))
    config: Any = {"url": f"{server.url}?model=gpt-realtime", "api_key": key}
    if settings:
        config["initial_model_settings"] = settings
    if tracker is not None:
        config["playback_tracker"] = tracker
    async with (
        asyncio.timeout(AT_MOST_S),
        asyncio.TaskGroup() as tasks,
        await runner.run(model_config=config) as session,
    ):
        running = Call(session)
        listening = tasks.create_task(running.listen())
        try:
            yield running
        finally:
            listening.cancel()


@contextmanager
def talking(speech: Any) -> Iterator[None]:
    """Speak while the block listens."""
    task = asyncio.create_task(speech)
    try:
        yield
    finally:
        task.cancel()


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The library logs what it cannot read; that must be nothing."""
    yield
    told = [r for r in caplog.records if r.name.startswith("openai.agents")]
    assert not [r.getMessage() for r in told if r.levelno >= logging.WARNING]


def test_a_turn_that_the_server_detects(server: ServerProcess) -> None:
    async def run() -> None:
        async with call(server, turn_detection=BY_SILENCE) as caller:
            with talking(caller.say(INTERRUPTION)):
                await caller.until(lambda: caller.of("agent_end"))
            await caller.until(lambda: len(caller.history("assistant")) == 1)
            await caller.until(
                lambda: [c.transcript for c in caller.history("user")] == [INTERRUPTION]
            )
            (said,) = caller.history("assistant")
            assert said.transcript == SHORT_ANSWER
            heard = b"".join(event.audio.data for event in caller.of("audio"))
            assert 3_600 < duration_ms(len(heard)) < 3_800
            assert len(caller.of("audio_end")) == 1
            assert not caller.of("audio_interrupted")
            caller.assert_no_error()

    asyncio.run(run())


def test_a_caller_who_interrupts_truncates_what_was_not_heard(
    server: ServerProcess,
) -> None:
    async def run() -> None:
        async with call(server, turn_detection=BY_SILENCE) as caller:
            await caller.api.send_audio(pcm(QUESTION, silence_ms=900))
            first = (await caller.until(lambda: caller.of("audio")))[0]
            with talking(caller.say(INTERRUPTION)):
                await caller.until(lambda: caller.of("audio_interrupted"))
                await caller.until(lambda: caller.sent("conversation.item.truncated"))
                await caller.until(lambda: len(caller.of("agent_end")) == 2)
            (truncated,) = caller.sent("conversation.item.truncated")
            assert truncated["item_id"] == first.item_id
            received = [
                event.audio.data
                for event in caller.of("audio")
                if event.item_id == first.item_id
            ]
            received_ms = duration_ms(len(b"".join(received)))
            assert 200 < truncated["audio_end_ms"] < received_ms
            statuses = [e["response"]["status"] for e in caller.sent("response.done")]
            assert statuses == ["cancelled", "completed"]
            (kept, *_) = caller.sent("conversation.item.retrieved")
            assert kept["item"]["id"] == first.item_id
            await caller.until(
                lambda: caller.history("assistant")[-1].transcript == SHORT_ANSWER
            )
            assert not any(
                (content.transcript or "").startswith(LONG_ANSWER)
                for content in caller.history("assistant")
            )
            caller.assert_no_error()

    asyncio.run(run())


def test_the_claim_is_what_a_player_says_it_played(server: ServerProcess) -> None:
    """With a tracker, the library claims the player's position, not elapsed time."""

    async def run() -> None:
        tracker = RealtimePlaybackTracker()
        async with call(server, tracker=tracker, turn_detection=BY_SILENCE) as caller:
            await caller.api.send_audio(pcm(QUESTION, silence_ms=900))
            first = (await caller.until(lambda: caller.of("audio")))[0]
            tracker.on_play_bytes(first.item_id, 0, first.audio.data[: size(70)])
            with talking(caller.say(INTERRUPTION)):
                await caller.until(lambda: caller.sent("conversation.item.truncated"))
            (truncated,) = caller.sent("conversation.item.truncated")
            assert truncated["audio_end_ms"] == 70
            caller.assert_no_error()

    asyncio.run(run())


def test_turns_that_the_client_commits(server: ServerProcess) -> None:
    async def run() -> None:
        async with call(server, turn_detection=None) as caller:
            await caller.api.send_audio(pcm(INTERRUPTION), commit=True)
            await caller.until(lambda: caller.sent("input_audio_buffer.committed"))
            await caller.send("response.create")
            await caller.until(lambda: caller.of("agent_end"))
            assert caller.of("audio")
            assert not caller.sent("input_audio_buffer.speech_started")
            caller.assert_no_error()

    asyncio.run(run())


def test_text_with_the_settings_of_the_library(server: ServerProcess) -> None:
    """It asks for semantic VAD, transcription and tracing, and is given all."""

    async def run() -> None:
        async with call(server) as caller:
            await caller.api.send_message("What is for dinner?")
            await caller.until(lambda: caller.of("agent_end"))
            assert caller.of("audio")
            granted = caller.sent("session.updated")[-1]["session"]
            turn_detection = granted["audio"]["input"]["turn_detection"]
            assert turn_detection["type"] == "semantic_vad"
            assert granted["tracing"] == "auto"
            caller.assert_no_error()

    asyncio.run(run())


def test_text(server: ServerProcess) -> None:
    async def run() -> None:
        async with call(server, output_modalities=["text"]) as caller:
            await caller.api.send_message("What is for dinner?")
            await caller.until(lambda: caller.of("agent_end"))
            (asked,) = caller.history("user")
            assert asked.text == "What is for dinner?"
            (said,) = await caller.until(lambda: caller.history("assistant"))
            assert said.text
            assert not caller.of("audio")
            caller.assert_no_error()

    asyncio.run(run())


def test_tools(server: ServerProcess) -> None:
    asked: list[str] = []

    @function_tool
    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return "clear"

    async def run() -> None:
        agent = RealtimeAgent(name="Porter", tools=[get_weather])
        async with call(server, agent) as caller:
            await caller.api.send_message("Please get weather!")
            await caller.until(lambda: caller.of("tool_end"))
            (ended,) = caller.of("tool_end")
            assert (ended.tool.name, ended.output) == ("get_weather", "clear")
            assert len(asked) == 1
            await caller.until(lambda: len(caller.of("agent_end")) == 2)
            assert caller.of("audio"), "the agent goes on with what the tool told"
            caller.assert_no_error()

    asyncio.run(run())


def test_errors_are_told_and_survived(server: ServerProcess) -> None:
    async def run() -> None:
        async with call(server) as caller:
            await caller.api.send_audio(bytes(size(20)), commit=True)
            await caller.until(lambda: caller.of("error"))
            (error,) = caller.of("error")
            assert error.error.code == "input_audio_buffer_commit_empty"
            await caller.api.send_message("Are you still there?")
            await caller.until(lambda: caller.of("agent_end"))
            assert caller.of("audio")

    asyncio.run(run())


def test_a_key_that_nobody_gave_out(server: ServerProcess) -> None:
    async def run() -> None:
        async with call(server, key="sk-wrong") as caller:
            await caller.until(lambda: caller.of("error"))
            assert caller.of("error")[0].error.code == "invalid_api_key"
            await asyncio.Event().wait()  # the close that follows ends it

    with pytest.RaisesGroup(Exception) as failed:
        asyncio.run(run())
    assert "3000" in repr(failed.value)
