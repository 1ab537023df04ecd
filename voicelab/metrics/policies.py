"""How a truncation policy fares on a player: the ledger of a run in one row.

Conventions
    The rows of the ledger (`voicelab.metrics.truncation`) are taken together. Errors
    and stop latencies that are unknown do not count; words are unknown in sum only if
    all are. A median is told from three values on.

Measures
    * `truncation_error_p50_ms`: the median of the signed errors: above 0, the model
      believes in speech that nobody heard.
    * `truncation_error_max_ms`: the error farthest from 0, with its sign.
    * `stop_latency_p50_ms`: the median from the caller's onset to silence at the ear.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from voicelab.metrics.summary import MIN_VALUES_P50, percentile, summary_of
from voicelab.metrics.truncation import Truncation


class PolicyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One policy on one player.

    Attributes:
        player: how agent audio was buffered and played.
        policy: what was claimed at each interruption.
        n: how many items were interrupted.
        phantom_words: words kept and never heard, in all; None if none are known.
        forgotten_words: words heard and not kept, in all; None if none are known.
        refused: claims that the server refused.
    """

    player: str
    policy: str
    n: int
    truncation_error_p50_ms: float | None
    truncation_error_max_ms: float | None
    phantom_words: int | None
    forgotten_words: int | None
    refused: int
    stop_latency_p50_ms: float | None


def policy_row(player: str, policy: str, ledger: Sequence[Truncation]) -> PolicyRow:
    """Return the row of a run's ledger, which may be empty."""
    summary = summary_of([], ledger)
    return PolicyRow(
        player=player,
        policy=policy,
        n=summary.truncations,
        truncation_error_p50_ms=_median([row.truncation_error_ms for row in ledger]),
        truncation_error_max_ms=summary.truncation_error_max_ms,
        phantom_words=summary.phantom_words,
        forgotten_words=summary.forgotten_words,
        refused=summary.refused,
        stop_latency_p50_ms=summary.stop_latency_p50_ms,
    )


def _median(values: Sequence[float | None]) -> float | None:
    return percentile(values, 50, MIN_VALUES_P50)
