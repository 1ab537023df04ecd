"""How fast each party spoke, on speech that was heard.

Conventions
    Words are those spoken (caller) or heard to their end (agent), with their times.
    `voiced_s` is the time in inter-pausal units: words joined where the silence
    between them is shorter than `ipu_silence_ms` (200 ms; Skantze 2021). `speaking_s`
    is the time from onset to offset of every turn, pauses included. `word_s` is the
    time within words alone. `call_s` is the call, from the caller's first sample.

    A turn whose words nobody told (no labels, a foreign server), or an item of which
    nobody knows how much was heard, has no rate: it is counted in `unknown_turns` and
    stands in none of the sums but `call_s`.

Measures
    `wpm` = words ÷ voiced minutes. `wpm_gross` = words ÷ speaking minutes.
    Both are unknown for a party none of whose words is known.

    Two more, because other tools publish them. `articulation_wpm` = words ÷ minutes
    within words, as Full-Duplex-Bench takes its rate from word times: no pause counts,
    so it is the highest of the four. `call_wpm` = words ÷ minutes of the whole call:
    audiotrace's rate is its sum over both parties, and tells how talkative a call was
    rather than how fast anybody spoke. It is a lower bound where turns are unknown.

    Over many conversations a rate is the quotient of sums, not the mean of rates, and
    its interval draws whole conversations (`voicelab.metrics.statistics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from voicelab.metrics.caller import HeldWord
from voicelab.metrics.facts import Facts
from voicelab.metrics.statistics import (
    CONFIDENCE,
    RESAMPLES,
    FloatArray,
    cluster_bootstrap,
)
from voicelab.units import ms_to_ns, ns_to_s

IPU_SILENCE_MS = 200.0
_S_PER_MIN = 60.0

MEASURES = {
    "wpm": "voiced_s",
    "wpm_gross": "speaking_s",
    "articulation_wpm": "word_s",
    "call_wpm": "call_s",
}
"""Each rate, and the time that it divides the words by."""


class SpeechRate(msgspec.Struct, frozen=True, kw_only=True):
    """The speech rate of one party; the module says what the columns mean.

    Attributes:
        party: `caller` or `agent`.
        words: how many words.
        voiced_s: time in inter-pausal units.
        speaking_s: time in turns.
        word_s: time within words.
        call_s: how long the call was.
        turns: how many turns, or items, these words stand in.
        unknown_turns: how many more there are whose words, or how much of them was
            heard, nobody told.
    """

    party: str
    words: int
    voiced_s: float
    speaking_s: float
    word_s: float
    call_s: float
    turns: int
    unknown_turns: int

    @property
    def wpm(self) -> float | None:
        """Words per voiced minute."""
        return _wpm(self.words, self.voiced_s)

    @property
    def wpm_gross(self) -> float | None:
        """Words per minute of turns."""
        return _wpm(self.words, self.speaking_s)

    @property
    def articulation_wpm(self) -> float | None:
        """Words per minute within words."""
        return _wpm(self.words, self.word_s)

    @property
    def call_wpm(self) -> float | None:
        """Words per minute of the call."""
        return _wpm(self.words, self.call_s)


class PooledRate(msgspec.Struct, frozen=True, kw_only=True):
    """One rate of one party over many conversations.

    Attributes:
        party: `caller` or `agent`.
        measure: which of `MEASURES`.
        conversations: how many it is made of.
        unknown_conversations: how many more there are in which no word of the party
            is known.
        unknown_turns: how many turns were left out, in all conversations.
        words: how many words.
        rate_wpm: the rate; None if no word is known.
        low_wpm: its interval's lower bound; None with fewer than two conversations.
        high_wpm: its upper bound, likewise.
        confidence: of the interval.
    """

    party: str
    measure: str
    conversations: int
    unknown_conversations: int
    unknown_turns: int
    words: int
    rate_wpm: float | None
    low_wpm: float | None
    high_wpm: float | None
    confidence: float


def speech_rates(
    facts: Facts, *, ipu_silence_ms: float = IPU_SILENCE_MS
) -> list[SpeechRate]:
    """Return one row per party, the caller first."""
    silence_ns = ms_to_ns(ipu_silence_ms)
    call_s = max(ns_to_s(facts.log.end_ns), 0.0)
    return [
        _rate("caller", _caller_words(facts), silence_ns, call_s),
        _rate("agent", _agent_words(facts), silence_ns, call_s),
    ]


def pooled_speech_rates(
    runs: Iterable[tuple[str, Sequence[SpeechRate]]],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[PooledRate]:
    """Return each rate of each party over many runs, the caller first.

    Args:
        runs: of each run, which conversation it is of, and what `speech_rates` gave.
            Runs of one conversation resemble each other and are drawn together.
        confidence: of the intervals.
        resamples: how often conversations are drawn.
        seed: of the draws.

    Raises:
        StatisticsError: the confidence or the number of resamples is out of range.
    """
    every = [(name, rate) for name, rates in runs for rate in rates]
    return [
        _pooled(
            party,
            measure,
            [(name, rate) for name, rate in every if rate.party == party],
            confidence=confidence,
            resamples=resamples,
            seed=seed,
        )
        for party in ("caller", "agent")
        for measure in MEASURES
    ]


# -- one run ------------------------------------------------------------------

Words = Sequence[HeldWord] | None
"""The words of a turn; None if nobody told them."""


def _caller_words(facts: Facts) -> Iterator[Words]:
    return (turn.words or None for turn in facts.caller_turns)


def _agent_words(facts: Facts) -> Iterator[Words]:
    """Yield the words of each item that was heard, as far as it was."""
    told = facts.ear_observed or facts.player_observed
    for item in facts.agent_items.values():
        if item.heard:
            # an item that says nothing tells no words, like one nobody told of
            yield item.heard_words() if told and item.words else None


def _rate(
    party: str, turns: Iterable[Words], silence_ns: int, call_s: float
) -> SpeechRate:
    every = list(turns)
    known = [words for words in every if words is not None]
    spoken = [words for words in known if words]
    return SpeechRate(
        party=party,
        words=sum(len(words) for words in spoken),
        voiced_s=ns_to_s(sum(_voiced_ns(words, silence_ns) for words in spoken)),
        speaking_s=ns_to_s(sum(w[-1].end_ns - w[0].start_ns for w in spoken)),
        word_s=ns_to_s(sum(w.end_ns - w.start_ns for words in spoken for w in words)),
        call_s=call_s,
        turns=len(known),
        unknown_turns=len(every) - len(known),
    )


def _voiced_ns(words: Sequence[HeldWord], ipu_silence_ns: int) -> int:
    """Return the span of the words less the silences between units."""
    silences = (after.start_ns - before.end_ns for before, after in pairwise(words))
    pauses = sum(silence for silence in silences if silence >= ipu_silence_ns)
    return words[-1].end_ns - words[0].start_ns - pauses


def _wpm(words: int, seconds: float) -> float | None:
    return words / seconds * _S_PER_MIN if words and seconds else None


# -- many runs ----------------------------------------------------------------


def _pooled(
    party: str,
    measure: str,
    rates: Sequence[tuple[str, SpeechRate]],
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> PooledRate:
    names = dict.fromkeys(name for name, _ in rates)
    known = {name: _pairs(rates, name, MEASURES[measure]) for name in names}
    groups = [pairs for pairs in known.values() if pairs]
    interval = None
    if len(groups) > 1:
        interval = cluster_bootstrap(
            groups, _quotient, confidence=confidence, resamples=resamples, seed=seed
        )
    return PooledRate(
        party=party,
        measure=measure,
        conversations=len(groups),
        unknown_conversations=len(known) - len(groups),
        unknown_turns=sum(rate.unknown_turns for _, rate in rates),
        words=sum(rate.words for _, rate in rates),
        rate_wpm=_quotient(np.concatenate(groups)) if groups else None,
        low_wpm=None if interval is None else interval.low,
        high_wpm=None if interval is None else interval.high,
        confidence=confidence,
    )


def _pairs(
    rates: Sequence[tuple[str, SpeechRate]], name: str, seconds: str
) -> list[float]:
    """Return words and seconds of each run of a conversation, one after the other."""
    of_it = (rate for each, rate in rates if each == name)
    pairs = ((rate.words, getattr(rate, seconds)) for rate in of_it)
    return [number for pair in pairs if all(pair) for number in pair]


def _quotient(pairs: FloatArray) -> float:
    """Return all words over all seconds, in words per minute."""
    return float(pairs[::2].sum() / pairs[1::2].sum() * _S_PER_MIN)
