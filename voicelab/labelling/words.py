"""The words of turns that were found without knowing them.

Turns are heard some at a time, as many as a recogniser takes in one go. Each word then
goes to the turn that it overlaps most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from voicelab.audio.pcm import Samples
from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.labelling.turns import FoundTurn
from voicelab.scenario.label_model import Word
from voicelab.speech.stt import RecognisedWord, Recogniser

MARGIN_MS = 300.0
"""What is heard before and behind the turns: no sound is cut off."""

PORTION_MS = 28_000.0
"""Speech that is heard in one go, its margins included."""

ASTRAY_MS = 300.0
"""How far from a turn a word may lie and still be the turn's."""

_MIN_WORD_MS = 10.0


@dataclass(slots=True)
class Spoken:
    """What was recognised of one channel's turns.

    Attributes:
        texts: what each turn says, empty where nothing was recognised.
        words: the words of each turn with their times in the recording, if the
            recogniser tells them.
        astray: words that lie in no turn, and are left out.
    """

    texts: list[str] = field(default_factory=list)
    words: list[tuple[Word, ...]] = field(default_factory=list)
    astray: int = 0


def recognise_turns(
    samples: Samples,
    turns: Sequence[FoundTurn],
    recogniser: Recogniser,
    done: Callable[[int], None],
) -> Spoken:
    """Return what is said in turns of one channel.

    Args:
        samples: the channel, int16 at 16 kHz.
        turns: in order, apart from each other.
        recogniser: with word times, or without: then there are texts only.
        done: is told how many further turns are done.

    Raises:
        MissingPartError: the recogniser's model is not there, or is damaged.
    """
    spoken = Spoken()
    for portion in _portions(turns, PORTION_MS if recogniser.has_word_times else 0.0):
        start_ms = max(portion[0].start_ms - MARGIN_MS, 0.0)
        heard = recogniser.recognise(
            samples[_at(start_ms) : _at(portion[-1].end_ms + MARGIN_MS)]
        )
        if recogniser.has_word_times:
            _add(spoken, portion, heard.words, _at(start_ms) * 1_000 / VAD_RATE_HZ)
        else:
            spoken.texts.append(heard.text)
            spoken.words.append(())
        done(len(portion))
    return spoken


def _portions(turns: Sequence[FoundTurn], limit_ms: float) -> Iterator[list[FoundTurn]]:
    portion: list[FoundTurn] = []
    held_ms = 0.0
    for turn in turns:
        length_ms = turn.end_ms - turn.start_ms + 2 * MARGIN_MS
        if portion and held_ms + length_ms > limit_ms:
            yield portion
            portion, held_ms = [], 0.0
        portion.append(turn)
        held_ms += length_ms
    if portion:
        yield portion


def _add(
    spoken: Spoken,
    turns: Sequence[FoundTurn],
    words: Sequence[RecognisedWord],
    from_ms: float,
) -> None:
    """Hand words out to turns; their times count from `from_ms`."""
    found: list[list[Word]] = [[] for _ in turns]
    for word in words:
        start_ms, end_ms = word.start_ms + from_ms, word.end_ms + from_ms
        index = max(
            range(len(turns)), key=lambda i: _overlap_ms(turns[i], start_ms, end_ms)
        )
        if _overlap_ms(turns[index], start_ms, end_ms) < -ASTRAY_MS:
            spoken.astray += 1
        else:
            found[index].append(_inside(turns[index], word.text, start_ms, end_ms))
    for each in found:
        spoken.texts.append(" ".join(word.text for word in each))
        spoken.words.append(tuple(sorted(each, key=lambda word: word.start_ms)))


def _overlap_ms(turn: FoundTurn, start_ms: float, end_ms: float) -> float:
    """Return how long a word lies in a turn; below 0, how far it is from it."""
    return min(turn.end_ms, end_ms) - max(turn.start_ms, start_ms)


def _inside(turn: FoundTurn, text: str, start_ms: float, end_ms: float) -> Word:
    """Return the word, cut to lie in its turn."""
    latest_ms = turn.end_ms - _MIN_WORD_MS
    start_ms = round(min(max(start_ms, turn.start_ms), latest_ms), 1)
    end_ms = round(min(max(end_ms, start_ms + _MIN_WORD_MS), turn.end_ms), 1)
    return Word(text, start_ms, end_ms)


def _at(ms: float) -> int:
    return round(ms * VAD_RATE_HZ / 1_000)
