"""The server's input audio buffer.

Positions are milliseconds of *all* audio ever appended in the session, as the
API counts them, and never start again at a commit or a clear.
"""

from __future__ import annotations

from voicelab.audio.formats import AudioFormat
from voicelab.units import MS_PER_S, ms_to_samples

MAX_BUFFERED_BYTES = 24 << 20
"""The most audio that is held uncommitted: nearly 9 minutes of PCM, 52 of G.711.

An append of the greatest size fits, and buffer and kept audio of one session stay
within 50 MB. The endpoint's own limit is not published.
"""

_TRIM_SLACK_BYTES = 1 << 16


class InputAudioBuffer:
    """Caller audio that has been appended and not yet committed."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self.format = audio_format
        self._data = bytearray()
        self._appended_bytes = 0
        self._earlier_ms = 0  # appended before the format last changed
        self._start_byte = 0  # where uncommitted audio begins, since that change

    @property
    def position_ms(self) -> int:
        """Whole milliseconds appended since the session began."""
        return self._earlier_ms + self.format.duration_ms(self._appended_bytes)

    @property
    def start_ms(self) -> int:
        """Where the uncommitted audio begins, in whole milliseconds."""
        return self._earlier_ms + self.format.duration_ms(self._start_byte)

    @property
    def uncommitted_bytes(self) -> int:
        """How much audio a manual commit would take."""
        return self._appended_bytes - self._start_byte

    @property
    def uncommitted_ms(self) -> float:
        """How long a manual commit's audio would be."""
        bytes_per_ms = self.format.rate_hz * self.format.bytes_per_sample / 1000
        return self.uncommitted_bytes / bytes_per_ms

    @property
    def limit_ms(self) -> int:
        """How much audio can be held, in whole milliseconds."""
        return self.format.duration_ms(MAX_BUFFERED_BYTES)

    def has_room_for(self, data: bytes) -> bool:
        """Whether the buffer can hold `data` and all that is uncommitted."""
        return self.uncommitted_bytes + len(data) <= MAX_BUFFERED_BYTES

    def append(self, data: bytes) -> None:
        """Add wire audio at the end; it is for the caller to keep it bounded."""
        self._data += data
        self._appended_bytes += len(data)

    def change_format(self, audio_format: AudioFormat) -> None:
        """Count what follows in another format; uncommitted audio is dropped."""
        if audio_format == self.format:
            return
        self._earlier_ms = self.position_ms
        self.format = audio_format
        self._data.clear()
        self._appended_bytes = self._start_byte = 0

    def peek(self, start_ms: int, end_ms: int) -> bytes:
        """Return what of [start_ms, end_ms) is uncommitted."""
        first = max(self._byte_at(start_ms), self._start_byte)
        last = max(self._byte_at(end_ms), first)
        return bytes(self._data[first - self._held_from : last - self._held_from])

    def take(self, start_ms: int, end_ms: int) -> bytes:
        """Commit [start_ms, end_ms): return it and forget all before its end."""
        audio = self.peek(start_ms, end_ms)
        self.forget_before(end_ms)
        return audio

    def take_all(self) -> bytes:
        """Commit everything that is uncommitted."""
        audio = bytes(self._data[self._start_byte - self._held_from :])
        self._data.clear()
        self._start_byte = self._appended_bytes
        return audio

    def forget_before(self, position_ms: int) -> None:
        """Let go of audio before `position_ms`; it can no longer be committed."""
        forgotten = min(self._byte_at(position_ms), self._appended_bytes)
        self._start_byte = max(self._start_byte, forgotten)
        surplus = self._start_byte - self._held_from
        if surplus > _TRIM_SLACK_BYTES:
            del self._data[:surplus]

    def forget_all_but(self, keep_ms: int) -> None:
        """Let go of all but the newest `keep_ms`, now and then."""
        bytes_per_ms = self.format.rate_hz * self.format.bytes_per_sample // MS_PER_S
        if len(self._data) > 2 * keep_ms * bytes_per_ms:
            self.forget_before(self.position_ms - keep_ms)

    def clear(self) -> None:
        """Drop everything that is uncommitted."""
        self.take_all()

    @property
    def _held_from(self) -> int:
        return self._appended_bytes - len(self._data)

    def _byte_at(self, position_ms: int) -> int:
        samples = ms_to_samples(position_ms - self._earlier_ms, self.format.rate_hz)
        return samples * self.format.bytes_per_sample
