"""How fast each party spoke, on speech that was heard.

Conventions
    Words are those spoken (caller) or heard to their end (agent), with their times.
    `voiced_s` is the time in inter-pausal units: words joined where the silence
    between them is shorter than `ipu_silence_ms` (200 ms; Skantze 2021). `speaking_s`
    is the time from onset to offset of every turn, pauses included.

Measures
    `wpm` = words ÷ voiced minutes. `wpm_gross` = words ÷ speaking minutes.
    Both are unknown for a party whose word times nobody told.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from voicelab.metrics.caller import HeldWord
from voicelab.metrics.facts import Facts
from voicelab.units import ms_to_ns, ns_to_s

IPU_SILENCE_MS = 200.0
_S_PER_MIN = 60.0


class SpeechRate(msgspec.Struct, frozen=True):
    """The speech rate of one party.

    Attributes:
        party: `caller` or `agent`.
        words: how many words.
        voiced_s: time in inter-pausal units.
        speaking_s: time in turns.
    """

    party: str
    words: int
    voiced_s: float
    speaking_s: float

    @property
    def wpm(self) -> float | None:
        """Words per voiced minute."""
        return self.words / self.voiced_s * _S_PER_MIN if self.voiced_s else None

    @property
    def wpm_gross(self) -> float | None:
        """Words per minute of turns."""
        return self.words / self.speaking_s * _S_PER_MIN if self.speaking_s else None


def speech_rates(
    facts: Facts, *, ipu_silence_ms: float = IPU_SILENCE_MS
) -> list[SpeechRate]:
    """Return one row per party, the caller first."""
    caller = [turn.words for turn in facts.caller_turns]
    agent = [item.heard_words() for item in facts.agent_items.values() if item.heard]
    return [
        _rate("caller", caller, ipu_silence_ms),
        _rate("agent", agent, ipu_silence_ms),
    ]


def _rate(
    party: str, turns: Iterable[Iterable[HeldWord]], ipu_silence_ms: float
) -> SpeechRate:
    count = voiced_ns = speaking_ns = 0
    for turn in turns:
        words = list(turn)
        if not words:
            continue
        count += len(words)
        speaking_ns += words[-1].end_ns - words[0].start_ns
        voiced_ns += _voiced_ns(words, ms_to_ns(ipu_silence_ms))
    return SpeechRate(party, count, ns_to_s(voiced_ns), ns_to_s(speaking_ns))


def _voiced_ns(words: list[HeldWord], ipu_silence_ns: int) -> int:
    """Return the span of the words less the silences between units."""
    silences = (after.start_ns - before.end_ns for before, after in pairwise(words))
    pauses = sum(silence for silence in silences if silence >= ipu_silence_ns)
    return words[-1].end_ns - words[0].start_ns - pauses
