"""Audio as samples: files, wire formats, resampling, frames for the VAD."""

from __future__ import annotations

from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import FULL_SCALE, Samples, int16_from_float
from voicelab.audio.resample import resample
from voicelab.audio.vad_front_end import (
    FRAME_SAMPLES,
    VAD_RATE_HZ,
    VadFrontEnd,
    vad_frames,
)
from voicelab.audio.wav import Recording, read_audio, write_wav

__all__ = [
    "FRAME_SAMPLES",
    "FULL_SCALE",
    "VAD_RATE_HZ",
    "AudioFormat",
    "Recording",
    "Samples",
    "VadFrontEnd",
    "int16_from_float",
    "read_audio",
    "resample",
    "vad_frames",
    "write_wav",
]
