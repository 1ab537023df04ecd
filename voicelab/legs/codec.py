"""Samples as a leg carries them: 16-bit PCM at some rate, or G.711 at 8 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples

Encoding = Literal["pcm", "ulaw", "alaw"]

_FORMATS = {
    "pcm": AudioFormat.PCM,
    "ulaw": AudioFormat.PCMU,
    "alaw": AudioFormat.PCMA,
}


@dataclass(frozen=True, slots=True)
class LegCodec:
    """How samples become bytes on a leg; all audio is mono.

    Attributes:
        encoding: 16-bit little-endian PCM, µ-law or A-law.
        rate_hz: samples in a second; G.711 has 8000.
    """

    encoding: Encoding
    rate_hz: int

    @property
    def bytes_per_sample(self) -> int:
        """How many bytes one sample takes."""
        return _FORMATS[self.encoding].bytes_per_sample

    def encode(self, samples: Samples) -> bytes:
        """Return int16 samples, already at `rate_hz`, as the leg's bytes."""
        return _FORMATS[self.encoding].encode(samples)

    def silence(self, samples: int) -> bytes:
        """Return so many samples of silence as the leg's bytes."""
        return self.encode(np.zeros(samples, np.int16))

    def decode(self, data: bytes) -> Samples:
        """Return the leg's bytes as int16 samples; the array may be read-only.

        Raises:
            ValueError: 16-bit audio with an odd number of bytes.
        """
        return _FORMATS[self.encoding].decode(data)


ULAW = LegCodec("ulaw", AudioFormat.PCMU.rate_hz)
"""µ-law, ITU-T G.711."""

ALAW = LegCodec("alaw", AudioFormat.PCMA.rate_hz)
"""A-law, ITU-T G.711."""
