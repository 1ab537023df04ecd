"""The published `livekit-plugins-openai`, its RealtimeModel in an AgentSession.

The session has no room: a microphone and a loudspeaker of our own stand in for it.
The loudspeaker plays by the wall clock, so the library truncates what it played.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from livekit import rtc
from livekit.agents import Agent, AgentSession, function_tool
from livekit.agents.voice.io import (
    AudioInput,
    AudioOutput,
    AudioOutputCapabilities,
)
from livekit.plugins import openai
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

from tests.clients.job import (
    FRAME_BYTES,
    MODEL,
    RATE_HZ,
    SAMPLE_BYTES,
    Job,
    check,
    main,
    speak,
    until,
)

BY_SILENCE = ServerVad(
    type="server_vad",
    silence_duration_ms=500,
    create_response=True,
    interrupt_response=True,
)


class Microphone(AudioInput):
    """Hands on what is said into it."""

    def __init__(self) -> None:
        super().__init__(label="microphone")
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.get()

    async def send(self, audio: bytes) -> None:
        frame = rtc.AudioFrame(audio, RATE_HZ, 1, len(audio) // SAMPLE_BYTES)
        await self._frames.put(frame)


class Loudspeaker(AudioOutput):
    """Plays each segment by the wall clock, and says how far it came."""

    def __init__(self) -> None:
        super().__init__(
            label="loudspeaker",
            capabilities=AudioOutputCapabilities(pause=False),
            sample_rate=RATE_HZ,
        )
        self.received_s: list[float] = []
        self.positions_s: list[float] = []
        self._began_s: float | None = None
        self._end: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self._began_s is None:
            self._began_s = asyncio.get_running_loop().time()
            self.received_s.append(0.0)
        self.received_s[-1] += frame.duration

    def flush(self) -> None:
        super().flush()
        if self._began_s is not None:
            loop = asyncio.get_running_loop()
            ends_s = self._began_s + self.received_s[-1]
            self._end = loop.call_at(ends_s, self._stop, False)

    def clear_buffer(self) -> None:
        self._stop(interrupted=True)

    def _stop(self, interrupted: bool) -> None:
        if self._began_s is None:
            return
        if self._end is not None:
            self._end.cancel()
        played_s = asyncio.get_running_loop().time() - self._began_s
        position_s = min(played_s, self.received_s[-1])
        self._began_s = None
        self.positions_s.append(position_s)
        self.on_playback_finished(playback_position=position_s, interrupted=interrupted)


class Complaints(logging.Handler):
    """Keeps what the library warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


class Call:
    """A session of an agent, and what it told."""

    def __init__(self, job: Job, session: AgentSession[None], agent: Agent) -> None:
        self.session = session
        self.agent = agent
        self.microphone = Microphone()
        self.loudspeaker = Loudspeaker()
        self.wire: list[dict[str, Any]] = []
        self.errors: list[Any] = []
        self.transcripts: list[str] = []
        self._job = job
        session.on("error", lambda event: self.errors.append(event.error.error))
        session.on("user_input_transcribed", self._transcribed)

    def _transcribed(self, event: Any) -> None:
        if event.is_final:
            self.transcripts.append(event.transcript)

    def listen(self) -> None:
        self.agent.realtime_llm_session.on("openai_server_event_received", self._take)

    def _take(self, event: dict[str, Any]) -> None:
        self.wire.append(event)
        self._job.record(event)

    def of(self, wanted: str) -> list[dict[str, Any]]:
        return [event for event in self.wire if event["type"] == wanted]

    def said(self, role: str) -> list[str]:
        """Return one side's messages, as the session's history has them."""
        return [
            item.text_content or ""
            for item in self.session.history.items
            if item.type == "message" and item.role == role
        ]

    async def say(self, audio: bytes) -> None:
        await speak(audio, self.microphone.send)

    async def until(self, reached: Any) -> Any:
        found = await until(lambda: reached() or self.errors)
        check(not self.errors, *self.errors)
        return found


@asynccontextmanager
async def call(
    job: Job,
    *,
    api_key: str | None = None,
    strict: bool = True,
    agent: Agent | None = None,
    turns: str = "realtime_llm",
    spoken: bool = True,
    **options: Any,
) -> AsyncIterator[Call]:
    complaints = Complaints()
    logging.getLogger("livekit").addHandler(complaints)
    model = openai.realtime.RealtimeModel(
        base_url=job["base_url"].replace("http", "ws", 1),
        model=MODEL,
        api_key=api_key or job["api_key"],
        **{"turn_detection": BY_SILENCE, **options},
    )
    session: AgentSession[None] = AgentSession(
        llm=model,
        vad=None,
        turn_handling={
            "turn_detection": turns,
            # it would need a loudspeaker that can pause
            "interruption": {"resume_false_interruption": False},
        },
        aec_warmup_duration=None,  # it would not listen for the first 3 s
    )
    running = Call(job, session, agent or Agent(instructions="Help."))
    session.input.audio = running.microphone
    session.output.audio = running.loudspeaker if spoken else None
    await session.start(running.agent)
    running.listen()
    try:
        yield running
    finally:
        await session.aclose()
        await model.aclose()
    check(not (strict and complaints.told), *complaints.told)


async def turn(job: Job) -> None:
    async with call(job) as caller:
        await caller.say(job.speech("interruption"))
        await caller.until(lambda: caller.transcripts == [job["interruption_text"]])
        await caller.until(lambda: job["short_answer"] in caller.said("assistant"))
        (received_s,) = caller.loudspeaker.received_s
        check(received_s > 3.6, received_s)


async def barge_in(job: Job) -> None:
    async with call(job) as caller:
        await caller.say(job.speech("question"))
        await caller.until(lambda: caller.loudspeaker.received_s)
        await caller.say(job.speech("interruption"))
        (truncated,) = await caller.until(
            lambda: caller.of("conversation.item.truncated")
        )
        await caller.until(lambda: job["short_answer"] in caller.said("assistant"))
        (position_s, *_) = caller.loudspeaker.positions_s
        check(abs(truncated["audio_end_ms"] - position_s * 1000) <= 1, truncated)
        check(0.2 < position_s < caller.loudspeaker.received_s[0], position_s)
        statuses = [e["response"]["status"] for e in caller.of("response.done")]
        check(statuses == ["cancelled", "completed"], statuses)
        check(not caller.errors, *caller.errors)


async def manual(job: Job) -> None:
    async with call(job, turn_detection=None, turns="manual") as caller:
        audio = job.speech("interruption")
        for start in range(0, len(audio), FRAME_BYTES):
            await caller.microphone.send(audio[start : start + FRAME_BYTES])
        await asyncio.sleep(0.3)
        check(not caller.of("response.created"), caller.wire)
        caller.session.commit_user_turn()
        await caller.until(lambda: caller.of("input_audio_buffer.committed"))
        await caller.until(lambda: caller.of("response.done"))
        check(caller.loudspeaker.received_s, "silence")
        check(not caller.of("input_audio_buffer.speech_started"), caller.wire)


async def text(job: Job) -> None:
    async with call(job, modalities=["text"], spoken=False) as caller:
        caller.session.generate_reply(user_input="What is for dinner?")
        await caller.until(lambda: caller.of("response.output_text.done"))
        (said,) = await caller.until(lambda: caller.said("assistant"))
        (written,) = caller.of("response.output_text.done")
        check(said == written["text"], said, written)


async def tools(job: Job) -> None:
    cities: list[str] = []

    @function_tool
    async def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        cities.append(city)
        return "clear"

    agent = Agent(instructions="Help.", tools=[get_weather])
    async with call(job, agent=agent) as caller:
        caller.session.generate_reply(user_input="Please get weather!")
        await caller.until(lambda: len(caller.of("response.done")) == 2)
        check(caller.loudspeaker.received_s, "silence")
        check(len(cities) == 1, cities)


async def errors(job: Job) -> None:
    async with call(job, strict=False) as caller:
        unknown: Any = {"type": "session.dance", "event_id": "e1"}
        caller.agent.realtime_llm_session.send_event(unknown)
        (error,) = await until(lambda: caller.errors)
        check(error.body.code == "invalid_value", error.body)
        caller.errors.clear()
        caller.session.generate_reply(user_input="Are you still there?")
        await caller.until(lambda: caller.loudspeaker.received_s)


async def bad_key(job: Job) -> None:
    async with call(job, api_key="sk-wrong", strict=False) as caller:
        error = (await until(lambda: caller.errors))[0]
        check(error.body.code == "invalid_api_key", error.body)


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
