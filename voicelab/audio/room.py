"""How a room answers a sound that is played in it, up to the microphone.

The direct sound comes first, at once; what walls and furniture return follows as noise
that dies away exponentially, the model of Polack (1988) that measured rooms follow
after their first reflections. How fast it dies away is the reverberation time: until it
has fallen by 60 dB (RT60, ISO 3382-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from voicelab.audio.fir import Exact
from voicelab.audio.seeding import generator

RoomName = Literal["none", "small", "large"]


@dataclass(frozen=True, slots=True)
class Room:
    """A room.

    Attributes:
        rt60_s: its reverberation time; 0 for no room at all.
        direct_db: the power of the direct sound over that of all the rest.
        predelay_s: when the first reflection comes, after the direct sound.
    """

    rt60_s: float
    direct_db: float
    predelay_s: float


ROOMS: dict[RoomName, Room] = {
    "none": Room(0.0, 0.0, 0.0),
    "small": Room(0.25, 6.0, 0.002),
    "large": Room(0.6, 0.0, 0.005),
}
"""`none`: the direct sound alone, as through a wire; `small`: a furnished office or a
car, about 0.25 s; `large`: a meeting room or a hall of hard walls, about 0.6 s. The
times are usual ones for such rooms (ISO 3382-2 measures them); how much of the direct
sound is left is modelled: a loudspeaker near the microphone, and one across the
table."""


def room_response(name: RoomName, rate_hz: int, seed: str) -> Exact:
    """Return a room's impulse response, [n], as long as its reverberation time.

    Its energy is 1: white noise comes out as loud as it goes in.

    Args:
        name: which room.
        rate_hz: the rate of the audio.
        seed: of the reflections; any string.
    """
    room = ROOMS[name]
    count = max(round(room.rt60_s * rate_hz), 1)
    response = np.zeros(count)
    start = round(room.predelay_s * rate_hz)
    if count > 1:
        t_s = np.arange(count - start) / rate_hz
        tail = generator(f"{seed}/room/{name}").standard_normal(len(t_s))
        tail *= 10 ** (-3 * t_s / room.rt60_s)
        power = 10 ** (-room.direct_db / 10)
        response[start:] = tail * (np.sqrt(power) / np.linalg.norm(tail))
    response[0] = 1.0
    return np.asarray(response / np.linalg.norm(response), np.float64)
