"""One channel of audio.wav, written as the conversation goes on.

The samples go to a temporary file, not to memory: an hour of two parties would
not leave much room for anything else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from types import TracebackType
from typing import IO, Self

import numpy as np

from voicelab.audio.pcm import FULL_SCALE, Samples, int16_from_float

_BLOCK_SAMPLES = 1 << 16
_SAMPLE_BYTES = 2


class Tape:
    """Samples at their places, silence between.

    Args:
        rate_hz: the rate of what is recorded.
        in_memory: whether the samples stay in memory after all.
    """

    def __init__(self, rate_hz: int, *, in_memory: bool = False) -> None:
        self.rate_hz = rate_hz
        self.samples = 0
        self._file: IO[bytes] = BytesIO() if in_memory else _temporary_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, position: int, samples: Samples) -> None:
        """Record `samples` from `position` on; what lies before is kept.

        Positions only grow: audio that would start before the end of the last is
        shortened at its start.
        """
        skip = max(self.samples - position, 0)
        if skip >= len(samples):
            return
        gap = max(position - self.samples, 0)
        while gap:
            count = min(gap, _BLOCK_SAMPLES)
            self._file.write(bytes(count * _SAMPLE_BYTES))
            self.samples += count
            gap -= count
        self._file.write(samples[skip:].astype("<i2", copy=False).tobytes())
        self.samples += len(samples) - skip

    def blocks(self, rate_hz: int, samples: int) -> Iterator[Samples]:
        """Yield exactly `samples` samples at `rate_hz` in blocks of one size.

        The last block may be shorter; what was not recorded is silence.
        """
        waiting = np.empty(0, dtype=np.int16)
        left = samples
        for piece in self._at_rate(rate_hz):
            waiting = np.concatenate([waiting, piece]) if len(waiting) else piece
            while len(waiting) >= _BLOCK_SAMPLES and left > 0:
                count = min(_BLOCK_SAMPLES, left)
                yield waiting[:count]
                waiting = waiting[_BLOCK_SAMPLES:]
                left -= count
        while left > 0:
            count = min(_BLOCK_SAMPLES, left)
            block = np.zeros(count, dtype=np.int16)
            block[: min(len(waiting), count)] = waiting[:count]
            waiting = waiting[count:]
            yield block
            left -= count

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()

    def _recorded(self) -> Iterator[Samples]:
        self._file.flush()
        self._file.seek(0)
        while data := self._file.read(_BLOCK_SAMPLES * _SAMPLE_BYTES):
            yield np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)

    def _at_rate(self, rate_hz: int) -> Iterator[Samples]:
        if rate_hz == self.rate_hz:
            yield from self._recorded()
            return
        import soxr  # noqa: PLC0415  # only where rates differ

        stream = soxr.ResampleStream(
            self.rate_hz, rate_hz, 1, dtype="float32", quality="HQ"
        )
        for block in self._recorded():
            floats = block.astype(np.float32) / FULL_SCALE
            yield int16_from_float(stream.resample_chunk(floats))
        tail = np.empty(0, dtype=np.float32)
        yield int16_from_float(stream.resample_chunk(tail, last=True))


def _temporary_file() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="voicelab-")
