"""What a fitted profile rests on: measured beside fitted, and what to beware of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

import msgspec

from voicelab.calibration.endpointing import SAME_FRAME_MS, Endpointing
from voicelab.calibration.responses import Observed
from voicelab.responders.profile import (
    Distribution,
    Goodness,
    LatencyProfile,
    Lognormal,
)

FEW = 30
"""Below this a spread is uncertain by more than an eighth: the standard error of a
lognormal's sigma is sigma / sqrt(2 n)."""

_LILLIEFORS = 0.886
"""Of a normal with fitted moments, KS times sqrt(n) exceeds this in 5 % of samples
(Lilliefors 1967, JASA 62:399, for n > 30)."""

_TWO_SIDED_95 = 1.96


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity of a profile: what was measured, and what was fitted.

    Attributes:
        quantity: its name in the profile, which tells the unit.
        n: how many values were measured.
        cut_short: how many more were broken off.
        distribution: the kind that was fitted.
        sigma: its spread; 0 of a constant.
        ks_distance: by how much measured and fitted shares differ at most.
        p10_measured: a percentile of what was measured; None if not known.
        p10_fitted: the same of what was fitted; and so on.
    """

    quantity: str
    n: int
    cut_short: int
    distribution: str
    sigma: float
    ks_distance: float
    p10_measured: float | None
    p10_fitted: float
    p50_measured: float | None
    p50_fitted: float
    p90_measured: float | None
    p90_fitted: float
    p95_measured: float | None
    p95_fitted: float


def quantities(profile: LatencyProfile) -> list[Quantity]:
    """Return a row for each quantity that was fitted."""
    return [
        _quantity(name, distribution, quality)
        for name, distribution, quality in _fits(profile)
    ]


def notes(profile: LatencyProfile, observed: Observed, ends: Endpointing) -> list[str]:
    """Return what a reader must know before using a profile."""
    return [
        *_about_fits(profile),
        *_about_responses(observed),
        *_about_endpointing(profile, ends),
    ]


def _fits(profile: LatencyProfile) -> Iterator[tuple[str, Distribution, Goodness]]:
    fitted = profile.fitted
    if fitted is None:
        return
    for name in ("time_to_first_audio_ms", "speed", "detection_delay_ms"):
        quality: Goodness | None = getattr(fitted, name)
        if quality is not None:
            yield name, getattr(profile, name), quality


def _quantity(name: str, fitted: Distribution, quality: Goodness) -> Quantity:
    return Quantity(
        quantity=name,
        n=quality.n,
        cut_short=quality.cut_short,
        distribution="lognormal" if isinstance(fitted, Lognormal) else "constant",
        sigma=fitted.sigma if isinstance(fitted, Lognormal) else 0.0,
        ks_distance=quality.ks_distance,
        p10_measured=quality.p10,
        p10_fitted=fitted.at(0.10),
        p50_measured=quality.p50,
        p50_fitted=fitted.at(0.50),
        p90_measured=quality.p90,
        p90_fitted=fitted.at(0.90),
        p95_measured=quality.p95,
        p95_fitted=fitted.at(0.95),
    )


def _about_fits(profile: LatencyProfile) -> Iterator[str]:
    for name, fitted, quality in _fits(profile):
        n = quality.n
        if n < FEW:
            yield (
                f"{name} rests on {n} values only{_uncertainty(fitted, n)}; "
                f"give {FEW} or more"
            )
        elif _is_misfit(fitted, quality):
            yield (
                f"{name} is no lognormal (Kolmogorov-Smirnov distance "
                f"{quality.ks_distance:.3f} at n = {n}): trust the measured "
                "percentiles more than the fitted ones"
            )


def _is_misfit(fitted: Distribution, quality: Goodness) -> bool:
    limit = _LILLIEFORS / math.sqrt(quality.n)
    return isinstance(fitted, Lognormal) and quality.ks_distance > limit


def _uncertainty(fitted: Distribution, n: int) -> str:
    if not isinstance(fitted, Lognormal):
        return ""
    factor = math.exp(_TWO_SIDED_95 * fitted.sigma / math.sqrt(n))
    return (
        f": the median lies between {fitted.median / factor:.4g} and "
        f"{fitted.median * factor:.4g} with 95 % confidence"
    )


def _about_responses(observed: Observed) -> Iterator[str]:
    for outcome, what in (
        ("cut_short", "ended before any audio, and count as waits longer than that"),
        ("without_audio", "had no audio (text, function calls or nothing)"),
        ("failed", "failed without audio"),
    ):
        count = observed.outcomes[outcome]
        if count:
            yield f"{count} of {observed.responses} responses {what}"
    if not observed.speeds:
        yield "no reply was long enough to tell the speed, which is taken as instant"


def _about_endpointing(profile: LatencyProfile, ends: Endpointing) -> Iterator[str]:
    turns = len(ends.surplus_ms) + ends.unmatched
    if not ends.surplus_ms:
        yield "no end of a turn could be held against our own detector"
        return
    middle_ms = median(ends.surplus_ms)
    if profile.detection_delay_ms is not None:
        yield f"detection_delay_ms holds the network's share{_round_trip(profile)}"
    elif middle_ms < -SAME_FRAME_MS:
        yield (
            f"the server ends turns {-middle_ms:.0f} ms sooner than our detector "
            f"(median of {len(ends.surplus_ms)}), which no delay can make up: "
            "fitted as none"
        )
    if ends.unmatched:
        yield (
            f"{ends.unmatched} of {turns} turns were cut in two or merged by the "
            "server or by our detector, and tell nothing of the detection delay"
        )


def _round_trip(profile: LatencyProfile) -> str:
    known = profile.fitted.round_trip_ms if profile.fitted else None
    if known is None:
        return ", which was not measured: run it without delays of the channel"
    return f" ({known:.0f} ms, measured by ping): run it without delays of the channel"
