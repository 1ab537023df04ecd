"""Latency profiles: how fast an agent answers, when no real one is asked.

A profile is a YAML file of its own. It names where its numbers come from and
says whether they are modelled:

```yaml
voicelab_profile: 1
name: measured-median
source: publication, date, number of calls
modelled: true
time_to_first_audio_ms: {distribution: lognormal, median: 700, sigma: 0.35}
speed: {distribution: constant, value: 6.0}   # multiple of real time
chunk_ms: [50, 100, 200]                      # the last one repeats
detection_delay_ms: {distribution: constant, value: 40}   # optional
end_of_turn_delay_ms: {distribution: constant, value: 60}  # optional; semantic_vad
announced_ms: 200                             # optional
```

A profile that was fitted to recorded runs says so under `fitted`: how many, when, and
how well the fit holds.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, Literal, TypeAlias

import numpy as np
from msgspec import Meta, Struct

from voicelab.document import (
    Document,
    find_document,
    fit,
    names_in,
    read_document,
)
from voicelab.errors import ProfileError
from voicelab.paths import data_dir
from voicelab.units import ms_to_ns, ms_to_samples

END_OF_TURN_DELAY_MS = 60.0
"""What judging a pause takes where a profile does not say: modelled. Smart Turn takes
30 to 50 ms on one core of a small machine, 65 ms at most; the rest is handing over."""

_STANDARD_NORMAL = NormalDist()
_RANDOM_BITS = 64
_MANTISSA_BITS = 53


class Lognormal(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="distribution",
    tag="lognormal",
):
    """A quantity whose logarithm is normal: waits and speeds are skewed like this.

    Attributes:
        median: half of the draws lie below, in the unit of the quantity.
        sigma: the standard deviation of the natural logarithm.
    """

    median: Annotated[float, Meta(gt=0)]
    sigma: Annotated[float, Meta(ge=0, le=3)]

    def at(self, quantile: float) -> float:
        """Return the value below which the share `quantile` of the draws lies."""
        return self.median * math.exp(self.sigma * _STANDARD_NORMAL.inv_cdf(quantile))


class Constant(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="distribution",
    tag="constant",
):
    """A quantity that is always the same.

    Attributes:
        value: what it is, in the unit of the quantity.
    """

    value: Annotated[float, Meta(ge=0)]

    def at(self, _quantile: float) -> float:
        """Return the value."""
        return self.value


Distribution: TypeAlias = Lognormal | Constant

Share = Annotated[float, Meta(ge=0, le=1)]


class Goodness(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """How well a distribution holds what it was fitted to.

    Attributes:
        n: how many values there were.
        cut_short: how many more were broken off, and known only to be greater.
        ks_distance: the Kolmogorov-Smirnov distance: the greatest difference
            between the shares of values below any point, measured and fitted.
        p10: the 10th percentile of what was measured; None if it is not known.
        p50: the median.
        p90: the 90th percentile.
        p95: the 95th percentile.
    """

    n: Annotated[int, Meta(ge=1)]
    ks_distance: Share
    cut_short: Annotated[int, Meta(ge=0)] = 0
    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None


class Fitted(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """What a profile was fitted to.

    Attributes:
        runs: how many runs.
        responses: how many responses were in them, audible or not.
        time_to_first_audio_ms: how well that distribution holds.
        speed: the same of the speed; None if no reply was long enough to tell.
        detection_delay_ms: the same of the detection delay; None if not fitted.
        chunk_rate: the share of chunks within 1 ms of what `chunk_ms` says.
        date: when the newest run began, UTC; None if the runs do not tell.
        round_trip_ms: the network's round trip when the runs began, median; its
            share is in the detection delay. None if it was not measured.
    """

    runs: Annotated[int, Meta(ge=1)]
    responses: Annotated[int, Meta(ge=1)]
    time_to_first_audio_ms: Goodness
    speed: Goodness | None = None
    detection_delay_ms: Goodness | None = None
    chunk_rate: Share | None = None
    date: str | None = None
    round_trip_ms: Annotated[float, Meta(ge=0)] | None = None


@dataclass(frozen=True, slots=True)
class ReplyTiming:
    """How fast one reply comes.

    Attributes:
        first_audio_ns: from the start of the response to its first audio.
        speed: how much audio is generated in a second, in seconds.
        announced_ns: from the start of the response to the announcement of a spoken
            item.
    """

    first_audio_ns: int
    speed: float
    announced_ns: int


class LatencyProfile(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """How fast an agent answers, as a profile file says it.

    Attributes:
        voicelab_profile: the version of the file's format.
        name: what the profile is called.
        source: where its numbers come from.
        modelled: whether they are modelled rather than measured on the system
            they are used for.
        time_to_first_audio_ms: from the start of a response to its first audio.
        speed: generation speed as a multiple of real time.
        chunk_ms: the lengths of the audio chunks of a reply; the last repeats.
        description: what the profile stands for.
        detection_delay_ms: from the arrival of the audio that decides that the
            caller began or ended a turn to the events that say so; None is none.
        announced_ms: how long before its first audio a spoken item is announced, at
            most since its response began; None is with its audio.
        end_of_turn_delay_ms: under `semantic_vad`, from the pause to what its model
            thinks of it; None is `END_OF_TURN_DELAY_MS`.
        fitted: what it was fitted to, if it was.
    """

    voicelab_profile: Literal[1]
    name: Annotated[str, Meta(min_length=1)]
    source: Annotated[str, Meta(min_length=1)]
    modelled: bool
    time_to_first_audio_ms: Distribution
    speed: Distribution
    chunk_ms: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=10_000)], ...], Meta(min_length=1)
    ]
    description: str = ""
    detection_delay_ms: Distribution | None = None
    announced_ms: Annotated[float, Meta(ge=0)] | None = None
    end_of_turn_delay_ms: Distribution | None = None
    fitted: Fitted | None = None

    def sampler(self, seed: int) -> LatencySampler:
        """Return what draws the timings of one conversation's replies.

        Equal seeds give equal draws on every machine. Profiles drawn with one
        seed stay at the same quantiles, so that comparing two compares only them.
        """
        return LatencySampler(self, seed)


class LatencySampler:
    """Draws reply after reply from a profile."""

    def __init__(self, profile: LatencyProfile, seed: int) -> None:
        self._profile = profile
        self._first_audio = uniforms(seed, "time_to_first_audio")
        self._speed = uniforms(seed, "speed")
        self._detection = uniforms(seed, "detection_delay")
        self._end_of_turn = uniforms(seed, "end_of_turn_delay")

    def draw(self) -> ReplyTiming:
        """Return the timing of the next reply."""
        wait_ms = self._profile.time_to_first_audio_ms.at(next(self._first_audio))
        first_audio_ns = ms_to_ns(wait_ms)
        ahead_ns = ms_to_ns(self._profile.announced_ms or 0)
        return ReplyTiming(
            first_audio_ns=first_audio_ns,
            speed=self._profile.speed.at(next(self._speed)),
            announced_ns=max(first_audio_ns - ahead_ns, 0),
        )

    def detection_delay_ns(self) -> int:
        """Return how long after its audio the next turn change takes effect."""
        delay_ms = self._profile.detection_delay_ms
        if delay_ms is None:
            return 0
        return ms_to_ns(delay_ms.at(next(self._detection)))

    def end_of_turn_delay_ns(self) -> int:
        """Return how long the next judgement of a pause takes."""
        delay_ms = self._profile.end_of_turn_delay_ms
        if delay_ms is None:
            return ms_to_ns(END_OF_TURN_DELAY_MS)
        return ms_to_ns(delay_ms.at(next(self._end_of_turn)))

    def chunk_samples(self, rate_hz: int) -> Iterator[int]:
        """Return the chunk lengths of one reply in samples, without end."""
        return chunk_lengths(self._profile.chunk_ms, rate_hz)


def chunk_lengths(chunk_ms: Sequence[int], rate_hz: int) -> Iterator[int]:
    """Yield lengths in samples, without end: those given, then the last again."""
    for length_ms in chunk_ms:
        yield ms_to_samples(length_ms, rate_hz)
    while True:
        yield ms_to_samples(chunk_ms[-1], rate_hz)


def profile_names() -> list[str]:
    """Return the names of the profiles that come with voicelab, sorted.

    Raises:
        InputError: the bundled data is missing.
    """
    return names_in(data_dir() / "profiles")


def find_profile(name_or_path: str, *, base: Path | None = None) -> Path:
    """Return the file of a profile.

    Args:
        name_or_path: a bundled name, or a path (it has a folder or a suffix).
        base: the folder that a relative path is relative to.

    Raises:
        ProfileError: there is none of that name, or no such file.
        InputError: the bundled data is missing.
    """
    return find_document(
        name_or_path,
        data_dir() / "profiles",
        base=base,
        none="there is no latency profile",
        error=ProfileError,
    )


def load_profile(name_or_path: str, *, base: Path | None = None) -> LatencyProfile:
    """Read a latency profile by name or path; see `find_profile`.

    Raises:
        ProfileError: it is not there, cannot be read, or is no profile; the
            error names file, line and key.
        InputError: the bundled data is missing.
    """
    document = read_document(find_profile(name_or_path, base=base), ProfileError)
    profile = fit(document, LatencyProfile)
    _check_speed(document, profile)
    return profile


def _check_speed(document: Document, profile: LatencyProfile) -> None:
    if isinstance(profile.speed, Constant) and profile.speed.value == 0:
        raise document.fault(
            ("speed", "value"), "at speed 0 no reply ends", "give a number above 0"
        )


def uniforms(seed: int, stream: str) -> Iterator[float]:
    """Return numbers between 0 and 1, both excluded, without end.

    The raw bits of PCG64 are stable over versions of NumPy, its distributions are
    not (NEP 19); so the bits are turned into a quantile here. A named stream does
    not shift when another one draws more.
    """
    name = hashlib.blake2b(stream.encode(), digest_size=8).digest()
    bits = np.random.PCG64(np.random.SeedSequence([seed, int.from_bytes(name, "big")]))
    while True:
        raw = int(bits.random_raw()) >> (_RANDOM_BITS - _MANTISSA_BITS)
        yield (raw + 0.5) / 2**_MANTISSA_BITS
