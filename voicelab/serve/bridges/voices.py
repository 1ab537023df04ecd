"""Audio between a leg and the Realtime session, each at its own rate and coding."""

from __future__ import annotations

from collections.abc import Iterator

from voicelab.audio.formats import AudioFormat
from voicelab.audio.stream_rate import StreamRate
from voicelab.legs.codec import ALAW, ULAW, LegCodec
from voicelab.units import MS_PER_S

FRAME_MS = 20
"""How much caller audio goes to the session at once."""

_CODECS = {
    AudioFormat.PCM: LegCodec("pcm", AudioFormat.PCM.rate_hz),
    AudioFormat.PCMU: ULAW,
    AudioFormat.PCMA: ALAW,
}
_FORMATS = {codec: wire for wire, codec in _CODECS.items()}


def session_format(codec: LegCodec) -> AudioFormat:
    """Return the session format that needs the least done to a leg's audio.

    G.711 goes through as it is; anything else becomes 24 kHz PCM.
    """
    return _FORMATS.get(codec, AudioFormat.PCM)


class Transcoder:
    """Turns a stream in one codec into a stream in another.

    Equal codecs leave it as it is; rates change as `StreamRate` says.

    Args:
        source: the codec of what goes in.
        target: the codec of what comes out.
    """

    def __init__(self, source: LegCodec, target: LegCodec) -> None:
        self._source = source
        self._target = target
        self.reset()

    def reset(self) -> None:
        """Begin a new stream: what is still inside is forgotten."""
        self._rate = StreamRate(self._source.rate_hz, self._target.rate_hz)

    def convert(self, data: bytes) -> bytes:
        """Return the stream's next bytes.

        Raises:
            ValueError: there is half a sample in it.
        """
        if self._source == self._target:
            return data
        samples = self._source.decode(data)
        return self._target.encode(self._rate.process(samples))


class AgentVoice(Transcoder):
    """The agent's audio on its way from the session to the leg."""

    def __init__(self, wire: AudioFormat, leg: LegCodec) -> None:
        super().__init__(_CODECS[wire], leg)


class CallerVoice:
    """The caller's audio on its way from the leg to the session, in 20 ms frames.

    Args:
        leg: how it comes, in pieces of any length.
        wire: how the session wants it.
    """

    def __init__(self, leg: LegCodec, wire: AudioFormat) -> None:
        self._transcoder = Transcoder(leg, _CODECS[wire])
        frame_samples = FRAME_MS * wire.rate_hz // MS_PER_S
        self._frame_bytes = frame_samples * wire.bytes_per_sample
        self._rest = b""

    def frames(self, data: bytes) -> Iterator[bytes]:
        """Yield the frames that are complete with the next piece.

        Raises:
            ValueError: there is half a sample in it.
        """
        waiting = self._rest + self._transcoder.convert(data)
        whole = len(waiting) // self._frame_bytes * self._frame_bytes
        self._rest = waiting[whole:]
        for start in range(0, whole, self._frame_bytes):
            yield waiting[start : start + self._frame_bytes]
