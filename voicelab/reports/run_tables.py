"""The tables of one run, as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from voicelab import budgets, metrics
from voicelab.budgets.verdict import number
from voicelab.reports.markup import Markup, element
from voicelab.reports.tables import Column, seek_button, table
from voicelab.result import Run
from voicelab.units import ns_to_s


def _at(name: str) -> Column:
    """Return the column of an instant of the rows, which moves the player there."""

    def button(row: Any) -> Markup:
        return seek_button(ns_to_s(getattr(row, name)))

    return Column("at, s", button)


def _words(name: str) -> Callable[[Any], str]:
    """Return what a row says in words, empty where it says nothing."""
    return lambda row: getattr(row, name) or ""


_LATENCY = (
    Column("turn", "turn"),
    _at("t_end_ns"),
    Column("uplink", "uplink_ms"),
    Column("endpointing delay", "endpointing_delay_ms"),
    Column("server TTFB", "server_ttfb_ms"),
    Column("downlink", "downlink_ms"),
    Column("playout delay", "playout_delay_ms"),
    Column("response latency", "response_latency_ms"),
    Column("cut in", "cut_in"),
    Column("outcome", "outcome", is_text=True),
)
_OBSERVED = (
    Column("turn", "turn"),
    _at("t_end_ns"),
    Column("endpointing delay, observed", "endpointing_delay_observed_ms"),
    Column("TTFB, observed", "ttfb_observed_ms"),
    Column("playout delay", "playout_delay_ms"),
    Column("response latency", "response_latency_ms"),
    Column("cut in", "cut_in"),
    Column("outcome", "outcome", is_text=True),
)
_TRUNCATIONS = (
    Column("turn", "turn"),
    _at("t_ns"),
    Column("policy", "policy", is_text=True),
    Column("verdict", "verdict", is_text=True),
    Column("generated", "generated_ms"),
    Column("heard", "heard_ms"),
    Column("claimed", "audio_end_ms"),
    Column("kept", "kept_ms"),
    Column("error", "truncation_error_ms"),
    Column("stop latency", "stop_latency_ms"),
    Column("phantom words", "phantom_words"),
    Column("forgotten words", "forgotten_words"),
    Column("believed said, never heard", _words("phantom_text"), is_long=True),
    Column("heard, forgotten", _words("forgotten_text"), is_long=True),
    Column("refused with", _words("refused"), is_long=True),
)
_BARGE_INS = (
    Column("turn", "turn"),
    _at("t_ns"),
    Column("outcome", "outcome", is_text=True),
    Column("cause", "cause", is_text=True),
    Column("stop latency", "stop_latency_ms"),
    Column("time to stop", "time_to_stop_ms"),
    Column("overlap", "overlap_ms"),
)
_TURNS = (
    _at("t_start_ns"),
    Column("party", "party", is_text=True),
    Column("said", _words("text"), is_long=True),
    Column("FTO", "fto_ms"),
    Column("lasts", "duration_ms"),
    Column("stopped", "interrupted"),
    Column("words", "words"),
    Column("kind", "kind", is_text=True),
)
_BUDGETS = (
    Column("measure", "measure", is_text=True),
    Column("allowed", "limit", is_text=True),
    Column("measured", lambda row: number(row.measured)),
    Column("verdict", "outcome", is_text=True),
    Column("why", "reason", is_long=True),
)


def latency(run: Run) -> Markup:
    """Return where each caller turn's wait went."""
    rows = metrics.turn_latencies(run.facts)
    seen = run.facts.log.has_server
    return _table_or(
        "The log tells of no turn of the caller.",
        "Response latency and its parts, ms: from the caller's last word to the first"
        " word heard",
        _LATENCY if seen else _OBSERVED,
        rows,
    )


def truncations(run: Run) -> Markup:
    """Return the ledger of interrupted answers."""
    rows = metrics.truncations(run.facts)
    columns = [
        each
        for each in _TRUNCATIONS
        if not callable(each.value) or any(each.of(row) for row in rows)
    ]
    return _table_or(
        "No answer was interrupted.",
        "Interrupted answers, ms: heard by the caller, kept by the model; the error is"
        " kept less heard",
        columns,
        rows,
    )


def barge_ins(run: Run) -> Markup:
    """Return what met the agent's speech."""
    if run.facts.caller_observed and run.facts.ear_observed:
        nothing = "Nothing met the agent's speech."
    else:
        nothing = "Who spoke, or what was heard, is not known: nor are barge-ins."
    return _table_or(
        nothing,
        "Barge-ins and what else met the agent's speech, ms",
        _BARGE_INS,
        metrics.barge_ins(run.facts),
    )


def turns(run: Run) -> Markup:
    """Return who held the floor, and what was said."""
    return _table_or(
        "Nobody is known to have spoken.",
        "Turns, ms; FTO is the floor transfer offset: a gap above 0, an overlap below",
        _TURNS,
        metrics.floor_turns(run.facts),
    )


def expectations(run: Run) -> Markup | None:
    """Return how the run stands to what its scenario expects; None if nothing."""
    rows = verdicts(run)
    if not rows:
        return None
    return table("What the scenario expects", _BUDGETS, rows, rows_named=True)


def verdicts(run: Run) -> list[budgets.Verdict]:
    """Return a verdict for each thing that the scenario expects, none if nothing."""
    measures = budgets.measured(run)
    if not measures.expect:
        return []
    return list(budgets.check_measured([measures]).verdicts)


def not_observed(run: Run) -> Iterator[str]:
    """Yield sentences on what is missing below, and why."""
    if run.partial:
        yield f"The conversation broke off: {run.partial}."
    unobserved = run.manifest.get("unobserved")
    if unobserved:
        named = ", ".join(str(each).replace("_", " ") for each in unobserved)
        yield (
            f"Nobody could observe: {named}. What follows from it is missing below,"
            " never guessed."
        )


def _table_or(nothing: str, caption: str, columns: Any, rows: list[Any]) -> Markup:
    if not rows:
        return element("p", nothing, class_="nothing")
    return table(caption, columns, rows, rows_named=False)
