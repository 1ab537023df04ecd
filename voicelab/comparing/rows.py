"""What an architecture comes to over several conversations, in one row.

Conventions
    All turns of all conversations are taken together. A turn without an answer that
    was heard has no wait: `turns` less `n` says how many there are. A median is told
    from any number of values, a 95th percentile from twenty on
    (`voicelab.metrics.statistics`), with `n` beside them.

    The parts are means over the turns that have all of them, because means add up: the
    parts sum to `response_latency_mean_ms`. A stage that an architecture does not have
    has no mean; one that only some of its turns had took nothing in the others. See
    `voicelab.metrics.stages`.

Measures
    `cut_ins`: turns inside which an endpoint fell. `stop_latency_p50_ms`: from the
    onset of an interrupting turn to silence at the ear, the median of `stops`.
    `phantom_words`: kept by the server and never heard; unknown only if all are.
    `agent_wpm`: words ÷ voiced minutes that were heard, over all conversations
    (`voicelab.metrics.speech_rate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from voicelab.comparing.architectures import Architecture
from voicelab.errors import StatisticsError
from voicelab.metrics import (
    STAGE_PARTS,
    StageLatency,
    pooled_speech_rates,
    speech_rates,
    stage_latencies,
    truncations,
)
from voicelab.metrics.phantom import sum_known
from voicelab.metrics.statistics import percentile
from voicelab.result import Run


class ArchitectureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One architecture; the module says what the columns mean.

    Attributes:
        architecture: its name.
        kind: `speech_to_speech` or `cascade`.
        modelled: whether its speed is modelled rather than measured.
        conversations: how many runs.
        turns: how many turns the callers took.
        n: how many of them have a response latency.
        stops: how many stop latencies are known.
        source: where its speed comes from.
    """

    architecture: str
    kind: str
    modelled: bool
    conversations: int
    turns: int
    n: int
    response_latency_p50_ms: float | None
    response_latency_p95_ms: float | None
    response_latency_mean_ms: float | None
    uplink_mean_ms: float | None
    endpointing_delay_mean_ms: float | None
    server_rest_mean_ms: float | None
    stt_mean_ms: float | None
    chat_mean_ms: float | None
    tts_mean_ms: float | None
    downlink_mean_ms: float | None
    playout_delay_mean_ms: float | None
    cut_ins: int
    interrupted_items: int
    stops: int
    stop_latency_p50_ms: float | None
    phantom_words: int | None
    agent_wpm: float | None
    source: str


def architecture_row(
    architecture: Architecture, runs: Sequence[Run]
) -> ArchitectureRow:
    """Return the row of an architecture's runs, of which there is at least one."""
    waits = [row for run in runs for row in stage_latencies(run.facts)]
    ledger = [row for run in runs for row in truncations(run.facts)]
    known = _known(row.response_latency_ms for row in waits)
    stops = _known(row.stop_latency_ms for row in ledger)
    return ArchitectureRow(
        architecture=architecture.name,
        kind=architecture.kind,
        modelled=architecture.modelled,
        conversations=len(runs),
        turns=len(waits),
        n=len(known),
        response_latency_p50_ms=_quantile(known, 0.5),
        response_latency_p95_ms=_quantile(known, 0.95),
        **_means(waits),
        cut_ins=sum(row.cut_in for row in waits),
        interrupted_items=len(ledger),
        stops=len(stops),
        stop_latency_p50_ms=_quantile(stops, 0.5),
        phantom_words=sum_known(row.phantom_words for row in ledger),
        agent_wpm=_agent_wpm(runs),
        source=architecture.source,
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _quantile(values: Sequence[float], q: float) -> float | None:
    """Return a quantile; None where there are too few values for it."""
    try:
        return percentile(values, q)
    except StatisticsError:
        return None


def _means(waits: Sequence[StageLatency]) -> dict[str, float | None]:
    """Return the means of the parts, and of the whole, which they sum to."""
    whole = [row for row in waits if row.server_rest_ms is not None]
    whole = [row for row in whole if row.response_latency_ms is not None]
    return {
        f"{part}_mean_ms": _mean([getattr(row, f"{part}_ms") for row in whole])
        for part in ("response_latency", *STAGE_PARTS)
    }


def _mean(values: Sequence[float | None]) -> float | None:
    """Return the mean, what is missing taken for 0; None if all of it is."""
    if all(value is None for value in values):
        return None
    return float(np.mean([value or 0.0 for value in values]))


def _agent_wpm(runs: Sequence[Run]) -> float | None:
    rates = pooled_speech_rates((run.name, speech_rates(run.facts)) for run in runs)
    (wpm,) = [row for row in rates if (row.party, row.measure) == ("agent", "wpm")]
    return wpm.rate_wpm
