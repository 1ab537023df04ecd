"""Word errors against speaking rate, and what of a rate is left to be understood.

Conventions
    A cell holds what was heard at one speed in one condition. Its word error rate is
    all errors over all words; `understood_wpm` is the rate of speech less that share,
    `wpm_gross * (1 - word_error_rate)`, and not below 0.

Uncertainty
    Intervals draw whole answers (`voicelab.metrics.ratios`): words of one answer fail
    together, and one answer is heard in several voices. `added_rate` compares each
    answer with itself at speed 1, in the same voice, so that what a recogniser never
    gets (names, spelling) cancels out. Answers are few; other texts, voices and
    listeners are not in the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from voicelab.document import one_of
from voicelab.errors import ModalityError
from voicelab.metrics.ratios import ratio_interval
from voicelab.metrics.statistics import FEWEST_CLUSTERS, Interval
from voicelab.modality.listening import Listened
from voicelab.paths import data_dir

if TYPE_CHECKING:
    import pandas as pd

CONDITIONS = ("lever", "voice", "line", "snr_db", "recogniser")
"""What may differ between cells of one speed."""

POOLED = ("lever", "voice", "line", "recogniser")
"""Which of them can be pooled."""

_FILE = "intelligibility.csv"
_S_PER_MIN = 60
_OWN_SPEED = 1.0


class Intelligibility(msgspec.Struct, frozen=True, kw_only=True):
    """How well speech of one speed can be made out in one condition.

    Attributes:
        speed: how many times as fast as the voice speaks by itself.
        lever: what made it so fast: `voice` or `stretch`.
        voice: who speaks; several, where they are pooled.
        line: `wide` or `telephone`.
        snr_db: how far the noise lies below the speech; None without any.
        recogniser: who listens.
        answers: how many different answers were heard.
        words: how many words, as they are compared.
        errors: words replaced, dropped and added.
        wpm_gross: words as they are written, per minute from the first to the last,
            pauses included.
        word_error_rate: errors over words.
        low: its interval's lower bound, by answer; None with fewer than two.
        high: its upper bound, likewise.
        added_rate: the word error rate less that at speed 1; None where that was not
            measured.
        added_low: its interval's lower bound, likewise.
        added_high: its upper bound, likewise.
        understood_wpm: `wpm_gross` less the share of errors.
        understood_low: that with the upper bound of the errors.
        understood_high: that with their lower bound.
    """

    speed: float
    lever: str
    voice: str
    line: str
    snr_db: float | None
    recogniser: str
    answers: int
    words: int
    errors: int
    wpm_gross: float
    word_error_rate: float
    low: float | None
    high: float | None
    added_rate: float | None
    added_low: float | None
    added_high: float | None
    understood_wpm: float
    understood_low: float | None
    understood_high: float | None


def bundled_listening() -> pd.DataFrame:
    """Return what was measured once with all voices and recognisers named in it.

    It was made by `data/build/intelligibility.py` and needs no extra.

    Returns:
        Rows as those of `voicelab.modality.listen`.

    Raises:
        InputError: the bundled data is missing.
    """
    import pandas as pd  # noqa: PLC0415 -- pandas takes 0.3 s

    from voicelab.record.tables import columns  # noqa: PLC0415 -- pandas takes 0.3 s

    dtypes = columns(Listened)
    return pd.read_csv(data_dir() / _FILE, dtype=dtypes)[list(dtypes)]


def intelligibility(
    listening: pd.DataFrame, *, pool: Sequence[str] = ("voice",), seed: int = 0
) -> pd.DataFrame:
    """Return the word errors at each speed in each condition.

    Args:
        listening: rows of `voicelab.modality.listen`, or some of them.
        pool: conditions that are not told apart: `lever`, `voice`, `line` or
            `recogniser`.
        seed: of the draws behind the intervals.

    Returns:
        A row for each condition and speed, speeds in order; the columns are those of
        `Intelligibility`.

    Raises:
        ModalityError: something cannot be pooled, an answer was heard twice in one
            condition at one speed, or has no word.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    for name in pool:
        if name not in POOLED:
            raise ModalityError(
                f"{name!r} cannot be pooled", fix=f"give {one_of(POOLED)}"
            )
    paired = _paired(listening)
    keys = [name for name in CONDITIONS if name not in pool]
    cells = paired.groupby([*keys, "speed"], sort=False, dropna=False)
    told = sorted((_cell(rows, seed) for _, rows in cells), key=_place)
    return table(told, Intelligibility)


def _paired(listening: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, each with the errors of the same answer at speed 1."""
    same = [*CONDITIONS, "answer"]
    if listening.duplicated([*same, "speed"]).any():
        raise ModalityError(
            "an answer was heard twice in one condition at one speed",
            fix="give each row once",
        )
    if (listening[["words", "spoken_s"]] <= 0).any(axis=None):
        raise ModalityError(
            "an answer has no word, or takes no time", fix="leave its rows out"
        )
    own = listening[listening["speed"] == _OWN_SPEED]
    base = own[[*same, "errors"]].rename(columns={"errors": "own_errors"})
    return listening.merge(base, on=same, how="left")


def _cell(rows: pd.DataFrame, seed: int) -> Intelligibility:
    by_answer = rows.groupby("answer", sort=False)
    words = by_answer["words"].sum().to_list()
    errors = by_answer["errors"].sum().to_list()
    rate = sum(errors) / sum(words)
    bounds = _interval(errors, words, seed)
    added = None
    if rows["own_errors"].notna().all():
        more = (rows["errors"] - rows["own_errors"]).groupby(rows["answer"], sort=False)
        added = more.sum().to_list()
    change = None if added is None else _interval(added, words, seed)
    wpm = float(rows["spoken_words"].sum() * _S_PER_MIN / rows["spoken_s"].sum())
    first = rows.iloc[0]
    return Intelligibility(
        speed=float(first["speed"]),
        **{name: " + ".join(dict.fromkeys(rows[name])) for name in POOLED},
        snr_db=_number(first["snr_db"]),
        answers=len(words),
        words=sum(words),
        errors=sum(errors),
        wpm_gross=wpm,
        word_error_rate=rate,
        low=None if bounds is None else bounds.low,
        high=None if bounds is None else bounds.high,
        added_rate=None if added is None else sum(added) / sum(words),
        added_low=None if change is None else change.low,
        added_high=None if change is None else change.high,
        understood_wpm=_understood(wpm, rate),
        understood_low=None if bounds is None else _understood(wpm, bounds.high),
        understood_high=None if bounds is None else _understood(wpm, bounds.low),
    )


def _interval(
    numbers: Sequence[float], words: Sequence[int], seed: int
) -> Interval | None:
    if len(words) < FEWEST_CLUSTERS:
        return None
    return ratio_interval(numbers, words, seed=seed)


def _understood(wpm: float, error_rate: float) -> float:
    return wpm * max(1 - error_rate, 0.0)


def _number(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 -- NaN


def _place(cell: Intelligibility) -> tuple[str, str, str, str, float, float]:
    quiet_first = -1e9 if cell.snr_db is None else -cell.snr_db
    named = (cell.recogniser, cell.voice, cell.lever, cell.line)
    return (*named, quiet_first, cell.speed)
