"""The three audio formats of the wire (PROTOCOL: `audio/pcm`, `pcmu`, `pcma`)."""

from __future__ import annotations

from enum import Enum

import numpy as np

from voicelab.audio import g711
from voicelab.audio.pcm import Samples
from voicelab.units import samples_to_whole_ms


class AudioFormat(Enum):
    """How samples become bytes on the wire; the value is the wire's name.

    `PCM` is 16-bit little endian at 24 kHz; `PCMU` (µ-law) and `PCMA` (A-law)
    are G.711 at 8 kHz, one byte a sample. All are mono.
    """

    PCM = "audio/pcm"
    PCMU = "audio/pcmu"
    PCMA = "audio/pcma"

    rate_hz: int
    bytes_per_sample: int

    def __init__(self, wire_type: str) -> None:
        is_pcm = wire_type == "audio/pcm"
        self.rate_hz = 24_000 if is_pcm else 8_000
        self.bytes_per_sample = 2 if is_pcm else 1

    @classmethod
    def from_wire(cls, wire_type: str) -> AudioFormat:
        """Return the format that the wire calls `wire_type`.

        Raises:
            ValueError: there is no such format; the message lists those there are.
        """
        try:
            return cls(wire_type)
        except ValueError:
            known = ", ".join(repr(known.value) for known in cls)
            raise ValueError(
                f"unknown audio format {wire_type!r}; supported are {known}"
            ) from None

    def encode(self, samples: Samples) -> bytes:
        """Return int16 samples, already at `rate_hz`, as the wire's bytes."""
        if self is AudioFormat.PCM:
            return samples.astype("<i2", copy=False).tobytes()
        if self is AudioFormat.PCMU:
            return g711.encode_ulaw(samples).tobytes()
        return g711.encode_alaw(samples).tobytes()

    def decode(self, data: bytes) -> Samples:
        """Return the wire's bytes as int16 samples; the array may be read-only.

        Raises:
            ValueError: 16-bit audio with an odd number of bytes.
        """
        if self is AudioFormat.PCM:
            return _decode_pcm(data)
        codes = np.frombuffer(data, np.uint8)
        if self is AudioFormat.PCMU:
            return g711.decode_ulaw(codes)
        return g711.decode_alaw(codes)

    def sample_count(self, byte_count: int) -> int:
        """Return how many whole samples `byte_count` bytes hold."""
        return byte_count // self.bytes_per_sample

    def duration_ms(self, byte_count: int) -> int:
        """Return the whole milliseconds that `byte_count` bytes last (rounds down)."""
        return samples_to_whole_ms(self.sample_count(byte_count), self.rate_hz)


def _decode_pcm(data: bytes) -> Samples:
    if len(data) % 2:
        raise ValueError(f"16-bit audio of an odd number of bytes: {len(data)}")
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)
