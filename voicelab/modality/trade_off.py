"""When speech is the wrong channel: the time that an answer of N words takes.

Model
    An exchange is a question and its answer. All words of the answer are taken in.

        seconds = question ÷ input rate + response latency + N ÷ rate
                  + barge-ins * what one costs

    The input is spoken, typed, typed on a telephone, or none. Heard words come at
    `listening_wpm * speed`, read and skimmed ones at the reader's own rate. Only what
    is heard can be interrupted: `barge_ins_per_100_words * N / 100` times, and each
    time costs the stop, what the caller says, another response latency, and the words
    that are said again. What it costs to take in less, or to forget more, is not in
    it: skimming is not as good as reading, and reading not the same as listening.

Uncertainty
    Monte Carlo: each assumption is drawn from its triangular distribution,
    independently, `draws` times by `seed`; the same draws serve all lengths and
    channels. `p50` is the median of what comes out, `low` and `high` bound the middle
    `confidence` of it. It is the spread over people and systems, not the error of a
    mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
import numpy as np

from voicelab.document.shapes import one_of
from voicelab.errors import ModalityError
from voicelab.metrics.statistics import FloatArray
from voicelab.modality.assumptions import NAMES, Assumptions, Quantity
from voicelab.modality.heard import check_length, expected_words

if TYPE_CHECKING:
    import pandas as pd

Channel: TypeAlias = Literal["listening", "reading", "skimming"]
Input: TypeAlias = Literal["speaking", "typing", "mobile_typing", "none"]

CHANNELS: tuple[Channel, ...] = ("listening", "reading", "skimming")
INPUTS: tuple[Input, ...] = ("speaking", "typing", "mobile_typing", "none")
WORDS = (5, 10, 25, 50, 100, 200, 400, 800)
DRAWS = 4000
CONFIDENCE = 0.9
_FEWEST_DRAWS = 100
_S_PER_MIN = 60.0


class TradeOff(msgspec.Struct, frozen=True, kw_only=True):
    """The time that an answer of some length takes over one channel.

    Attributes:
        words: how long the answer is.
        channel: `listening`, `reading` or `skimming`.
        seconds_p50: the median, in seconds from the question's first word to the end
            of the answer.
        seconds_low: the lower bound of the middle `confidence`.
        seconds_high: its upper bound.
        input: how the question is put.
        heard_words: listening: how much of the answer is expected to be heard before
            the first barge-in; otherwise all of it.
        confidence: how much of the spread lies between the bounds.
    """

    words: int
    channel: str
    seconds_p50: float
    seconds_low: float
    seconds_high: float
    input: str
    heard_words: float
    confidence: float


class BreakEven(msgspec.Struct, frozen=True, kw_only=True):
    """From which length of the answer on text is faster than speech.

    Attributes:
        channel: how the text is taken in: `reading` or `skimming`.
        words_p50: the median length; 0 if text is faster at any length, infinite if
            at none.
        words_low: the lower bound of the middle `confidence`, likewise.
        words_high: its upper bound, likewise.
        always_rate: the share of draws in which text is faster at any length.
        never_rate: the share in which it is at none.
        voice_input: how the question is put where the answer is heard.
        text_input: how it is put where the answer is read.
        confidence: how much of the spread lies between the bounds.
    """

    channel: str
    words_p50: float
    words_low: float
    words_high: float
    always_rate: float
    never_rate: float
    voice_input: str
    text_input: str
    confidence: float


def trade_off(
    words: Sequence[int] = WORDS,
    assumptions: Assumptions | None = None,
    *,
    voice_input: Input = "speaking",
    text_input: Input = "typing",
    survival: pd.DataFrame | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Return how long answers take over each channel, one row per length and channel.

    Args:
        words: lengths of the answer.
        assumptions: what is known of people; by default `Assumptions()`.
        voice_input: how the question is put where the answer is heard.
        text_input: how it is put where the answer is read.
        survival: what `heard_survival` gave, of words: `heard_words` comes from it
            instead of from an even rate of barge-ins. The seconds do not: all of an
            answer is taken in.
        draws: how often the assumptions are drawn.
        seed: of the draws.
        confidence: how much of the spread lies between low and high.

    Returns:
        The columns of `TradeOff`.

    Raises:
        ModalityError: a length or a setting is out of range.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    for length in words:
        check_length(length)
    drawn = _Drawn(assumptions or Assumptions(), draws, seed)
    inputs = dict.fromkeys(CHANNELS, text_input) | {"listening": voice_input}
    _check((voice_input, text_input), confidence)
    rows = [
        _row(drawn, length, channel, inputs[channel], confidence)
        for length in words
        for channel in CHANNELS
    ]
    if survival is not None:
        rows = [_with_survival(row, survival) for row in rows]
    return table(rows, TradeOff)


def break_even(
    assumptions: Assumptions | None = None,
    *,
    voice_input: Input = "speaking",
    text_input: Input = "typing",
    draws: int = DRAWS,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Return from which length on text is faster, a row for reading and for skimming.

    Both sides are straight lines in N, so this is where they cross. Arguments and
    errors are those of `trade_off`.

    Returns:
        The columns of `BreakEven`.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    drawn = _Drawn(assumptions or Assumptions(), draws, seed)
    _check((voice_input, text_input), confidence)
    voice = drawn.line("listening", voice_input)
    rows = []
    for channel in CHANNELS[1:]:
        crossing = _crossing(voice, drawn.line(channel, text_input))
        low, middle, high = _spread(crossing, confidence)
        rows.append(
            BreakEven(
                channel=channel,
                words_p50=middle,
                words_low=low,
                words_high=high,
                always_rate=float(np.mean(crossing == 0)),
                never_rate=float(np.mean(np.isinf(crossing))),
                voice_input=voice_input,
                text_input=text_input,
                confidence=confidence,
            )
        )
    return table(rows, BreakEven)


@dataclass(frozen=True, slots=True)
class _Line:
    """Seconds as a straight line in the words of an answer, one for each draw."""

    start_s: FloatArray
    per_word_s: FloatArray

    def at(self, words: int) -> FloatArray:
        return self.start_s + words * self.per_word_s


class _Drawn:
    """The assumptions, drawn many times: a float64 [draws] for each."""

    def __init__(self, assumptions: Assumptions, draws: int, seed: int) -> None:
        if draws < _FEWEST_DRAWS:
            raise ModalityError(
                f"{draws} draws are too few for bounds",
                fix=f"give {_FEWEST_DRAWS} or more",
            )
        if seed < 0:
            raise ModalityError(f"the seed {seed} is negative", fix="give 0 or more")
        # each by a generator of its own: one more changes no other
        seeds = np.random.SeedSequence(seed).spawn(len(NAMES))
        self._of = {
            name: _triangular(getattr(assumptions, name), draws, each)
            for name, each in zip(NAMES, seeds, strict=True)
        }

    @property
    def heard_wpm(self) -> FloatArray:
        """How fast an answer is heard."""
        return self._of["listening_wpm"] * self._of["speed"]

    @property
    def barge_ins_per_word(self) -> FloatArray:
        return self._of["barge_ins_per_100_words"] / 100

    def line(self, channel: Channel, by: Input) -> _Line:
        """Return the time of an exchange over one channel."""
        if channel == "listening":
            per_word_s = _S_PER_MIN / self.heard_wpm
            per_word_s = per_word_s + self.barge_ins_per_word * self._barge_in_s()
            return _Line(self._asking_s(by) + self._of["voice_latency_s"], per_word_s)
        per_word_s = _S_PER_MIN / self._of[f"{channel}_wpm"]
        return _Line(self._asking_s(by) + self._of["text_latency_s"], per_word_s)

    def _asking_s(self, by: Input) -> FloatArray:
        if by == "none":
            return np.zeros_like(self._of["question_words"])
        return self._of["question_words"] * _S_PER_MIN / self._of[f"{by}_wpm"]

    def _barge_in_s(self) -> FloatArray:
        """Return what one barge-in adds to the time of the exchange."""
        said_s = self._of["barge_in_words"] * _S_PER_MIN / self._of["speaking_wpm"]
        again_s = self._of["repeated_words"] * _S_PER_MIN / self.heard_wpm
        waited_s = self._of["stop_latency_s"] + self._of["voice_latency_s"]
        return said_s + again_s + waited_s


def _row(
    drawn: _Drawn, words: int, channel: Channel, by: Input, confidence: float
) -> TradeOff:
    low, middle, high = _spread(drawn.line(channel, by).at(words), confidence)
    heard = float(words)
    if channel == "listening":
        heard = float(np.mean(_heard_at_a_rate(words, drawn.barge_ins_per_word)))
    return TradeOff(
        words=words,
        channel=channel,
        seconds_p50=middle,
        seconds_low=low,
        seconds_high=high,
        input=by,
        heard_words=heard,
        confidence=confidence,
    )


def _with_survival(row: TradeOff, survival: pd.DataFrame) -> TradeOff:
    if row.channel != "listening":
        return row
    heard = expected_words(survival, row.words)
    return msgspec.structs.replace(row, heard_words=heard)


def _heard_at_a_rate(words: int, per_word: FloatArray) -> FloatArray:
    """Return the words expected to be heard before the first barge-in.

    Barge-ins fall evenly: the chance of none in w words is exp(-rate w).
    """
    rare = per_word * words < 1e-9  # noqa: PLR2004 -- below, the quotient loses digits
    rate = np.where(rare, 1.0, per_word)
    return np.where(rare, float(words), -np.expm1(-rate * words) / rate)


def _crossing(voice: _Line, text: _Line) -> FloatArray:
    """Return from how many words on text is faster, for each draw."""
    ahead_s = text.start_s - voice.start_s
    gain_s = voice.per_word_s - text.per_word_s
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = ahead_s / gain_s
    # slower by the word, text leads at most in short answers: no length from which on
    crossing = np.where(gain_s > 0, np.maximum(crossing, 0.0), np.inf)
    return np.where((gain_s == 0) & (ahead_s < 0), 0.0, crossing)


def _spread(values: FloatArray, confidence: float) -> tuple[float, float, float]:
    """Return low, median and high; values that were drawn, as some are infinite."""
    tail = (1 - confidence) / 2
    bounds = np.quantile(values, [tail, 0.5, 1 - tail], method="inverted_cdf")
    low, middle, high = (float(bound) for bound in bounds)
    return low, middle, high


def _triangular(
    quantity: Quantity, draws: int, seed: np.random.SeedSequence
) -> FloatArray:
    """Draw from the triangular distribution of a range, by its inverse."""
    low, likely, high = quantity.low, quantity.likely, quantity.high
    if low == high:
        return np.full(draws, float(low))
    share = np.random.Generator(np.random.PCG64(seed)).random(draws)
    width, rise = high - low, likely - low
    below = low + np.sqrt(share * width * rise)
    above = high - np.sqrt((1 - share) * width * (high - likely))
    return np.where(share < rise / width, below, above)


def _check(inputs: Sequence[str], confidence: float) -> None:
    for each in inputs:
        if each not in INPUTS:
            raise ModalityError(
                f"there is no input {each!r}", fix=f"give {one_of(INPUTS)}"
            )
    if not 0 < confidence < 1:
        raise ModalityError(f"a confidence is between 0 and 1, not {confidence:g}")
