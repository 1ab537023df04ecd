"""Twilio Media Streams, as a provider."""

from __future__ import annotations

from collections.abc import Sequence

from voicelab.audio.pcm import Samples
from voicelab.lab.drive.provider import (
    Action,
    Checkpoint,
    Clear,
    Play,
    Told,
    Violation,
)
from voicelab.legs import twilio
from voicelab.units import MS_PER_S

STREAM_SID = "MZ00000000000000000000000000000001"
CALL_SID = "CA00000000000000000000000000000001"
ACCOUNT_SID = "AC00000000000000000000000000000001"
"""Ids that stand for a call; there is no account."""

OTHER_STREAM = "named another stream than the call's; it was ignored"


class TwilioProvider:
    """Plays 8 kHz µ-law from its buffer.

    Marks come back when what is before them has been played, or all at once when the
    buffer is cleared.
    """

    kind = "twilio"

    def __init__(self) -> None:
        self.agent_hz = twilio.CODEC.rate_hz
        self.caller_hz: int | None = twilio.CODEC.rate_hz
        self._number = 0
        self._chunk = 0

    @property
    def ready(self) -> bool:
        """Twilio sends the caller's audio at once."""
        return True

    @property
    def awaits(self) -> str:
        """Nothing."""
        return ""

    def greeting(self) -> Sequence[str]:
        """Return `connected` and `start`."""
        facts = twilio.StreamFacts(STREAM_SID, CALL_SID, ACCOUNT_SID)
        start = twilio.Start(
            stream_sid=STREAM_SID, sequence_number=self._next(), start=facts
        )
        return twilio.encode(twilio.Connected()), twilio.encode(start)

    def read(self, text: str | bytes) -> Sequence[Action]:
        """Return what Twilio does at a message."""
        message = twilio.from_bridge(text)
        if message.stream_sid != STREAM_SID:
            return (Violation(OTHER_STREAM),)
        match message:
            case twilio.AgentMedia():
                codec = twilio.CODEC
                return (Play(codec.decode(message.payload), codec.rate_hz),)
            case twilio.Mark():
                name = message.name
                return (Told("mark", {"name": name}), Checkpoint(name))
            case twilio.Clear():
                return (Told("clear"), Clear())

    def caller_audio(self, samples: Samples, at_ms: int) -> Sequence[str]:
        """Return messages of 20 ms each."""
        size = twilio.MEDIA_MS * twilio.CODEC.rate_hz // MS_PER_S
        pieces = [samples[at : at + size] for at in range(0, len(samples), size)]
        return [
            self._media(piece, at_ms + index * twilio.MEDIA_MS)
            for index, piece in enumerate(pieces)
        ]

    def _media(self, samples: Samples, at_ms: int) -> str:
        self._chunk += 1
        payload = twilio.CODEC.encode(samples)
        message = twilio.CallerMedia.of(
            STREAM_SID,
            payload,
            number=int(self._next()),
            chunk=self._chunk,
            at_ms=at_ms,
        )
        return twilio.encode(message)

    def _next(self) -> str:
        self._number += 1
        return str(self._number)

    def reached(self, name: str) -> str:
        """Return a mark."""
        mark = twilio.MarkName(name)
        message = twilio.MarkReached(
            stream_sid=STREAM_SID, sequence_number=self._next(), mark=mark
        )
        return twilio.encode(message)

    def cleared(self, names: Sequence[str]) -> Sequence[str]:
        """Return all marks that wait."""
        return [self.reached(name) for name in names]

    def farewell(self) -> Sequence[str]:
        """Return `stop`."""
        message = twilio.Stop(
            stream_sid=STREAM_SID,
            sequence_number=self._next(),
            stop=twilio.StopFacts(CALL_SID, ACCOUNT_SID),
        )
        return (twilio.encode(message),)
