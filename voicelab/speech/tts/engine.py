"""From a model that speaks symbols to a voice that speaks text.

Text becomes pieces of a sentence each, or less of a long one; every written word
becomes symbols; the model says a piece and tells how long each symbol lasts. From that
follow the words' places in the piece. What is silent around it is cut, and a pause
that suits the last sign is put behind it; so pieces, and clauses said one by one,
follow each other as in speech.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voicelab.audio.levels import saturated
from voicelab.audio.pcm import FULL_SCALE, Samples
from voicelab.errors import ScenarioError
from voicelab.speech.tts.clauses import ends_sentence
from voicelab.speech.tts.model import (
    MAX_SPEED,
    MIN_SPEED,
    Synthesised,
    SynthesisedWord,
)
from voicelab.speech.tts.spoken import read_out
from voicelab.units import ms_to_samples

Audio = npt.NDArray[np.float32]
Span = tuple[int, int]
"""Where a word starts, and the sample behind its end."""

VERSION = "3"
"""Of all that is done here to what a model says; part of every voice's identity."""

SPEECH_LEVEL_DBFS = -23.0
"""The active level of every voice, in the mean over texts; that of the recordings."""

_MOST_WORDS = 100  # read together; nobody says a sentence of more
_MAX_PEAK = 0.97  # of full scale; a piece that would be louder is turned down
_PAUSE_MS = 60.0  # between two words; what is shorter is a joint
_LEAD_IN_MS = 30.0
_TAIL_MS = 30.0
_NO_PAUSE_MS = 30.0
_FADE_MS = 5.0
_SILENT = 10 ** (-50 / 20)  # of full scale, at the level of speech: nobody hears it
_PAUSES_MS = {
    "?": 300.0,
    "!": 300.0,
    ".": 300.0,
    "…": 350.0,
    ";": 220.0,
    ":": 220.0,
    "—": 180.0,
    ",": 150.0,
}
"""The silence behind a piece that ends in this sign, at speed 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a model made of symbols.

    Attributes:
        audio: float32 mono.
        edges_samples: where each symbol starts, and behind them where the last ends;
            one more than there are symbols.
    """

    audio: Audio
    edges_samples: Sequence[int]


class Engine(Protocol):
    """A model that says symbols, such as phonemes: one character each."""

    @property
    def name(self) -> str:
        """The name of its voice."""

    @property
    def identity(self) -> str:
        """Everything that its audio depends on, besides text and speed."""

    @property
    def rate_hz(self) -> int:
        """The sample rate of its audio."""

    @property
    def gain_db(self) -> float:
        """What brings its speech to `SPEECH_LEVEL_DBFS`."""

    @property
    def most_symbols(self) -> int:
        """How many symbols it says well in one piece."""

    def require(self) -> None:
        """Check that its packages are installed.

        Raises:
            MissingPartError: one is not.
        """

    def symbols(self, words: Sequence[str]) -> list[str]:
        """Return the symbols of each word of one sentence.

        Pause signs come last; what it cannot read has none.
        """

    def say(self, symbols: str, speed: float) -> Said:
        """Say symbols, a space between the words.

        Raises:
            MissingPartError: a file of the model is damaged or missing.
        """


@dataclass(frozen=True, slots=True)
class _Word:
    """A written word, or a part of a long one.

    Attributes:
        text: the word as it is written.
        symbols: what it is in symbols; none if it is not said.
        goes_on: whether it is the word before it that goes on.
    """

    text: str
    symbols: str
    goes_on: bool = False


class EngineVoice:
    """A voice that reads text to an engine, sentence by sentence."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        """The name that `make_voice` knows it by."""
        return self._engine.name

    @property
    def identity(self) -> str:
        """Everything that its audio depends on, besides text and speed."""
        return f"{self._engine.identity} {self._engine.gain_db} dB reading {VERSION}"

    @property
    def rate_hz(self) -> int:
        """The sample rate of its audio."""
        return self._engine.rate_hz

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        """Return `text` spoken; a text without a word gives no audio.

        Raises:
            ScenarioError: the speed is not from `MIN_SPEED` to `MAX_SPEED`.
            MissingPartError: a file of the voice is damaged or missing.
        """
        check_speed(speed)
        pieces: list[Samples] = []
        words: list[SynthesisedWord] = []
        offset = 0
        for piece in self._pieces(text.split()):
            samples, spoken = self._spoken_piece(piece, speed, offset)
            pieces.append(samples)
            for word, placed in zip(piece, spoken, strict=True):
                first = words.pop() if word.goes_on else placed
                words.append(replace(first, end_samples=placed.end_samples))
            offset += len(samples)
        joined = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
        return Synthesised(joined, self.rate_hz, tuple(words))

    def _pieces(self, words: Sequence[str]) -> Iterator[list[_Word]]:
        """Yield the words in pieces of a sentence, or less of a long one."""
        for sentence in _sentences(words):
            symbols = self._engine.symbols([read_out(word) for word in sentence])
            most = self._engine.most_symbols
            parts = (
                _parts(text, read, most)
                for text, read in zip(sentence, symbols, strict=True)
            )
            yield from _cut_up([word for each in parts for word in each], most)

    def _spoken_piece(
        self, piece: list[_Word], speed: float, offset: int
    ) -> tuple[Samples, list[SynthesisedWord]]:
        """Return a piece's audio, and its words where they lie from `offset` on."""
        symbols = " ".join(word.symbols for word in piece if word.symbols)
        if not symbols:
            silent = [SynthesisedWord(word.text, offset, offset) for word in piece]
            return np.zeros(0, np.int16), silent
        said = self._engine.say(symbols, speed)
        audio = _levelled(said.audio, self._engine.gain_db)
        pause = ms_to_samples(_PAUSE_MS, self.rate_hz)
        spoken = _to_the_sound(_spans(piece, said.edges_samples), audio, pause)
        spans = _with_unspoken(piece, spoken)
        first = max(0, spans[0][0] - ms_to_samples(_LEAD_IN_MS, self.rate_hz))
        last = min(len(audio), spans[-1][1] + ms_to_samples(_TAIL_MS, self.rate_hz))
        pause_ms = _PAUSES_MS.get(symbols[-1], _NO_PAUSE_MS) / speed
        size = last - first + ms_to_samples(pause_ms, self.rate_hz)
        shift = offset - first
        return _cut(audio, first, last, size, self.rate_hz), [
            SynthesisedWord(word.text, start + shift, end + shift)
            for word, (start, end) in zip(piece, spans, strict=True)
        ]


def check_speed(speed: float) -> None:
    """Check that a voice can speak so fast.

    Raises:
        ScenarioError: it cannot.
    """
    if not (math.isfinite(speed) and MIN_SPEED <= speed <= MAX_SPEED):
        raise ScenarioError(
            f"a voice cannot speak at speed {speed:g}",
            fix=f"choose from {MIN_SPEED} (half as fast) to {MAX_SPEED} (twice)",
        )


def _sentences(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the words of each sentence, or of a part of one that does not end."""
    start = 0
    for index, word in enumerate(words, 1):
        if ends_sentence(word) or index - start == _MOST_WORDS:
            yield words[start:index]
            start = index
    if start < len(words):
        yield words[start:]


def _parts(text: str, symbols: str, most_symbols: int) -> list[_Word]:
    """Return a word in parts of no more symbols than that: one, if it is not long."""
    parts = [""]
    for group in symbols.split():
        for start in range(0, len(group), most_symbols):
            chunk = group[start : start + most_symbols]
            joined = f"{parts[-1]} {chunk}".strip()
            if len(joined) <= most_symbols:
                parts[-1] = joined
            else:
                parts.append(chunk)
    return [_Word(text, part, goes_on=n > 0) for n, part in enumerate(parts)]


def _cut_up(words: list[_Word], most_symbols: int) -> Iterator[list[_Word]]:
    """Yield words in pieces of no more symbols than that, cut at pauses if possible."""
    while words:
        fitting = _fitting(words, most_symbols)
        if fitting < len(words):
            pauses = (n for n in range(fitting, 0, -1) if _pauses(words[n - 1]))
            fitting = next(pauses, fitting)
        yield words[:fitting]
        words = words[fitting:]


def _fitting(words: Sequence[_Word], most_symbols: int) -> int:
    """Return how many words have no more symbols than that together; at least one."""
    sizes = accumulate(len(word.symbols) + 1 for word in words)
    return max(1, sum(size <= most_symbols + 1 for size in sizes))


def _pauses(word: _Word) -> bool:
    return word.symbols[-1:] in _PAUSES_MS


def _spans(words: Sequence[_Word], edges: Sequence[int]) -> list[Span]:
    """Return where each word that is said starts and ends: without its pause sign."""
    spans: list[Span] = []
    position = 0
    for symbols in (word.symbols for word in words if word.symbols):
        spoken = len(symbols.rstrip("".join(_PAUSES_MS)))
        spans.append((edges[position], edges[position + spoken]))
        position += len(symbols) + 1
    return spans


def _with_unspoken(words: Sequence[_Word], spans: Sequence[Span]) -> list[Span]:
    """Return the spans of all words: one that is not said is where the last ended."""
    said = iter(spans)
    placed: list[Span] = []
    for word in words:
        here = placed[-1][1] if placed else spans[0][0]
        placed.append(next(said) if word.symbols else (here, here))
    return placed


def _levelled(audio: Audio, gain_db: float) -> Audio:
    """Return audio at the voice's level, or lower if it were too loud."""
    loud = audio * np.float32(10 ** (gain_db / 20))
    peak = float(np.abs(loud).max(initial=0.0))
    return loud if peak <= _MAX_PEAK else loud * np.float32(_MAX_PEAK / peak)


def _to_the_sound(spans: Sequence[Span], audio: Audio, pause: int) -> list[Span]:
    """Return spans whose edges beside a pause are those of the sound.

    A model counts some of the silence beside a pause to the words.

    Args:
        spans: where the words are by the model.
        audio: the piece.
        pause: the samples between two words that make a pause.
    """
    placed = list(spans)
    audible = np.flatnonzero(np.abs(audio) > _SILENT)
    begin = 0
    for first, last in _phrases(spans, pause):
        after = next((start for start, _ in spans[last + 1 :]), 2 * len(audio))
        end = min(len(audio), (spans[last][1] + after) // 2)
        heard = audible[np.searchsorted(audible, begin) : np.searchsorted(audible, end)]
        if len(heard):
            start = max(begin, min(int(heard[0]), placed[first][1] - 1))
            placed[first] = (start, placed[first][1])
            placed[last] = (
                placed[last][0],
                max(int(heard[-1]) + 1, placed[last][0] + 1),
            )
        begin = end
    return placed


def _phrases(spans: Sequence[Span], pause: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last word of what is said between two pauses."""
    first = 0
    for index, (word, after) in enumerate(pairwise(spans)):
        if after[0] - word[1] > pause:
            yield first, index
            first = index + 1
    if spans:
        yield first, len(spans) - 1


def _cut(audio: Audio, first: int, last: int, size: int, rate_hz: int) -> Samples:
    """Return a stretch of audio, faded at both ends, with silence up to `size`."""
    stretch = audio[first:last].astype(np.float64)
    fade = min(ms_to_samples(_FADE_MS, rate_hz), len(stretch) // 2)
    ramp = (np.arange(fade) + 0.5) / max(1, fade)
    stretch[:fade] *= ramp
    stretch[len(stretch) - fade :] *= ramp[::-1]
    samples, _ = saturated(stretch * FULL_SCALE)
    return np.concatenate([samples, np.zeros(size - len(samples), np.int16)])
