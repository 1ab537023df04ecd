"""A short call with a barge-in, and small bridges to drive through it."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.audio.wav import read_audio, write_wav
from voicelab.paths import data_dir

RATE_HZ = 16_000
MODEL_HZ = 24_000
SCENARIO = """
voicelab: 1
name: hannah
caller: {audio: caller.wav, labels: caller.json, drive: reactive, patience_ms: 1500}
agent:
  responder: scripted
  profile: instant
  replies:
    - {text: "A long answer.", audio: long.wav}
    - {text: "See you Thursday!", audio: short.wav}
session:
  type: realtime
  audio: {input: {turn_detection: {type: server_vad, silence_duration_ms: 300}}}
seed: 3
"""
_SPOKEN_S = ((0.5, 1.6), (4.0, 5.1))  # in caller.wav; the second one barges in
_ANSWERED_S = ((2.2, 9.0), (9.5, 10.5))


def barge_in_scenario(folder: Path, **changes: str) -> Path:
    """Write a call of some six seconds: a name, a long answer, and a barge-in."""
    conversation = data_dir() / "conversations" / "dentist.wav"
    caller = read_audio(conversation, channel=0, rate_hz=RATE_HZ).samples
    agent = read_audio(conversation, channel=1, rate_hz=RATE_HZ).samples
    name = caller[round(13.9 * RATE_HZ) : round(15.0 * RATE_HZ)]
    whole = np.zeros(round(11 * RATE_HZ), np.int16)
    for start_s, _ in _SPOKEN_S:
        at = round(start_s * RATE_HZ)
        whole[at : at + len(name)] = name
    write_wav(folder / "caller.wav", [whole], RATE_HZ, channels=1)
    short = agent[round(45.2 * RATE_HZ) : round(46.9 * RATE_HZ)]
    write_wav(folder / "short.wav", [short], RATE_HZ, channels=1)
    write_wav(folder / "long.wav", [spoken(6.0, RATE_HZ)], RATE_HZ, channels=1)
    (folder / "caller.json").write_text(json.dumps(_labels()), "utf-8")
    file = folder / "hannah.yaml"
    text = SCENARIO
    for old, new in changes.items():
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return file


def _labels() -> dict[str, Any]:
    turns = [
        *(_turn("caller", *each, "It's Hannah.") for each in _SPOKEN_S),
        *(_turn("agent", *each, "An answer.") for each in _ANSWERED_S),
    ]
    return {
        "voicelab_labels": 1,
        "audio": "caller.wav",
        "description": "A barge-in.",
        "speakers": {"caller": {"channel": 0}, "agent": {"channel": 0}},
        "turns": sorted(turns, key=lambda turn: turn["start_ms"]),
    }


def _turn(speaker: str, start_s: float, end_s: float, text: str) -> dict[str, Any]:
    start_ms, end_ms = start_s * 1000, end_s * 1000
    first, _, second = text.partition(" ")
    middle_ms = (start_ms + end_ms) / 2
    words = [
        {"text": first, "start_ms": start_ms, "end_ms": middle_ms},
        {"text": second, "start_ms": middle_ms, "end_ms": end_ms},
    ]
    return {
        "speaker": speaker,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "kind": "turn",
        "text": text,
        "words": words,
    }


@cache
def spoken(seconds: float, rate_hz: int, which: int = 0) -> Samples:
    """Return speech: the beginning of a bundled reply."""
    files = sorted((data_dir() / "conversations").glob("*.reply-*.wav"))
    whole = read_audio(files[which], rate_hz=rate_hz, channel=None).samples
    return whole[: round(seconds * rate_hz)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- bridges --------------------------------------------------------------------

Handler = Callable[[ServerConnection, str], Awaitable[None]]
"""Holds one call: the leg's socket, and where the model is."""


class BridgeThread:
    """A bridge on a port of its own, in a thread, while a `with` block runs."""

    def __init__(self, handler: Handler, model_port: int) -> None:
        self.url = ""
        self._handler = handler
        self._model = f"ws://127.0.0.1:{model_port}/v1/realtime?model=m"
        self._started = threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        async with serve(self._hold, "127.0.0.1", 0, max_size=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            self.url = f"ws://127.0.0.1:{port}/voice"
            self._started.set()
            await self._ended.wait()

    async def _hold(self, leg: ServerConnection) -> None:
        try:
            await self._handler(leg, self._model)
        except ConnectionClosed:
            return


async def say(model: ClientConnection, kind: str, **fields: Any) -> None:
    await model.send(json.dumps({"type": kind, **fields}))


def at_rate(audio: str, from_hz: int, to_hz: int) -> str:
    samples = np.frombuffer(base64.b64decode(audio), "<i2").astype(np.int16)
    made = resample(samples, from_hz, to_hz)
    return base64.b64encode(made.astype("<i2").tobytes()).decode()


async def _hear(leg: ServerConnection, model: ClientConnection) -> None:
    async for text in leg:
        message = json.loads(text)
        if "audio" in message:
            audio = at_rate(message["audio"], RATE_HZ, MODEL_HZ)
            await say(model, "input_audio_buffer.append", audio=audio)


async def careless(leg: ServerConnection, model_url: str) -> None:
    """Relay audio, claim nothing was heard, and let the page go on."""
    async with connect(model_url, max_size=None) as model:
        await say(model, "session.update", session={"type": "realtime"})
        hearing = asyncio.create_task(_hear(leg, model))
        item_id = None
        async for text in model:
            event = json.loads(text)
            if event["type"] == "response.output_audio.delta":
                item_id = event["item_id"]
                audio = at_rate(event["delta"], MODEL_HZ, RATE_HZ)
                await leg.send(json.dumps({"audio": audio}))
            elif event["type"] == "input_audio_buffer.speech_started" and item_id:
                claim = {"item_id": item_id, "content_index": 0, "audio_end_ms": 0}
                await say(model, "conversation.item.truncate", **claim)
        hearing.cancel()


async def hangs_up(leg: ServerConnection, model_url: str) -> None:
    """Begin well, and leave in the middle of the answer."""
    async with connect(model_url, max_size=None) as model:
        await say(model, "session.update", session={"type": "realtime"})
        hearing = asyncio.create_task(_hear(leg, model))
        async for text in model:
            if json.loads(text)["type"] == "response.output_audio.delta":
                break
        hearing.cancel()
        await leg.close(1011, "out of ideas")


async def babbles(leg: ServerConnection, model_url: str) -> None:
    """Open a session, and then send what is no message."""
    async with connect(model_url, max_size=None) as model:
        await say(model, "session.update", session={"type": "realtime"})
        await asyncio.sleep(1)
        await leg.send("Hello?")
        await leg.wait_closed()


async def stays_alone(leg: ServerConnection, model_url: str) -> None:
    """Take the call, and never open a session."""
    del model_url
    await leg.wait_closed()


async def leaves_at_once(leg: ServerConnection, model_url: str) -> None:
    """Take the call, and hang up."""
    del model_url
    await leg.close(1008, "not today")
