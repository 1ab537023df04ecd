"""Recorded speech at the rates of the wire, shared by all sessions of a server."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from voicelab.audio.pcm import Samples
from voicelab.responders.script import Speech

KEPT_BYTES = 32 << 20
"""Room for 11 minutes at 24 kHz: more than the bundled agents say in all."""


class SharedSpeech:
    """Resamples and stretches speech once and keeps what was asked for last.

    Every session that says a reply holds the same array, so that many sessions take
    no more memory than one. Call it like `Speech.at`.

    Args:
        kept_bytes: how much is kept; what is being said lives on by itself.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._room = kept_bytes
        self._kept: OrderedDict[tuple[int, int, float], tuple[Speech, Samples]] = (
            OrderedDict()
        )

    def prepare(
        self, speeches: Iterable[Speech], rate_hz: int, speed: float = 1.0
    ) -> None:
        """Resample speeches ahead, as many as there is room for.

        Resampling half a minute takes some 20 ms, in which a server on one thread
        would serve nobody.
        """
        for speech in speeches:
            samples = round(len(speech.samples) * rate_hz / speech.rate_hz / speed)
            if 2 * samples > self._room:
                return
            self(speech, rate_hz, speed)

    def __call__(self, speech: Speech, rate_hz: int, speed: float = 1.0) -> Samples:
        """Return the speech at a rate, so many times as fast as recorded."""
        key = id(speech), rate_hz, speed  # kept beside it, so that no other has its id
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        samples = speech.at(rate_hz, speed)
        self._kept[key] = speech, samples
        self._room -= samples.nbytes
        while self._room < 0:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._room += oldest.nbytes
        return samples
