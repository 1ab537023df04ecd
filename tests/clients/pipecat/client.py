"""The published package `pipecat-ai`, its OpenAIRealtimeLLMService in a pipeline.

An error of the server ends the service's connection: that is the library's choice,
so `errors` checks that it is reported and that a new connection works.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from loguru import logger
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMRunFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.realtime import events
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService

from tests.clients.job import MODEL, RATE_HZ, Job, check, main, speak, until

ADVICE = "is not emitting turn frames"
"""The library's remark on every session whose turns the client takes itself."""

BY_SILENCE = events.TurnDetection(type="server_vad", silence_duration_ms=500)


class Observer(FrameProcessor):
    """Keeps the frames that pass, in both directions."""

    def __init__(self, seen: list[Frame]) -> None:
        super().__init__()
        self._seen = seen

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        self._seen.append(frame)
        await self.push_frame(frame, direction)


class Call:
    """A pipeline, and what was seen in it."""

    def __init__(
        self, job: Job, api_key: str, messages: list[Any], **properties: Any
    ) -> None:
        self.seen: list[Frame] = []
        self.items: list[Any] = []
        session = events.SessionProperties(**properties)
        self.llm = OpenAIRealtimeLLMService(
            api_key=api_key,
            base_url=job["url"],
            settings=OpenAIRealtimeLLMService.Settings(
                model=MODEL, session_properties=session
            ),
        )
        self.llm.add_event_handler("on_conversation_item_created", self._created)
        context = LLMContext(messages)
        aggregators = LLMContextAggregatorPair(context)
        stages = [
            aggregators.user(),
            Observer(self.seen),
            self.llm,
            Observer(self.seen),
            aggregators.assistant(),
        ]
        parameters = PipelineParams(
            audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ
        )
        self.task = PipelineTask(Pipeline(stages), params=parameters)

    async def _created(self, _service: object, _item_id: str, item: Any) -> None:
        self.items.append(item)

    def of(self, kind: type[Frame]) -> list[Any]:
        return [frame for frame in self.seen if isinstance(frame, kind)]

    def text(self) -> str:
        return "".join(frame.text for frame in self.of(LLMTextFrame))

    def spoken_ms(self) -> float:
        size = sum(len(frame.audio) for frame in self.of(TTSAudioRawFrame))
        return size * 1000 / (RATE_HZ * 2)

    async def until(self, reached: Any) -> Any:
        found = await until(lambda: reached() or self.of(ErrorFrame))
        check(not self.of(ErrorFrame), *self.of(ErrorFrame))
        return found

    async def send(self, audio: bytes) -> None:
        frame = InputAudioRawFrame(audio=audio, sample_rate=RATE_HZ, num_channels=1)
        await self.task.queue_frame(frame)

    async def ready(self) -> None:
        """Wait until the session is as it was asked for."""
        await self.until(lambda: self.llm._api_session_ready)


@asynccontextmanager
async def call(
    job: Job,
    *,
    api_key: str | None = None,
    messages: list[Any] | None = None,
    strict: bool = True,
    **properties: Any,
) -> AsyncIterator[Call]:
    complaints: list[str] = []
    sink = logger.add(complaints.append, level="WARNING", format="{message}")
    running = Call(job, api_key or job["api_key"], messages or [], **properties)
    runner = PipelineRunner(handle_sigint=False)
    pipeline = asyncio.create_task(runner.run(running.task))
    try:
        yield running
    finally:
        await running.task.cancel()
        await pipeline
        logger.remove(sink)
    complaints = [each for each in complaints if ADVICE not in each]
    check(not (strict and complaints), *complaints)


def audio(turn_detection: Any = BY_SILENCE) -> events.AudioConfiguration:
    return events.AudioConfiguration(
        input=events.AudioInput(
            transcription=events.InputAudioTranscription(),
            turn_detection=turn_detection,
        )
    )


async def turn(job: Job) -> None:
    async with call(job, audio=audio()) as caller:
        await caller.ready()
        await speak(job.speech("interruption"), caller.send)
        await caller.until(lambda: caller.text() == job["short_answer"])
        (heard,) = await caller.until(lambda: caller.of(TranscriptionFrame))
        check(heard.text == job["interruption_text"], heard)
        await caller.until(lambda: caller.spoken_ms() > 3600)


async def barge_in(job: Job) -> None:
    async with call(job, audio=audio()) as caller:
        await caller.ready()
        await speak(job.speech("question"), caller.send)
        await caller.until(caller.spoken_ms)
        first = next(item for item in caller.items if item.role == "assistant")
        await speak(job.speech("interruption"), caller.send)
        await caller.until(lambda: caller.text().endswith(job["short_answer"]))
        check(caller.text().startswith(job["long_answer"]), caller.text())
        check(caller.of(InterruptionFrame), "no interruption")
        kept = await caller.llm.retrieve_conversation_item(first.id)
        check(kept.status == "incomplete", kept.status)
        check(not kept.content[0].transcript, kept.content[0].transcript)
        kept_ms = len(base64.b64decode(kept.content[0].audio)) * 1000 / (RATE_HZ * 2)
        check(200 < kept_ms < 4000, kept_ms)


async def manual(job: Job) -> None:
    """The library's own turns: it commits and asks for the response itself."""
    async with call(job, audio=audio(turn_detection=False)) as caller:
        await caller.ready()
        await caller.task.queue_frame(UserStartedSpeakingFrame())
        await caller.send(job.speech("interruption"))
        await asyncio.sleep(0.3)
        check(not caller.text(), caller.text())
        await caller.task.queue_frame(UserStoppedSpeakingFrame())
        await caller.until(caller.spoken_ms)


async def text(job: Job) -> None:
    asked = [{"role": "user", "content": "What is for dinner?"}]
    async with call(job, messages=asked, output_modalities=["text"]) as caller:
        await caller.task.queue_frame(LLMRunFrame())
        await caller.until(caller.text)
        check(not caller.of(TTSAudioRawFrame))


async def tools(job: Job) -> None:
    weather = FunctionSchema(
        name="get_weather",
        description="Tells the weather of a city.",
        properties={"city": {"type": "string"}},
        required=["city"],
    )
    cities: list[str] = []

    async def answer(parameters: Any) -> None:
        cities.append(parameters.arguments["city"])
        await parameters.result_callback({"sky": "clear"})

    asked = [{"role": "user", "content": "Please get weather!"}]
    tools = ToolsSchema(standard_tools=[weather])
    async with call(job, messages=asked, tools=tools) as caller:
        caller.llm.register_function("get_weather", answer)
        await caller.task.queue_frame(LLMRunFrame())
        await caller.until(caller.spoken_ms)
        check(len(cities) == 1, cities)


async def errors(job: Job) -> None:
    async with call(
        job, strict=False, audio=audio(), output_modalities=["text"]
    ) as caller:
        await caller.task.queue_frame(LLMRunFrame())
        await caller.until(caller.text)
        await caller.llm.send_client_event(events.InputAudioBufferCommitEvent())
        (error,) = await until(lambda: caller.of(ErrorFrame))
        check("input_audio_buffer_commit_empty" in error.error, error.error)
        caller.seen.clear()
        await caller.llm.reset_conversation()
        await caller.ready()
        await speak(job.speech("interruption"), caller.send)
        await caller.until(lambda: caller.text() == job["short_answer"])


async def bad_key(job: Job) -> None:
    async with call(job, api_key="sk-wrong", strict=False) as caller:
        (error,) = await until(lambda: caller.of(ErrorFrame))
        check("invalid_api_key" in error.error, error.error)


main(
    {
        "turn": turn,
        "barge-in": barge_in,
        "manual": manual,
        "text": text,
        "tools": tools,
        "errors": errors,
        "bad-key": bad_key,
    }
)
