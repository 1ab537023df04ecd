"""What the explorer says of a run, as HTML: the numbers that matter, and the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from voicelab import metrics
from voicelab.metrics.summary import Summary
from voicelab.plot.swimlanes import signed
from voicelab.result import TRUNCATIONS_SHOWN
from voicelab.widgets.shown import Showable, length_s
from voicelab.widgets.svg import FAINT_INK, INK

UNKNOWN = "\N{EN DASH}"

_SCROLLS = 'style="overflow-x:auto" tabindex="0" role="region"'
_CELL = "padding:2px 10px 2px 0;text-align:right"


def numbers(run: Showable, took_ms: float) -> str:
    """Return one line: how long the caller waits, and what the model gets wrong.

    Args:
        run: the run.
        took_ms: how long it took to simulate.
    """
    summary = run.summary
    facts = (
        ("response latency, median", _latency(summary)),
        ("cut-ins", str(summary.cut_ins)),
        ("truncation error, worst", _error(summary)),
        ("phantom words", _count(summary.phantom_words)),
        ("forgotten words", _count(summary.forgotten_words)),
    )
    told = " &nbsp; ".join(
        f'<span style="white-space:nowrap">{name} <b>{value}</b></span>'
        for name, value in facts
    )
    note = f"{length_s(run):.1f} s of conversation in {took_ms:.0f} ms"
    return (
        f'<div style="color:{INK};line-height:1.5">{told} '
        f'<span style="color:{FAINT_INK};white-space:nowrap">({note})</span></div>'
    )


def timeline(drawing: str) -> str:
    """Return a drawing that keeps its letters readable where there is little room."""
    return (
        f'<div {_SCROLLS} aria-label="timeline">'
        f'<div style="min-width:900px;max-width:1200px">{drawing}</div></div>'
    )


def ledger(run: Showable) -> str:
    """Return the interrupted answers as a table with the columns of `Run`'s own."""
    rows = metrics.truncations(run.facts)
    if not rows:
        return f'<div style="color:{INK}">No answer was interrupted.</div>'
    head = "".join(
        f'<th scope="col" style="{_CELL}">{escape(name)}</th>'
        for name in TRUNCATIONS_SHOWN
    )
    body = "".join(_row(row, TRUNCATIONS_SHOWN) for row in rows)
    return (
        f'<div {_SCROLLS} aria-label="interrupted answers">'
        f'<table style="color:{INK};border-collapse:collapse">'
        '<caption style="text-align:left;font-weight:600">Interrupted answers</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def problem(sentence: str) -> str:
    """Return why a setting cannot be run; what is below is of the last that could."""
    return (
        '<div role="alert" style="border-left:4px solid #D55E00;padding-left:8px;'
        f'color:{INK}">{escape(sentence)}. '
        "What is shown below is of the last settings that could be run.</div>"
    )


def _row(row: metrics.Truncation, names: Iterable[str]) -> str:
    cells = (_cell(getattr(row, name)) for name in names)
    return (
        "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
    )


def _cell(value: Any) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if isinstance(value, float) else escape(str(value))


def _latency(summary: Summary) -> str:
    if summary.response_latency_p50_ms is None:
        return UNKNOWN
    return f"{summary.response_latency_p50_ms:.0f} ms (n = {summary.answered})"


def _error(summary: Summary) -> str:
    error_ms = summary.truncation_error_max_ms
    return UNKNOWN if error_ms is None else f"{signed(error_ms)} ms"


def _count(words: int | None) -> str:
    return UNKNOWN if words is None else str(words)
