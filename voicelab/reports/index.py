"""The head of the page: all runs in one table, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from voicelab import metrics, plot
from voicelab.metrics.summary import MIN_VALUES_P50, MIN_VALUES_P95
from voicelab.reports.figures import plain_figure
from voicelab.reports.markup import Markup, element
from voicelab.reports.run_section import anchor
from voicelab.reports.run_tables import verdicts
from voicelab.reports.settings import differing_settings
from voicelab.reports.tables import UNKNOWN, Column, share, table
from voicelab.result import Run

if TYPE_CHECKING:
    import pandas as pd


class _Line(NamedTuple):
    """One run, and its place on the page."""

    number: int
    run: Run
    summary: metrics.Summary
    differing: tuple[str, ...]


def _of_summary(name: str) -> Any:
    return lambda line: getattr(line.summary, name)


def _link(line: _Line) -> Markup:
    told = [line.run.name]
    if line.run.partial:
        told.append("(broken off)")
    return element("a", " ".join(told), href=f"#{anchor(line.number)}")


_COLUMNS = (
    Column("run", _link, is_text=True),
    Column("length, s", lambda line: f"{_length_s(line.run):.1f}"),
    Column("turns", _of_summary("turns")),
    Column("answered", _of_summary("answered")),
    Column("latency p50, ms", _of_summary("response_latency_p50_ms")),
    Column("latency p95, ms", _of_summary("response_latency_p95_ms")),
    Column("cut-ins", _of_summary("cut_ins")),
    Column("barge-ins stopped", _of_summary("stopped_barge_ins")),
    Column("missed", _of_summary("missed_barge_ins")),
    Column("false", _of_summary("false_barge_ins")),
    Column("talk-over", lambda line: share(line.summary.talk_over_rate)),
    Column("truncations", _of_summary("truncations")),
    Column("worst error, ms", _of_summary("truncation_error_max_ms")),
    Column("phantom words", _of_summary("phantom_words")),
)


def index(runs: Sequence[Run]) -> Markup:
    """Return the table of all runs, each row leading to its section."""
    names, values = differing_settings(runs)
    lines = [
        _Line(number, run, run.summary, values[number - 1])
        for number, run in enumerate(runs, start=1)
    ]
    columns = [_COLUMNS[0], *_setting_columns(names), *_COLUMNS[1:]]
    if any(verdicts(run) for run in runs):
        columns.append(Column("budgets", lambda line: _budgets(line.run)))
    return element(
        "section",
        element("h2", "All runs" if len(runs) > 1 else "Summary"),
        table(
            f"One row a run. {UNKNOWN}: not known; a median is told from"
            f" {MIN_VALUES_P50} values, a 95th percentile from {MIN_VALUES_P95}.",
            columns,
            lines,
            rows_named=True,
        ),
        *_together(runs),
        id="index",
    )


def _together(runs: Sequence[Run]) -> Iterator[Markup | None]:
    """Yield figures of all runs, where there is more than one."""
    if len(runs) > 1:
        yield element("h3", "All runs together")
        yield plain_figure(plot.ecdf, _tables(runs, "latency"))
        yield plain_figure(plot.fto_histogram, _tables(runs, "turns"))
        yield plain_figure(plot.truncation_scatter, _tables(runs, "truncations"))


def _tables(runs: Sequence[Run], name: str) -> list[pd.DataFrame]:
    """Return a table of each run, with what tells the runs apart."""
    return [
        getattr(run, name).assign(conversation=run.name, player=_player(run))
        for run in runs
    ]


def _player(run: Run) -> str:
    scenario = run.manifest.get("scenario") or {}
    return str(scenario.get("client", {}).get("player", "a player"))


def _setting_columns(names: Sequence[str]) -> Iterator[Column]:
    for place, name in enumerate(names):
        yield Column(name, _setting(place), is_text=True)


def _setting(place: int) -> Callable[[_Line], str]:
    return lambda line: line.differing[place]


def _length_s(run: Run) -> float:
    return len(run.audio) / run.audio_rate_hz


def _budgets(run: Run) -> object:
    found = verdicts(run)
    if not found:
        return None
    failed = sum(row.outcome == "failed" for row in found)
    if failed:
        return element("span", f"{failed} failed", class_="verdict-failed")
    return "kept"
