"""What the caller's microphone picks up: the caller, noise, and the agent's echo."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from voicelab.audio.levels import dbfs, mean_power, saturated
from voicelab.audio.pcm import Samples
from voicelab.audio.stage import Chain
from voicelab.lab.echo import EchoPath
from voicelab.lab.mouth import Mouth
from voicelab.lab.noise import NoiseLoop
from voicelab.units import MS_PER_S

SILENCE_DBFS = -90.0
"""Below this, half a step of 16-bit audio, a level counts as none."""

_LEVEL_DECIMALS = 1


class Microphone:
    """Picks up frames and sends them on their way to the wire.

    Args:
        mouth: the caller.
        stages: what lies between the microphone and the wire.
        noise: what sounds around the caller; None for nothing.
        echo: what comes back of the agent; None for nothing.
        levels: told the levels of what was picked up; None if nobody asks.
    """

    def __init__(
        self,
        mouth: Mouth,
        stages: Chain,
        *,
        noise: NoiseLoop | None = None,
        echo: EchoPath | None = None,
        levels: Levels | None = None,
    ) -> None:
        self._mouth = mouth
        self._stages = stages
        self._noise = noise
        self._echo = echo
        self._levels = levels

    def frame(self, start: int, count: int) -> Samples:
        """Return the samples [start, start + count) for the wire, int16.

        Frames follow one another. Sums beyond full scale stay at full scale.
        """
        spoken = self._mouth.frame(start, count)
        if self._noise is None and self._echo is None:
            return self._stages.process(spoken)
        nothing = np.zeros(count)
        noise = nothing if self._noise is None else self._noise.take(start, count)
        echo = nothing
        if self._echo is not None:
            echo = self._echo.take(start + count)
        picked_up, clipped = saturated(spoken + noise + echo)
        if self._levels is not None:
            self._levels.add(spoken, noise, echo, clipped)
        return self._stages.process(picked_up)

    def close(self) -> None:
        """No frame follows."""
        if self._levels is not None:
            self._levels.tell()


class Levels:
    """How loud each part of what is picked up was, a second at a time.

    Args:
        frame_ms: the length of a frame.
        tell: takes the data of a `microphone.levels` event.
    """

    def __init__(self, frame_ms: int, tell: Callable[[dict[str, Any]], None]) -> None:
        self._frame_ms = frame_ms
        self._tell = tell
        self._frames = 0
        self._held: list[tuple[float | None, ...]] = []
        self._clipped = 0

    def add(
        self,
        speech: Samples,
        noise: npt.NDArray[np.float64],
        echo: npt.NDArray[np.float64],
        clipped: int,
    ) -> None:
        """Add a frame: its parts, and how many samples of their sum were clipped."""
        self._held.append((_level(speech), _level(noise), _level(echo)))
        self._clipped += clipped
        self._frames += 1
        if len(self._held) == MS_PER_S // self._frame_ms:
            self.tell()

    def tell(self) -> None:
        """Tell what has not been told."""
        if not self._held:
            return
        speech, noise, echo = (list(part) for part in zip(*self._held, strict=True))
        data = {
            "first_frame": self._frames - len(self._held),
            "frame_ms": self._frame_ms,
            "speech_dbfs": speech,
            "noise_dbfs": noise,
            "echo_dbfs": echo,
            "saturated_samples": self._clipped,
        }
        self._held.clear()
        self._clipped = 0
        self._tell(data)


def _level(part: npt.NDArray[np.number]) -> float | None:
    level = dbfs(mean_power(part))
    if math.isinf(level) or level < SILENCE_DBFS:
        return None
    return round(level, _LEVEL_DECIMALS)
