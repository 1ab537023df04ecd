"""Assumptions about speech that recorded runs can tell better than books.

Conventions
    A range goes from the smallest to the largest that was measured, its likely value
    is the median; of rates, one value is one run's. What the runs do not tell stays
    as it was. Nothing about reading, typing and text can be measured here.

Measures
    * `listening_wpm`: the agent's `wpm_gross`, divided by the output speed.
    * `speaking_wpm`: the caller's `wpm_gross`.
    * `voice_latency_s`: the response latency of answered turns without cut-ins.
    * `stop_latency_s`: that of the truncation ledger.
    * `barge_ins_per_100_words`: interruptions over words heard, as in
      `voicelab.modality.heard`; likely is that of all runs together.
    * `barge_in_words`: the words of the turns that interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from voicelab.metrics import speech_rates, truncations, turn_latencies
from voicelab.modality.assumptions import Assumptions, Quantity
from voicelab.modality.heard import Answer, answers_of
from voicelab.units import MS_PER_S

if TYPE_CHECKING:
    from voicelab.result import Run

_PER = 100


def measured(runs: Iterable[Run], base: Assumptions | None = None) -> Assumptions:
    """Return assumptions with what the runs tell in place of what was assumed.

    Args:
        runs: finished runs, with any output speed; each is read once and let go.
        base: what to start from; by default the numbers of
            `voicelab.modality.assumptions`.
    """
    base = Assumptions() if base is None else base
    values: dict[str, list[float]] = {name: [] for name in _TOLD}
    by_run: list[list[Answer]] = []
    for run in runs:
        for name, told in _TOLD.items():
            values[name] += told(run)
        by_run.append(answers_of(run.facts, run.name))
    changes = {
        name: _range(found, median(found), getattr(base, name).unit, len(by_run))
        for name, found in values.items()
        if found
    }
    often = [rate for rate in map(_barge_ins, by_run) if rate is not None]
    overall = _barge_ins([answer for answers in by_run for answer in answers])
    if overall is not None:
        unit = base.barge_ins_per_100_words.unit
        changes["barge_ins_per_100_words"] = _range(often, overall, unit, len(by_run))
    return msgspec.structs.replace(base, **changes)


def _range(values: Sequence[float], likely: float, unit: str, runs: int) -> Quantity:
    return Quantity(
        low=min(values),
        likely=likely,
        high=max(values),
        unit=unit,
        source=f"measured in {runs} run{'s' if runs > 1 else ''}: "
        f"smallest, middle and largest of {len(values)}",
    )


def _rates(run: Run, party: str) -> Iterator[float]:
    speed = run.facts.session.output_speed if party == "agent" else 1.0
    for rate in speech_rates(run.facts):
        if rate.party == party and rate.wpm_gross is not None:
            yield rate.wpm_gross / speed


def _latencies_s(run: Run) -> Iterator[float]:
    for turn in turn_latencies(run.facts):
        latency_ms = turn.response_latency_ms
        if latency_ms is not None and latency_ms >= 0 and not turn.cut_in:
            yield latency_ms / MS_PER_S


def _stops_s(run: Run) -> Iterator[float]:
    for item in truncations(run.facts):
        if item.stop_latency_ms is not None:
            yield item.stop_latency_ms / MS_PER_S


def _said(run: Run) -> Iterator[float]:
    """Yield how many words each turn has that interrupted."""
    stopped = (stop.caller for stop in run.facts.stops if stop.broken_ids)
    turns = {turn.index: turn for turn in stopped if turn is not None and turn.is_turn}
    yield from (float(len(turn.words)) for turn in turns.values() if turn.words)


_TOLD: Mapping[str, Callable[[Run], Iterator[float]]] = {
    "listening_wpm": lambda run: _rates(run, "agent"),
    "speaking_wpm": lambda run: _rates(run, "caller"),
    "voice_latency_s": _latencies_s,
    "stop_latency_s": _stops_s,
    "barge_in_words": _said,
}
"""What runs tell of which assumptions."""


def _barge_ins(answers: Sequence[Answer]) -> float | None:
    """Return how many there are in a hundred words heard; None if none is known."""
    known = [each for each in answers if each.heard_words is not None]
    words = sum(each.heard_words or 0 for each in known)
    return _PER * sum(each.interrupted for each in known) / words if words else None
