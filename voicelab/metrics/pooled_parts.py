"""The values and the shares that reports over many runs are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from voicelab.metrics.components import Components
from voicelab.metrics.latency import PARTS
from voicelab.metrics.truncation import sent_claims

OutOf: TypeAlias = tuple[float, float]

_LATENCY = (
    "response_latency_ms",
    *(f"{part}_ms" for part in PARTS),
    "endpointing_delay_observed_ms",
    "ttfb_observed_ms",
)
_ENDPOINTING = ("endpoint_offset_ms", "onset_delay_ms", "onset_error_ms")
_TRUNCATION = ("truncation_error_ms", "stop_latency_ms", "buffered_ms")
_BARGE_IN = ("time_to_stop_ms", "overlap_ms")


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one measure: conversation, run and value, one each a row."""

    report: str
    measure: str
    each: list[tuple[str, str, float | None]]


@dataclass(frozen=True, slots=True)
class Share:
    """A numerator and a denominator by run.

    Attributes:
        counts: whether single turns or items are counted, rather than words or times.
        each: conversation, run, numerator and denominator.
    """

    report: str
    measure: str
    counts: bool
    each: list[tuple[str, str, float, float]]


def values_of(held: Sequence[Components]) -> Iterator[Values]:
    """Yield the values of every measure."""
    for measure in _LATENCY:
        yield _values(held, "latency", measure, lambda run: run.latency)
    for measure in _ENDPOINTING:
        yield _values(held, "endpointing", measure, _turn_rows)
    for measure in _TRUNCATION:
        yield _values(held, "truncation", measure, lambda run: run.truncations)
    for measure in _BARGE_IN:
        yield _values(held, "barge_in", measure, lambda run: run.barge_ins)


def shares_of(held: Sequence[Components]) -> Iterator[Share]:
    """Yield the shares of every rate."""
    yield _share(held, "latency", "answered_rate", _latency_outcomes("answered"))
    yield _share(held, "latency", "cut_in_rate", _cut_ins)
    for outcome in ("interrupted", "merged", "unanswered"):
        yield _share(held, "latency", f"{outcome}_rate", _latency_outcomes(outcome))
    for outcome in ("missed", "merged"):
        turns = _endpoint_outcomes(outcome)
        yield _share(held, "endpointing", f"{outcome}_turn_rate", turns)
    yield _share(held, "endpointing", "false_turn_rate", _false_turns)
    yield _share(held, "truncation", "refused_rate", _refused)
    for kind in ("phantom", "forgotten"):
        words = _lost_words(f"{kind}_words")
        yield _share(held, "truncation", f"{kind}_rate", words, counts=False)
    yield _share(held, "truncation", "talk_over_rate", _talk_over, counts=False)
    yield _share(held, "barge_in", "missed_barge_in_rate", _missed_barge_ins)
    yield _share(held, "barge_in", "false_barge_in_rate", _false_barge_ins)


def _values(
    held: Sequence[Components],
    report: str,
    measure: str,
    rows: Callable[[Components], Sequence[msgspec.Struct]],
) -> Values:
    each = [
        (run.name, run.run, getattr(row, measure)) for run in held for row in rows(run)
    ]
    return Values(report, measure, each)


def _share(
    held: Sequence[Components],
    report: str,
    measure: str,
    out_of: Callable[[Components], OutOf],
    *,
    counts: bool = True,
) -> Share:
    each = [(run.name, run.run, *out_of(run)) for run in held]
    return Share(report, measure, counts, each)


def _turn_rows(run: Components) -> Sequence[msgspec.Struct]:
    return [row for row in run.endpointing if row.turn is not None]


def _latency_outcomes(outcome: str) -> Callable[[Components], OutOf]:
    # an answer to the part of a turn before a cut-in is an answer that was heard
    counted = ("answered", "cut_in") if outcome == "answered" else (outcome,)

    def out_of(run: Components) -> OutOf:
        return sum(row.outcome in counted for row in run.latency), len(run.latency)

    return out_of


def _endpoint_outcomes(outcome: str) -> Callable[[Components], OutOf]:
    def out_of(run: Components) -> OutOf:
        rows = [row for row in run.endpointing if row.turn is not None]
        return sum(row.outcome == outcome for row in rows), len(rows)

    return out_of


def _cut_ins(run: Components) -> OutOf:
    return sum(row.cut_in for row in run.latency), len(run.latency)


def _false_turns(run: Components) -> OutOf:
    return sum(row.outcome == "false" for row in run.endpointing), run.detected


def _refused(run: Components) -> OutOf:
    sent = sent_claims(run.truncations)
    return sum(row.verdict == "refused" for row in sent), len(sent)


def _lost_words(column: str) -> Callable[[Components], OutOf]:
    def out_of(run: Components) -> OutOf:
        known = [row for row in run.truncations if getattr(row, column) is not None]
        lost = sum(getattr(row, column) for row in known)
        return lost, sum(row.generated_words or 0 for row in known)

    return out_of


def _talk_over(run: Components) -> OutOf:
    both = run.overlap
    return (0.0, 0.0) if both is None else (both.overlap_ms, both.caller_speech_ms)


def _missed_barge_ins(run: Components) -> OutOf:
    met = [row for row in run.barge_ins if row.outcome in ("stopped", "missed")]
    return sum(row.outcome == "missed" for row in met), len(met)


def _false_barge_ins(run: Components) -> OutOf:
    stopped = [
        row for row in run.barge_ins if row.outcome in ("stopped", "yielded", "false")
    ]
    return sum(row.outcome == "false" for row in stopped), len(stopped)
