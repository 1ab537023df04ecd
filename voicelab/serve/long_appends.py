"""Cuts very long appends, so that scoring them keeps nobody waiting.

Scoring 5 minutes of audio, the most that one append may hold, takes some 0.4 s.
In pieces, other sessions have their turn between two of them, and the session sees
the same audio, in the same order.
"""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from voicelab.protocol.client_events import InputAudioBufferAppend
from voicelab.protocol.codec import encode
from voicelab.protocol.limits import MAX_APPEND_BYTES
from voicelab.protocol.refusals import NOT_JSON
from voicelab.session.config import SessionConfig

MAX_WHOLE_BYTES = 16_384
"""Shorter messages are left whole: at most 0.25 s of PCM, 1.5 s of G.711."""

PIECE_BYTES = 8_000
"""The audio in a piece: 0.17 s of PCM, 1 s of G.711."""

_APPEND = b"input_audio_buffer.append"
_decoder = msgspec.json.Decoder(InputAudioBufferAppend)


class LongAppends:
    """Cuts the long appends of one client.

    What the session would refuse is left whole, so that it is refused once and
    wholly, and so is what nobody scores.

    Args:
        config: the session's.

    Attributes:
        repeating: whether the message under way is a further piece of one that was
            taken before.
    """

    def __init__(self, config: SessionConfig) -> None:
        self.repeating = False
        self._config = config

    def __call__(self, message: bytes) -> Generator[bytes]:
        """Yield what stands for a message: the message, or its pieces."""
        if len(message) <= MAX_WHOLE_BYTES or _APPEND not in message:
            yield message
            return
        if self._config.turn_settings() is None:
            yield message
            return
        try:
            event = _decoder.decode(message)
        except NOT_JSON:
            yield message
            return
        sample_bytes = self._config.input_format.bytes_per_sample
        if len(event.audio) > MAX_APPEND_BYTES or len(event.audio) % sample_bytes:
            yield message
            return
        yield from self._pieces(event)

    def _pieces(self, event: InputAudioBufferAppend) -> Generator[bytes]:
        try:
            for start in range(0, len(event.audio), PIECE_BYTES):
                audio = event.audio[start : start + PIECE_BYTES]
                yield encode(
                    InputAudioBufferAppend(audio=audio, event_id=event.event_id)
                )
                self.repeating = True
        finally:
            self.repeating = False
