"""The bundled callers as a client sends them, made ready before anything is timed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from websockets.frames import Frame, Opcode

from voicelab.audio import AudioFormat, read_audio
from voicelab.protocol import client_events as ce
from voicelab.protocol.codec import encode
from voicelab.scenario import find_scenario, load_scenario, scenario_names
from voicelab.units import NS_PER_MS, ms_to_samples

FRAME_MS = 20
FRAME_NS = FRAME_MS * NS_PER_MS

SESSION = ce.SessionUpdate(
    session={
        "type": "realtime",
        "audio": {
            "input": {
                "transcription": {"model": "whisper-1"},
                "turn_detection": {"type": "server_vad"},
            }
        },
    }
)
"""What each session sets at its start."""


@dataclass(frozen=True)
class Caller:
    """A recorded caller in frames of 20 ms, 24 kHz PCM.

    Attributes:
        name: the conversation's.
        messages: one append a frame, as JSON.
        frames: the same as whole, masked WebSocket frames.
    """

    name: str
    messages: tuple[bytes, ...]
    frames: tuple[bytes, ...]


@cache
def bundled_callers() -> tuple[Caller, ...]:
    """Return the callers of all bundled scenarios."""
    return tuple(_caller(name) for name in scenario_names())


def as_text_frame(message: bytes) -> bytes:
    """Return a message as a client's WebSocket frame."""
    return Frame(Opcode.TEXT, message).serialize(mask=True)


def _caller(name: str) -> Caller:
    caller = load_scenario(find_scenario(name)).caller
    pcm = AudioFormat.PCM
    recording = read_audio(caller.audio, channel=caller.channel, rate_hz=pcm.rate_hz)
    step = ms_to_samples(FRAME_MS, pcm.rate_hz)
    count = len(recording.samples) // step
    messages = tuple(
        encode(
            ce.InputAudioBufferAppend(
                audio=pcm.encode(recording.samples[k * step : (k + 1) * step])
            )
        )
        for k in range(count)
    )
    return Caller(name, messages, tuple(map(as_text_frame, messages)))
