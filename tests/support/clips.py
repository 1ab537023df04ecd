"""What callers say in tests on a socket: turns of bundled calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np

from voicelab.audio.wav import read_audio, write_wav
from voicelab.paths import data_dir
from voicelab.units import MS_PER_S, ms_to_samples

RATE_HZ = 24_000
FRAME_MS = 20
SAMPLE_BYTES = 2
QUESTION = "How do I make, um, a simple mushroom risotto for two?"
INTERRUPTION = "Sorry, can I leave out the wine?"
LONG_ANSWER = "Warm a litre of vegetable stock"
SHORT_ANSWER = "Yes. Use a little more stock and a squeeze of lemon instead."
LONG_ANSWER_MS = 29_920
SHORT_ANSWER_MS = 3_660

_SPOKEN_MS = {QUESTION: (500, 3900), INTERRUPTION: (33_600, 35_400)}


def pcm(text: str, *, silence_ms: int = 0) -> bytes:
    """Return one of the two turns as 24 kHz PCM, 16 bits, little-endian.

    Args:
        text: what is said, `QUESTION` or `INTERRUPTION`.
        silence_ms: how much silence follows.
    """
    file = data_dir() / "conversations" / "recipe.wav"
    start_ms, end_ms = _SPOKEN_MS[text]
    samples = read_audio(file, channel=0, rate_hz=RATE_HZ).samples
    clip = samples[ms_to_samples(start_ms, RATE_HZ) : ms_to_samples(end_ms, RATE_HZ)]
    return clip.astype("<i2").tobytes() + bytes(size(silence_ms))


def write_question_and_interruption(
    file: Path, *, before_ms: int, heard_ms: int, after_ms: int
) -> None:
    """Write a question and, while it is being answered, another one, at 24 kHz.

    Args:
        file: the recording.
        before_ms: how much silence goes before the question.
        heard_ms: how long the answer is listened to.
        after_ms: how much silence follows the interruption.
    """
    question = pcm(QUESTION, silence_ms=heard_ms)
    interruption = pcm(INTERRUPTION, silence_ms=after_ms)
    whole = bytes(size(before_ms)) + question + interruption
    write_wav(file, [np.frombuffer(whole, "<i2")], RATE_HZ, channels=1)


def write_name_and_thanks(folder: Path) -> None:
    """Write `caller.wav`, in which a name is given, and `reply.wav`, the thanks for it.

    Both are at 16 kHz; the name has half a second of silence on either side.
    """
    file = data_dir() / "conversations" / "dentist.wav"
    caller, agent = (
        read_audio(file, channel=channel, rate_hz=16_000).samples for channel in (0, 1)
    )
    silence = np.zeros(8_000, np.int16)
    name = caller[round(13.9 * 16_000) : round(15.0 * 16_000)]
    reply = agent[round(45.2 * 16_000) : round(46.9 * 16_000)]
    write_wav(folder / "caller.wav", [silence, name, silence], 16_000, channels=1)
    write_wav(folder / "reply.wav", [reply], 16_000, channels=1)


def size(duration_ms: int) -> int:
    """Return how many bytes of PCM a duration takes."""
    return ms_to_samples(duration_ms, RATE_HZ) * SAMPLE_BYTES


def duration_ms(count: int) -> float:
    """Return how long so many bytes of PCM last."""
    return count * MS_PER_S / (RATE_HZ * SAMPLE_BYTES)


async def speak(audio: bytes, send: Callable[[bytes], Awaitable[None]]) -> None:
    """Send PCM as a microphone would: each frame when it has been recorded."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    step = size(FRAME_MS)
    for number, start in enumerate(range(0, len(audio), step), 1):
        due_s = began_s + number * FRAME_MS / MS_PER_S
        await asyncio.sleep(due_s - loop.time())
        await send(audio[start : start + step])
