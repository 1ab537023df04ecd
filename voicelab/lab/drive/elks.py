"""46elks, as a provider."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from voicelab.audio.pcm import Samples
from voicelab.lab.drive.browser import ODD
from voicelab.lab.drive.provider import (
    Action,
    Checkpoint,
    Clear,
    HangUp,
    Play,
    Told,
    Violation,
)
from voicelab.legs import elks
from voicelab.legs.codec import LegCodec

CALL_ID = "c0000000000000000000000000000001"
CALLER, CALLED = "+46700000001", "+46700000002"
"""Numbers that stand for the two parties; nobody is called."""

BEFORE_SENDING = "sent audio without `sending` before it; it was ignored"
DEFAULT_HZ = 24_000


class ElksProvider:
    """Buffers what it is sent after `sending`; answers `sync` when it was played.

    What becomes of a `sync` that waits when `interrupt` empties the buffer is not
    documented. Here it is answered at once, since nothing lies before it any more.
    """

    kind = "elks"

    def __init__(self) -> None:
        self.agent_hz = DEFAULT_HZ
        self.caller_hz: int | None = None
        self._sending: LegCodec | None = None
        self._listening: LegCodec | None = None
        self._syncs: deque[str | int | UnsetType] = deque()  # to be answered in order

    @property
    def ready(self) -> bool:
        """Whether the bridge wants to hear the caller."""
        return self._listening is not None

    @property
    def awaits(self) -> str:
        """What makes the caller heard."""
        return "listening"

    def greeting(self) -> Sequence[str]:
        """Return `hello`."""
        return (elks.encode(elks.Hello(CALL_ID, CALLER, CALLED)),)

    def read(self, text: str | bytes) -> Sequence[Action]:
        """Return what 46elks does at a message."""
        match elks.from_bridge(text):
            case elks.Audio(data):
                return self._play(data)
            case elks.Sending(name):
                self._sending = elks.codec_named(name)
                self.agent_hz = self._sending.rate_hz
                return (Told("sending", {"format": name}),)
            case elks.Listening(name):
                self._listening = elks.codec_named(name)
                self.caller_hz = self._listening.rate_hz
                return (Told("listening", {"format": name}),)
            case elks.Sync(sync_id):
                self._syncs.append(sync_id)
                return (Told("sync"), Checkpoint("sync"))
            case elks.Interrupt():
                self._sending = None
                return (Told("interrupt"), Clear())
            case elks.Bye(reason):
                return (HangUp("" if reason is UNSET else str(reason)),)

    def _play(self, data: bytes) -> Sequence[Action]:
        codec = self._sending
        if codec is None:
            return (Violation(BEFORE_SENDING),)
        try:
            return (Play(codec.decode(data), codec.rate_hz),)
        except ValueError:
            return (Violation(ODD),)

    def caller_audio(self, samples: Samples, at_ms: int) -> Sequence[str]:
        """Return one message with all samples; none if nobody listens."""
        del at_ms
        if self._listening is None:
            return ()
        return (elks.encode(elks.Audio(self._listening.encode(samples))),)

    def reached(self, name: str) -> str:
        """Return the answer to the oldest `sync`."""
        del name
        return elks.encode(elks.Sync(self._syncs.popleft()))

    def cleared(self, names: Sequence[str]) -> Sequence[str]:
        """Return the answers to all that wait."""
        return [self.reached(name) for name in names]

    def farewell(self) -> Sequence[str]:
        """Return `bye`: the caller hung up."""
        return (elks.encode(elks.Bye("hangup")),)
