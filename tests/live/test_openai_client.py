"""The published `openai` package talks to the server on a port, unmodified."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import (
    ConversationItemInputAudioTranscriptionCompletedEvent,
    RealtimeErrorEvent,
    RealtimeFunctionTool,
    ResponseTextDeltaEvent,
)
from openai.types.realtime import (
    RealtimeConversationItemUserMessageParam as UserMessage,
)
from openai.types.realtime.realtime_conversation_item_user_message_param import (
    Content as UserContent,
)
from websockets.exceptions import ConnectionClosedError

from tests.support.clips import (
    INTERRUPTION,
    LONG_ANSWER_MS,
    QUESTION,
    SHORT_ANSWER,
    SHORT_ANSWER_MS,
    duration_ms,
    pcm,
    size,
    speak,
)
from tests.support.recordings import ROOT
from tests.support.sdk import assert_valid_server_event
from tests.support.server_process import ServerProcess

KEY = "sk-test"
MODEL = "gpt-realtime"
PROFILE = ROOT / "tests" / "support" / "brisk.yaml"
AT_MOST_S = 30.0
TURN_LADDER = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
WEATHER: RealtimeFunctionTool = RealtimeFunctionTool(
    type="function",
    name="get_weather",
    description="Tells the weather of a city.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess("--profile", str(PROFILE), "--api-key", KEY) as running:
        yield running


class Session:
    """A connection of the library whose every event is held against its models.

    The library itself lets any event pass, so what it is given is checked first.
    """

    def __init__(self, connection: AsyncRealtimeConnection) -> None:
        self.api = connection
        self.events: list[Any] = []

    async def next(self) -> Any:
        raw = await self.api.recv_bytes()
        assert_valid_server_event(raw)
        self.events.append(self.api.parse_event(raw))
        return self.events[-1]

    async def until(self, wanted: str) -> Any:
        """Return the next event of this type."""
        while (event := await self.next()).type != wanted:
            assert event.type != "error", event
        return event

    async def update(self, **settings: Any) -> Any:
        session: Any = {"type": "realtime", **settings}
        await self.api.session.update(session=session)
        return await self.until("session.updated")

    async def append(self, audio: bytes) -> None:
        coded = base64.b64encode(audio).decode()
        await self.api.input_audio_buffer.append(audio=coded)

    async def say(self, text: str) -> None:
        """Speak by the wall clock, then be silent long enough to end the turn."""
        await speak(pcm(text, silence_ms=900), self.append)

    async def write(self, text: str) -> None:
        content = UserContent(type="input_text", text=text)
        await self.api.conversation.item.create(
            item=UserMessage(type="message", role="user", content=[content])
        )
        await self.until("conversation.item.done")

    async def answer(self) -> Any:
        """Ask for a response; return it when it is done."""
        await self.api.response.create()
        return (await self.until("response.done")).response

    def of(self, wanted: str) -> list[Any]:
        return [event for event in self.events if event.type == wanted]

    def heard(self) -> bytes:
        deltas = self.of("response.output_audio.delta")
        return b"".join(base64.b64decode(event.delta) for event in deltas)


@asynccontextmanager
async def session(server: ServerProcess, key: str = KEY) -> AsyncIterator[Session]:
    async with (
        asyncio.timeout(AT_MOST_S),
        AsyncOpenAI(api_key=key, base_url=server.http_url) as client,
        client.realtime.connect(model=MODEL) as connection,
    ):
        yield Session(connection)


@contextmanager
def talking(speech: Any) -> Iterator[asyncio.Task[None]]:
    """Speak while the block listens."""
    task = asyncio.create_task(speech)
    try:
        yield task
    finally:
        task.cancel()


def steps(events: list[Any], ladder: list[str]) -> list[str]:
    """Return the types of those events that the ladder has, runs of one as one."""
    seen: list[str] = []
    for event in events:
        if event.type in ladder and seen[-1:] != [event.type]:
            seen.append(event.type)
    return seen


def test_a_turn_that_the_server_detects(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server) as caller:
            created = await caller.until("session.created")
            assert created.session.model == MODEL
            await caller.update(
                audio={"input": {"transcription": {"model": "whisper-1"}}}
            )
            with talking(caller.say(INTERRUPTION)):
                done = await caller.until("response.done")
            assert steps(caller.events, TURN_LADDER) == TURN_LADDER
            (started,) = caller.of("input_audio_buffer.speech_started")
            (stopped,) = caller.of("input_audio_buffer.speech_stopped")
            assert 0 <= started.audio_start_ms < 200
            assert 1_800 < stopped.audio_end_ms < 2_500
            (heard,) = caller.of(
                "conversation.item.input_audio_transcription.completed"
            )
            assert isinstance(
                heard, ConversationItemInputAudioTranscriptionCompletedEvent
            )
            assert heard.transcript == INTERRUPTION
            assert done.response.status == "completed"
            (content,) = done.response.output[0].content
            assert content.transcript == SHORT_ANSWER
            assert duration_ms(len(caller.heard())) == pytest.approx(
                SHORT_ANSWER_MS, abs=30
            )

    asyncio.run(run())


def test_a_caller_who_interrupts_truncates_what_was_not_heard(
    server: ServerProcess,
) -> None:
    async def run() -> None:
        async with session(server) as caller:
            await caller.append(pcm(QUESTION, silence_ms=900))
            first = await caller.until("response.output_audio.delta")
            began_s = asyncio.get_running_loop().time()
            with talking(caller.say(INTERRUPTION)):
                await caller.until("input_audio_buffer.speech_started")
                elapsed_ms = (asyncio.get_running_loop().time() - began_s) * 1000
                played_ms = int(min(elapsed_ms, duration_ms(len(caller.heard()))))
                await caller.api.conversation.item.truncate(
                    item_id=first.item_id, content_index=0, audio_end_ms=played_ms
                )
                cancelled = await caller.until("response.done")
                truncated = await caller.until("conversation.item.truncated")
                received_ms = duration_ms(len(caller.heard()))
                answer = await caller.until("response.done")
            assert cancelled.response.status == "cancelled"
            assert cancelled.response.status_details.reason == "turn_detected"
            assert played_ms < received_ms < LONG_ANSWER_MS
            assert truncated.item_id == first.item_id
            assert truncated.audio_end_ms == played_ms
            (content,) = answer.response.output[0].content
            assert content.transcript == SHORT_ANSWER

            await caller.api.conversation.item.retrieve(item_id=first.item_id)
            kept = (await caller.until("conversation.item.retrieved")).item
            assert kept.status == "incomplete"
            assert not kept.content[0].transcript
            audio = base64.b64decode(kept.content[0].audio)
            assert len(audio) == size(played_ms)

    asyncio.run(run())


def test_turns_that_the_client_commits(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server) as caller:
            await caller.update(audio={"input": {"turn_detection": None}})
            await caller.append(pcm(INTERRUPTION))
            await caller.api.input_audio_buffer.commit()
            committed = await caller.until("input_audio_buffer.committed")
            item = (await caller.until("conversation.item.done")).item
            assert item.id == committed.item_id
            response = await caller.answer()
            assert response.status == "completed"
            assert duration_ms(len(caller.heard())) > 500
            assert not caller.of("input_audio_buffer.speech_started")
            await caller.append(pcm(QUESTION))
            await caller.api.input_audio_buffer.clear()
            await caller.until("input_audio_buffer.cleared")

    asyncio.run(run())


def test_text(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server) as caller:
            await caller.update(output_modalities=["text"])
            await caller.write("What is for dinner?")
            response = await caller.answer()
            deltas = caller.of("response.output_text.delta")
            assert all(isinstance(event, ResponseTextDeltaEvent) for event in deltas)
            (content,) = response.output[0].content
            assert "".join(event.delta for event in deltas) == content.text
            assert content.type == "output_text"
            assert not caller.heard()
            assert response.usage.output_token_details.text_tokens > 0

    asyncio.run(run())


def test_tools(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server) as caller:
            await caller.update(
                tools=[WEATHER.to_dict()],
                tool_choice="required",
                output_modalities=["text"],
            )
            await caller.write("Shall I take an umbrella?")
            response = await caller.answer()
            (call,) = response.output
            assert (call.type, call.name) == ("function_call", "get_weather")
            (arguments,) = caller.of("response.function_call_arguments.done")
            assert (arguments.call_id, arguments.name) == (call.call_id, call.name)
            assert json.loads(arguments.arguments).keys() == {"city"}
            await caller.api.conversation.item.create(
                item={
                    "type": "function_call_output",
                    "call_id": call.call_id,
                    "output": '{"sky": "clear"}',
                }
            )
            answer = await caller.answer()
            assert answer.output[0].content[0].text

    asyncio.run(run())


def test_errors_are_told_and_survived(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server) as caller:
            await caller.update(output_modalities=["text"])
            unknown: Any = {"type": "session.dance", "event_id": "e1"}
            await caller.api.send(unknown)
            error = (await caller.next()).error
            assert (error.code, error.param) == ("invalid_value", "type")
            assert error.event_id == "e1"
            await caller.api.input_audio_buffer.commit(event_id="e2")
            error = (await caller.next()).error
            assert error.code == "input_audio_buffer_commit_empty"
            assert error.event_id == "e2"
            await caller.api.send_raw(b"\x00\x01")
            assert (await caller.next()).error.code == "invalid_event"
            await caller.api.conversation.item.truncate(
                item_id="item_none", content_index=0, audio_end_ms=100, event_id="e3"
            )
            assert (await caller.next()).error.event_id == "e3"
            await caller.write("Are you still there?")
            assert (await caller.answer()).status == "completed"

    asyncio.run(run())


def test_claiming_more_than_was_said_is_refused(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server) as caller:
            await caller.write("Hello!")
            response = await caller.answer()
            item_id = response.output[0].id
            said_ms = int(duration_ms(len(caller.heard())))
            truncate = caller.api.conversation.item.truncate
            await truncate(item_id=item_id, content_index=0, audio_end_ms=said_ms)
            await caller.until("conversation.item.truncated")
            far_ms = said_ms + 1000
            await truncate(item_id=item_id, content_index=0, audio_end_ms=far_ms)
            error = (await caller.next()).error
            assert error.code == "invalid_value"
            assert error.message.startswith(f"Audio content of {said_ms}ms is already")

    asyncio.run(run())


def test_handlers_get_events_and_errors(server: ServerProcess) -> None:
    """The library's other way of listening: handlers that it calls."""

    async def run() -> None:
        async with session(server) as caller:
            connection = caller.api
            errors: list[RealtimeErrorEvent] = []
            words: list[str] = []

            async def begin(_event: object) -> None:
                await connection.input_audio_buffer.commit()
                await connection.response.create(
                    response={"output_modalities": ["text"]}
                )

            async def end(_event: object) -> None:
                await connection.close()

            connection.on("session.created", begin)
            connection.on("error", errors.append)
            connection.on(
                "response.output_text.delta", lambda event: words.append(event.delta)
            )
            connection.on("response.done", end)
            await connection.dispatch_events()
            codes = [event.error.code for event in errors]
            assert codes == ["input_audio_buffer_commit_empty"]
            assert words

    asyncio.run(run())


def test_a_key_that_nobody_gave_out(server: ServerProcess) -> None:
    async def run() -> None:
        async with session(server, key="sk-wrong") as caller:
            assert (await caller.next()).error.code == "invalid_api_key"
            with pytest.raises(ConnectionClosedError) as closed:
                await caller.next()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 3000

    asyncio.run(run())


def test_a_client_secret_lets_in_and_sets_the_session(server: ServerProcess) -> None:
    async def run() -> None:
        async with AsyncOpenAI(api_key=KEY, base_url=server.http_url) as client:
            secret = await client.realtime.client_secrets.create(
                session={"type": "realtime", "instructions": "Be brief."}
            )
        assert secret.value.startswith("ek_")
        async with session(server, key=secret.value) as caller:
            created = await caller.until("session.created")
            assert created.session.instructions == "Be brief."

    asyncio.run(run())


# The library opens its blocking socket in a way that websockets 17.1 deprecated.
@pytest.mark.filterwarnings("ignore:connect.. must be used as:DeprecationWarning")
def test_the_blocking_client(server: ServerProcess) -> None:
    """The library's client without asyncio, given the WebSocket's own address."""
    websocket_url = server.url.removesuffix("/realtime")
    with (
        OpenAI(api_key=KEY, websocket_base_url=websocket_url) as client,
        client.realtime.connect(model=MODEL) as connection,
    ):
        connection.response.create(response={"output_modalities": ["text"]})
        words = ""
        for event in connection:
            if event.type == "response.output_text.delta":
                words += event.delta
            if event.type == "response.done":
                break
        assert words
