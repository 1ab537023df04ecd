"""The audio of a turn up to a pause, as it came over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import FRONT_END_ID, VadFrontEnd

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class TurnAudio:
    """The newest of a turn, in the windows that its frames of 32 ms are made from.

    Whoever knows what follows from it by its digest needs no samples.

    Attributes:
        windows: as `VadFrontEnd.windows` returns them, oldest first; not to be
            changed any more.
        rate_hz: the rate of their samples.
    """

    windows: tuple[Samples, ...]
    rate_hz: int

    def digest(self) -> str:
        """Return a hash of all that `samples` depends on, hexadecimal."""
        origin = f"{FRONT_END_ID}/{self.rate_hz}/{len(self.windows)}"
        hashed = blake2b(origin.encode(), digest_size=_DIGEST_BYTES)
        for window in self.windows:
            hashed.update(window.data)
        return hashed.hexdigest()

    def samples(self) -> Samples:
        """Return the audio, int16 [n] at 16 kHz."""
        # its own: this may run in another thread than the session
        front_end = VadFrontEnd(self.rate_hz)
        return joined(front_end.frame(window) for window in self.windows)


def joined(frames: Iterable[Samples]) -> Samples:
    """Return frames as one recording, int16 [n]."""
    return np.concatenate([np.empty(0, np.int16), *frames])
