"""The server's input audio buffer.

Positions are milliseconds of *all* audio ever appended in the session, as the
API counts them, and never start again at a commit or a clear. Under turn
detection only a little audio from before a turn can ever be wanted, so the
buffer forgets the rest: an idle line costs no memory.
"""

from __future__ import annotations

from voicelab.audio.formats import AudioFormat
from voicelab.units import ms_to_samples, samples_to_whole_ms

_TRIM_SLACK_BYTES = 1 << 16


class InputAudioBuffer:
    """Caller audio that has been appended and not yet committed."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self.format = audio_format
        self._data = bytearray()
        self._appended_bytes = 0
        self._earlier_ms = 0  # appended before the format last changed
        self._start_ms = 0  # where uncommitted audio begins

    @property
    def position_ms(self) -> int:
        """Whole milliseconds appended since the session began."""
        appended = self._appended_bytes // self.format.bytes_per_sample
        return self._earlier_ms + samples_to_whole_ms(appended, self.format.rate_hz)

    @property
    def start_ms(self) -> int:
        """Where the uncommitted audio begins."""
        return self._start_ms

    @property
    def uncommitted_bytes(self) -> int:
        """How much audio a manual commit would take."""
        return self._appended_bytes - self._byte_at(self._start_ms)

    @property
    def uncommitted_ms(self) -> float:
        """How long a manual commit's audio would be."""
        bytes_per_ms = self.format.rate_hz * self.format.bytes_per_sample / 1000
        return self.uncommitted_bytes / bytes_per_ms

    def append(self, data: bytes) -> None:
        """Add wire audio at the end."""
        self._data += data
        self._appended_bytes += len(data)

    def change_format(self, audio_format: AudioFormat) -> None:
        """Count what follows in another format; uncommitted audio is dropped."""
        if audio_format == self.format:
            return
        self._earlier_ms = self.position_ms
        self._start_ms = self._earlier_ms
        self.format = audio_format
        self._data.clear()
        self._appended_bytes = 0

    def take(self, start_ms: int, end_ms: int) -> bytes:
        """Commit [start_ms, end_ms): return it and forget all before its end."""
        held_from = self._appended_bytes - len(self._data)
        first = max(self._byte_at(start_ms) - held_from, 0)
        last = self._byte_at(end_ms) - held_from
        audio = bytes(self._data[first:last])
        self.forget_before(end_ms)
        return audio

    def take_all(self) -> bytes:
        """Commit everything that is uncommitted."""
        first = len(self._data) - self.uncommitted_bytes
        audio = bytes(self._data[first:])
        self._data.clear()
        self._start_ms = self.position_ms
        return audio

    def forget_before(self, position_ms: int) -> None:
        """Let go of audio before `position_ms`; it can no longer be committed."""
        self._start_ms = max(self._start_ms, min(position_ms, self.position_ms))
        held_from = self._appended_bytes - len(self._data)
        surplus = self._byte_at(self._start_ms) - held_from
        if surplus > _TRIM_SLACK_BYTES or surplus == len(self._data):
            del self._data[:surplus]

    def clear(self) -> None:
        """Drop everything that is uncommitted."""
        self.take_all()

    def _byte_at(self, position_ms: int) -> int:
        samples = ms_to_samples(position_ms - self._earlier_ms, self.format.rate_hz)
        return samples * self.format.bytes_per_sample
