"""How much of an answer is heard before people interrupt it.

Conventions
    A row of `answers` is one item of agent audio of which something was heard, with
    how much of it was heard in the end: what was said while the agent was still
    stopping counts. An item that a turn of the caller broke off is an *interruption*.
    One that was heard to its end, that noise, echo or a backchannel broke off, or that
    the end of the call cut, is *censored*: it says only that nobody interrupted up to
    there.

Measure
    `survival_rate` at w: the share of answers, if all were long enough, of which more
    than w words (or a larger share) are heard before an interruption: the product
    limit estimate (Kaplan and Meier 1958, "Nonparametric estimation from incomplete
    observations"). An item that ends at w counts as at risk at w. Its interval is the
    percentile interval of whole conversations drawn with replacement, at each w for
    itself; with one conversation there is none.

    `expected_words` of an answer of N words is the mean of what is heard of it: the sum
    of the survival at 0, 1, ... N - 1. Beyond the longest answer seen the curve stays
    where it was, which cannot be too low.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from voicelab.errors import ModalityError
from voicelab.metrics.facts import Facts
from voicelab.metrics.statistics import (
    CONFIDENCE,
    FEWEST_CLUSTERS,
    RESAMPLES,
    FloatArray,
    generator_of,
)
from voicelab.units import samples_to_ms

if TYPE_CHECKING:
    import pandas as pd

    from voicelab.result import Run

Of: TypeAlias = Literal["words", "share"]

MOST_WORDS = 1_000_000
"""Of an answer: more than two days of speech, and nothing that overflows."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One item of agent audio of which something was heard.

    Attributes:
        conversation: which conversation it is of.
        item_id: its id.
        interrupted: whether a turn of the caller broke it off.
        generated_words: how many words it has; None if nobody told.
        heard_words: how many of them were heard to their end.
        generated_ms: how long it is.
        heard_ms: how much of it was heard.
    """

    conversation: str
    item_id: str
    interrupted: bool
    generated_words: int | None
    heard_words: int | None
    generated_ms: float
    heard_ms: float

    @property
    def heard_rate(self) -> float:
        """The share of its audio that was heard."""
        return self.heard_ms / self.generated_ms


class SurvivalPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The curve at one amount heard; it is flat up to the next row.

    Attributes:
        heard_words: the amount, in words; None on a curve of shares.
        heard_rate: the amount, as a share of the answer; None on a curve of words.
        at_risk: how many answers were heard up to there.
        interrupted: how many of them were interrupted there.
        censored: how many were not followed further.
        survival_rate: the share of answers of which more is heard.
        low_rate: its interval's lower bound; None with one conversation.
        high_rate: its upper bound, likewise.
    """

    heard_words: int | None
    heard_rate: float | None
    at_risk: int
    interrupted: int
    censored: int
    survival_rate: float
    low_rate: float | None
    high_rate: float | None


def answers_of(facts: Facts, conversation: str) -> list[Answer]:
    """Return the answers of one run; none where nobody knows what was heard."""
    if not facts.ear_observed:
        return []
    broken = {
        item_id
        for stop in facts.stops
        if stop.caller is not None and stop.caller.is_turn
        for item_id in stop.broken_ids
    }
    found = []
    for item in facts.agent_items.values():
        if not item.heard_samples:
            continue
        words = item.words or None  # told none of an item that speaks: not known
        heard = None if words is None else len(item.words_until(item.heard_samples))
        found.append(
            Answer(
                conversation=conversation,
                item_id=item.item_id,
                interrupted=item.item_id in broken,
                generated_words=None if words is None else len(words),
                heard_words=heard,
                generated_ms=samples_to_ms(item.generated_samples, item.rate_hz),
                heard_ms=samples_to_ms(item.heard_samples, item.rate_hz),
            )
        )
    return found


def answers(runs: Iterable[Run]) -> pd.DataFrame:
    """Return the answers of runs: the columns of `Answer`.

    Runs of one name are of one conversation.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    rows = [row for run in runs for row in answers_of(run.facts, run.name)]
    return table(rows, Answer)


def heard_survival(
    heard: pd.DataFrame,
    of: Of = "words",
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how much is heard before people interrupt: a row for each amount seen.

    Args:
        heard: what `answers` gave.
        of: `words`, or `share` of the answer's audio.
        confidence: of the interval.
        resamples: how often conversations are drawn.
        seed: of the draws.

    Returns:
        The columns of `SurvivalPoint`, by amount; the first row is the amount 0.

    Raises:
        ModalityError: there is no answer whose amount is known, or a setting is out
            of range.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    if of not in ("words", "share"):
        raise ModalityError(f"there is no curve of {of!r}", fix="give words or share")
    if not 0 < confidence < 1 or resamples < 1 or seed < 0:
        raise ModalityError(
            f"confidence {confidence:g}, {resamples} resamples, seed {seed} draw "
            "no interval",
            fix="give a confidence between 0 and 1, resamples above 0, a seed from 0",
        )
    column = "heard_words" if of == "words" else "heard_rate"
    known = heard[heard[column].notna()]
    if not len(known):
        raise ModalityError(
            "of no answer is it known how much was heard",
            fix="give runs with a scripted or recorded agent, or the curve of shares",
        )
    amounts = known[column].to_numpy(dtype=np.float64)
    events = known["interrupted"].to_numpy(dtype=np.bool_)
    at = np.union1d([0.0], amounts)
    curve = _product_limit(amounts, events, at)
    band = _band(known, amounts, events, at, (confidence, resamples, seed))
    rows = [
        SurvivalPoint(
            heard_words=round(amount) if of == "words" else None,
            heard_rate=float(amount) if of == "share" else None,
            at_risk=int(np.sum(amounts >= amount)),
            interrupted=int(np.sum(events & (amounts == amount))),
            censored=int(np.sum(~events & (amounts == amount))),
            survival_rate=float(curve[index]),
            low_rate=None if band is None else float(band[0, index]),
            high_rate=None if band is None else float(band[1, index]),
        )
        for index, amount in enumerate(at)
    ]
    return table(rows, SurvivalPoint)


def check_length(words: int) -> None:
    """Refuse a length, in words, that no answer has.

    Raises:
        ModalityError: it is not 1 to `MOST_WORDS`.
    """
    if not 1 <= words <= MOST_WORDS:
        raise ModalityError(
            f"an answer of {words} words", fix=f"give 1 to {MOST_WORDS}"
        )


def expected_words(survival: pd.DataFrame, words: int) -> float:
    """Return how many words of an answer of `words` are heard, on average.

    Args:
        survival: a curve of words from `heard_survival`.
        words: how long the answer is.

    Raises:
        ModalityError: the curve is one of shares, or there is no such length.
    """
    check_length(words)
    if survival["heard_words"].isna().any():
        raise ModalityError(
            "a curve of shares counts no words", fix='give heard_survival(..., "words")'
        )
    steps = survival["heard_words"].to_numpy(dtype=np.int64)
    rates = survival["survival_rate"].to_numpy(dtype=np.float64)
    row = np.searchsorted(steps, np.arange(words), side="right") - 1
    return float(rates[row].sum())


def _product_limit(
    amounts: FloatArray, events: NDArray[np.bool_], at: FloatArray
) -> FloatArray:
    """Return the share that goes on after each of the sorted amounts `at`."""
    ordered = np.sort(amounts)
    at_risk = len(ordered) - np.searchsorted(ordered, at, side="left")
    struck = np.sort(amounts[events])
    hits = np.searchsorted(struck, at, "right") - np.searchsorted(struck, at, "left")
    survival: FloatArray = np.cumprod(
        1 - hits / np.maximum(at_risk, 1), dtype=np.float64
    )
    return survival


def _band(
    known: pd.DataFrame,
    amounts: FloatArray,
    events: NDArray[np.bool_],
    at: FloatArray,
    drawing: tuple[float, int, int],
) -> FloatArray | None:
    """Return low and high at each amount, from conversations drawn anew."""
    confidence, resamples, seed = drawing
    names = known["conversation"].to_numpy()
    groups = [np.flatnonzero(names == name) for name in dict.fromkeys(names)]
    if len(groups) < FEWEST_CLUSTERS:
        return None
    generator = generator_of(seed)
    curves = []
    for pick in generator.integers(len(groups), size=(resamples, len(groups))):
        rows = np.concatenate([groups[each] for each in pick])
        curves.append(_product_limit(amounts[rows], events[rows], at))
    tail = (1 - confidence) / 2
    drawn = np.array(curves, dtype=np.float64)
    return np.quantile(drawn, [tail, 1 - tail], axis=0)
