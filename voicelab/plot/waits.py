"""What a waterfall is drawn from: waits, sorted, with the instants between stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from voicelab.errors import InputError
from voicelab.metrics import PARTS
from voicelab.plot.tables import FloatArray, numbers
from voicelab.plot.words import Quantile, count, known, quantile_of

OBSERVED = ("endpointing_delay_observed", "ttfb_observed", "playout_delay")
"""What a client sees of a server that cannot be looked into."""

TOTAL = "response_latency_ms"

_NAME = "waterfall"
_QUANTILES = (0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Waits:
    """What is drawn: the rows in their order, the slowest first, the unanswered last.

    Attributes:
        table: the rows.
        edges: the instants between stages, ms from the end of the turn; shape
            (answered rows, stages + 1).
        stages: the names of the stages.
        total: the response latencies of the answered rows, ms.
        quantiles: p50 and p95 of them.
    """

    table: pd.DataFrame
    edges: FloatArray
    stages: tuple[str, ...]
    total: FloatArray
    quantiles: tuple[Quantile, ...]


def stages_of(table: pd.DataFrame, stages: tuple[str, ...] = PARTS) -> Waits:
    """Return the rows in order with the instants between their stages.

    Args:
        table: the rows.
        stages: the names of the stages; each is a column in milliseconds.

    Raises:
        InputError: a column is missing, or no turn has its stages.
    """
    total = numbers(table, TOTAL, _NAME)
    answered = ~np.isnan(total)
    parts = _parts(table, stages)
    if np.isnan(parts[answered]).any(axis=1).all() and _observed(table):
        stages, parts = OBSERVED, _parts(table, OBSERVED)
    whole = answered & ~np.isnan(parts).any(axis=1)
    if not whole.any():
        raise InputError(
            f"none of {count(len(table), 'turn')} was answered, so there is no wait",
            path=_NAME,
        )
    order = np.argsort(np.where(whole, -total, np.inf), kind="stable")
    drawn = order[: int(whole.sum())]
    edges = np.cumsum(np.column_stack([np.zeros(len(drawn)), parts[drawn]]), axis=1)
    values = known(total)
    quantiles = tuple(quantile_of(values, q) for q in _QUANTILES)
    return Waits(table.iloc[order], edges, stages, total[drawn], quantiles)


def _observed(table: pd.DataFrame) -> bool:
    return all(f"{stage}_ms" in table.columns for stage in OBSERVED)


def _parts(table: pd.DataFrame, stages: Sequence[str]) -> FloatArray:
    return np.column_stack([numbers(table, f"{stage}_ms", _NAME) for stage in stages])


def reach_of(waits: Waits) -> tuple[float, float]:
    """Return the first and the last instant of any row, ms from the turn's end."""
    return float(waits.edges.min()), float(waits.edges.max())
