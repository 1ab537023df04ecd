"""Speech made faster or slower, its pitch kept.

Waveform similarity overlap-add (WSOLA; W. Verhelst, M. Roelands: *An overlap-add
technique based on waveform similarity for high quality time-scale modification of
speech*, ICASSP 1993). The output is built in steps of 15 ms. Each is taken from where
it belongs in the recording, give or take 8 ms: from there where the waveform is most
like what would have followed the step before, into which it is faded. Periods of the
voice are repeated or left out whole, so the pitch stays.

Every sum is one of whole numbers below 2**53, which floating point adds without
rounding in any order: equal input gives equal bytes on every machine.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from voicelab.audio.pcm import Samples

STEP_MS = 15
"""What is taken in one piece; it holds a whole period of any voice above 67 Hz."""

SEARCH_MS = 8
"""How far to each side a piece may come from; together a period down to 63 Hz. What
sounds at an instant u is the recording's at u * speed, give or take this and, where
pieces are faded, half a step."""

_WEIGHT_BITS = 15
_COARSE_HZ = 6000
KEPT_BYTES = 32 << 20
"""Room for 11 minutes at 24 kHz in a process that says the same again and again."""


def stretched_length(samples: int, speed: float) -> int:
    """Return how long `samples` become at a speed: `samples / speed`, rounded up."""
    return math.ceil(samples / speed)


def stretch(samples: Samples, rate_hz: int, speed: float) -> Samples:
    """Return int16 [n] at `speed` times its speed: int16 [`stretched_length`].

    Speed 1 gives `samples` itself. An instant t of the recording is found at t / speed,
    as well as `SEARCH_MS` says.
    """
    if speed == 1 or not len(samples):
        return samples
    step = max(rate_hz * STEP_MS // 1000, 1)
    found = _pieces(samples, rate_hz, step, speed)
    return _joined(found, step)[: stretched_length(len(samples), speed)]


def _pieces(
    samples: Samples, rate_hz: int, step: int, speed: float
) -> NDArray[np.int16]:
    """Return the pieces to be joined, each two steps long: int16 [pieces, 2 * step]."""
    search = rate_hz * SEARCH_MS // 1000
    count = -(-stretched_length(len(samples), speed) // step)
    room = 2 * step + search
    padded = np.concatenate(
        [samples, np.zeros(room + round(step * speed) + search, dtype=np.int16)]
    )
    wave = padded.astype(np.float64)
    energy = np.concatenate([[0.0], np.cumsum(wave * wave)])
    energy = np.maximum(energy[step:] - energy[:-step], 1.0)  # of a step from each
    coarse = max(rate_hz // _COARSE_HZ, 1)
    windows = np.lib.stride_tricks.sliding_window_view(wave, step)
    starts = [0]
    for number in range(1, count):
        middle = (number + 0.5) * step * speed - 0.5 * step
        centre = min(max(round(middle), 0), max(len(samples) - step, 0))
        after = starts[-1] + step
        first, last = max(centre - search, 0), centre + search + 1
        if first <= after < last:
            starts.append(after)  # what follows anyway fits best
            continue
        wanted = wave[after : after + step]
        rough = _best(windows, energy, wanted, range(first, last, coarse))
        near = range(max(rough - coarse + 1, first), min(rough + coarse, last))
        starts.append(_best(windows, energy, wanted, near))
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * step)[starts]


def _best(
    windows: NDArray[np.float64],
    energy: NDArray[np.float64],
    wanted: NDArray[np.float64],
    places: range,
) -> int:
    """Return the place from which the waveform is most like the wanted one."""
    part = slice(places.start, places.stop, places.step)
    likeness = (windows[part] @ wanted) / np.sqrt(energy[part])
    if not likeness.any():
        return places[len(places) // 2]
    return places[int(likeness.argmax())]


def _joined(pieces: NDArray[np.int16], step: int) -> Samples:
    """Fade the second half of each piece into the first half of the next."""
    at = (2 * np.arange(step) + 1) / (2 * step)
    rising = np.rint((3 - 2 * at) * at * at * (1 << _WEIGHT_BITS)).astype(np.int64)
    falling = (1 << _WEIGHT_BITS) - rising
    heads, tails = pieces[1:, :step], pieces[:-1, step:]
    mixed = heads * rising + tails * falling + (1 << (_WEIGHT_BITS - 1))
    faded = (mixed >> _WEIGHT_BITS).astype(np.int16)
    return np.concatenate([pieces[0, :step], faded.ravel()])


class StretchCache:
    """Stretches audio once and keeps what was asked for last, found by its content.

    Args:
        kept_bytes: how much is kept.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._room = kept_bytes
        self._kept: OrderedDict[tuple[bytes, int, float], Samples] = OrderedDict()
        self._one_at_a_time = threading.Lock()  # runs of a notebook have own threads

    def __call__(self, samples: Samples, rate_hz: int, speed: float) -> Samples:
        """Return what `stretch` returns; not to be written to."""
        if speed == 1:
            return samples
        content = np.ascontiguousarray(samples).data
        key = hashlib.blake2b(content, digest_size=16).digest(), rate_hz, speed
        with self._one_at_a_time:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            fresh = self._kept[key] = stretch(samples, rate_hz, speed)
            self._room -= fresh.nbytes
            while self._room < 0:
                _, oldest = self._kept.popitem(last=False)
                self._room += oldest.nbytes
            return fresh
