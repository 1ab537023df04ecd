"""Keeps a Twilio caller's time true: what was lost on the way becomes silence."""

from __future__ import annotations

from voicelab.errors import LegError
from voicelab.legs import twilio
from voicelab.units import ms_to_samples, samples_to_ms

LONGEST_GAP_MS = 10_000
"""Nobody loses more than this and goes on; filling more would let a peer make memory
of a number."""


class CallerClock:
    """Puts the chunks of a media stream in their places.

    Each `media` message has the number of its chunk and its instant in the stream.
    Where numbers are missing, their time is filled with silence, as long as the
    instants say, or 20 ms a chunk where they say nothing that can be.
    """

    def __init__(self) -> None:
        self._next_chunk: int | None = None
        self._end_ms = 0.0

    def place(self, audio: twilio.CallerAudio) -> bytes:
        """Return what the stream goes on with: silence for a gap, then the chunk.

        A chunk that was there before gives nothing.

        Raises:
            LegError: the gap is longer than any.
        """
        chunk, at_ms = int(audio.chunk), int(audio.timestamp)
        if self._next_chunk is not None and chunk < self._next_chunk:
            return b""
        gap_ms = self._gap_ms(chunk, at_ms)
        silence = twilio.CODEC.silence(ms_to_samples(gap_ms, twilio.CODEC.rate_hz))
        self._next_chunk = chunk + 1
        self._end_ms = at_ms + samples_to_ms(len(audio.payload), twilio.CODEC.rate_hz)
        return silence + audio.payload

    def _gap_ms(self, chunk: int, at_ms: int) -> int:
        """Return how much is missing before a chunk."""
        if self._next_chunk is None or chunk == self._next_chunk:
            return 0
        told_ms = round(at_ms - self._end_ms)
        missing = chunk - self._next_chunk
        gap_ms = told_ms if told_ms > 0 else missing * twilio.MEDIA_MS
        if gap_ms > LONGEST_GAP_MS:
            problem = f"'media': chunk {chunk} comes after a gap of {gap_ms} ms"
            raise LegError(twilio.LEG, "provider", problem)
        return gap_ms
