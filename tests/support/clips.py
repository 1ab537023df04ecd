"""What a caller says to a client library under test: two turns of a bundled call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from voicelab.audio.wav import read_audio
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
