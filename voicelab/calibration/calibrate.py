"""Fits a latency profile to recorded runs."""

from __future__ import annotations

import html
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from voicelab.calibration.chunks import chunk_rate, fit_chunks
from voicelab.calibration.endpointing import (
    SAME_FRAME_MS,
    Endpointing,
    endpointing,
)
from voicelab.calibration.report import FEW, Quantity, notes, quantities
from voicelab.calibration.responses import MAX_SPEED, Observed, observe
from voicelab.calibration.sample import Sample, fit_distribution, goodness
from voicelab.errors import InputError
from voicelab.responders.profile import (
    Constant,
    Distribution,
    Fitted,
    LatencyProfile,
)
from voicelab.result import Run

if TYPE_CHECKING:
    import pandas as pd

MIN_WAITS = 5
"""Of fewer audible responses nothing is fitted."""

TINY_MS = 1.0
"""Waits that differ by less than this are the same."""


@dataclass(frozen=True)
class Calibration:
    """A profile that was fitted to runs, and what it rests on.

    Attributes:
        profile: the profile.
        observed: what was seen of the responses.
        endpointing: what was seen of the ends of turns.
    """

    profile: LatencyProfile
    observed: Observed
    endpointing: Endpointing

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Measured beside fitted, a row for each quantity."""
        return quantities(self.profile)

    @cached_property
    def notes(self) -> list[str]:
        """What to know before using the profile, one sentence each."""
        return notes(self.profile, self.observed, self.endpointing)

    @property
    def table(self) -> pd.DataFrame:
        """Measured beside fitted; columns as `Quantity`."""
        from voicelab.record.tables import table  # noqa: PLC0415 - pandas takes 0.3 s

        return table(self.quantities, Quantity)

    def __repr__(self) -> str:
        waits = self.quantities[0]
        return (
            f"<Calibration {self.profile.name} n={waits.n} "
            f"wait={waits.p50_fitted:.0f} ms KS={waits.ks_distance:.3f}>"
        )

    def _repr_html_(self) -> str:
        rows = self.table.round(3).to_html(index=False, na_rep="", border=0)
        told = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<h4>{html.escape(self.profile.name)}</h4>{rows}<ul>{told}</ul>"


def calibrate(runs: Iterable[Run], *, name: str = "fitted") -> Calibration:
    """Fit a latency profile to runs against one server.

    Only what a client can see is used, also where the server's lane was recorded.

    Args:
        runs: the runs; the more responses, the better.
        name: what to call the profile.

    Raises:
        InputError: too few responses were audible.
        RunFormatError: a run is broken.
    """
    observed, ends, told = Observed(), Endpointing(), []
    for run in runs:
        observed.add(observe(run.log))
        ends.add(endpointing(run))
        told.append(run.manifest)
    if len(observed.waits_ms) < MIN_WAITS:
        raise InputError(
            f"{len(observed.waits_ms)} of {observed.responses} responses in "
            f"{_counted(told)} were audible, which is too few to fit anything",
            fix=f"give runs with at least {MIN_WAITS} audible responses, better {FEW}",
        )
    return _fitted(observed, ends, told, name)


def _fitted(
    observed: Observed, ends: Endpointing, told: list[dict[str, Any]], name: str
) -> Calibration:
    waits = Sample(observed.waits_ms, observed.cut_short_ms)
    speeds = Sample(observed.speeds)
    surplus = Sample(ends.surplus_ms)
    wait = fit_distribution(waits, tiny=TINY_MS)
    speed = fit_distribution(speeds) if len(speeds) else Constant(value=MAX_SPEED)
    delay = _detection_delay(surplus)
    chunks = fit_chunks(observed.chunks_ms)
    fitted = Fitted(
        runs=len(told),
        responses=observed.responses,
        time_to_first_audio_ms=goodness(waits, wait, tiny=TINY_MS),
        speed=goodness(speeds, speed) if len(speeds) else None,
        detection_delay_ms=(
            None if delay is None else goodness(surplus, delay, tiny=SAME_FRAME_MS)
        ),
        chunk_rate=chunk_rate(observed.chunks_ms, chunks),
        date=max(
            (run["started_utc"] for run in told if "started_utc" in run), default=None
        ),
        round_trip_ms=_round_trip_ms(told),
    )
    profile = LatencyProfile(
        voicelab_profile=1,
        name=name,
        source=_source(told),
        modelled=any(run.get("clock") != "wall" for run in told),
        time_to_first_audio_ms=wait,
        speed=speed,
        chunk_ms=chunks,
        detection_delay_ms=delay,
        fitted=fitted,
    )
    return Calibration(profile, observed, ends)


def _detection_delay(surplus: Sample) -> Distribution | None:
    """Return the distribution of the surplus; None where there is none to charge."""
    middle = surplus.percentile(50) if len(surplus) else None
    if middle is None or middle <= SAME_FRAME_MS:
        return None
    return fit_distribution(surplus, tiny=SAME_FRAME_MS)


def _round_trip_ms(told: list[dict[str, Any]]) -> float | None:
    """Return the median of the round trips that live runs measured as they began."""
    pings = [(run.get("live") or {}).get("ping_ms") for run in told]
    known = [ping for ping in pings if ping is not None]
    return round(statistics.median(known), 3) if known else None


def _source(told: list[dict[str, Any]]) -> str:
    """Return in words what the profile was fitted to."""
    scenarios = sorted({str(run.get("name", run["run_id"])) for run in told})
    servers = sorted({_server(run) for run in told})
    return (
        f"Fitted to {_counted(told)} of {', '.join(scenarios)} "
        f"against {', '.join(servers)}."
    )


def _counted(told: list[dict[str, Any]]) -> str:
    return f"{len(told)} recorded run{'' if len(told) == 1 else 's'}"


def _server(run: dict[str, Any]) -> str:
    url = (run.get("live") or {}).get("url")
    if url:
        return str(url)
    if run.get("clock") == "wall":
        return "a server that was not named"
    profile = run.get("profile") or {}
    return f"the embedded server with the profile {profile.get('name', 'unknown')}"
