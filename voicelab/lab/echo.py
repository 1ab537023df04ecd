"""The agent as the caller's microphone hears it: late, softer, and in a room."""

from __future__ import annotations

import numpy as np

from voicelab.audio.delay_line import DelayLine
from voicelab.audio.fir import Exact, Fir
from voicelab.audio.room import room_response
from voicelab.audio.stream_rate import StreamRate
from voicelab.record.ear import Ear
from voicelab.scenario.model import Echo
from voicelab.units import ms_to_samples, ns_to_samples


class EchoPath:
    """Brings what is heard back to the microphone, sample by sample.

    A sample is picked up `delay_ms` after it was heard, and one sample after it at the
    earliest: what is heard while a frame's last sample is taken belongs to the next
    frame. Where microphone and agent have different rates, the change of rate takes
    1.6 ms, so the delay is at least that.

    Args:
        settings: how late and how loud, and in what room.
        ear: what is heard of the agent.
        ear_rate_hz: its rate.
        rate_hz: the microphone's rate.
        seed: of the room; any string.
    """

    def __init__(
        self, settings: Echo, ear: Ear, *, ear_rate_hz: int, rate_hz: int, seed: str
    ) -> None:
        self._ear = ear
        self._ear_rate_hz, self._rate_hz = ear_rate_hz, rate_hz
        # a sample of the lower rate, counted at the ear's
        self._lag = max(ear_rate_hz // rate_hz, 1)
        self._rate = StreamRate(ear_rate_hz, rate_hz)
        least = self._lag * rate_hz // ear_rate_hz
        least += ns_to_samples(self._rate.delay_ns, rate_hz)
        delay = ms_to_samples(settings.delay_ms, rate_hz)
        self._delay = DelayLine(max(delay - least, 0))
        self._room = Fir(room_response(settings.room, rate_hz, seed))
        self._gain = 10 ** (settings.gain_db / 20)
        self._heard = 0  # of the ear's samples

    def take(self, end: int) -> Exact:
        """Return what is picked up since the last call and before sample `end`.

        It is on the 16-bit scale. All that was heard before that must have been told
        to the ear; frames end on a whole sample of either rate.
        """
        until = end * self._ear_rate_hz // self._rate_hz
        heard = self._ear.take(until - self._lag)
        missing = until - self._heard - len(heard)  # of the first: the lag
        self._heard = until
        padded = np.concatenate([np.zeros(missing, np.int16), heard])
        late = self._delay.process(self._rate.process(padded))
        return self._room.process(late) * self._gain
