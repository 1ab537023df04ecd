"""One line of a script as sound: sentences joined, pauses put in, edges found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from .clips import read_clip
from .edges import RECORDED, SYNTHETIC, active_rms, refine
from .kokoro import Kokoro
from .script import Line, Voice
from .utterance import Samples, Utterance, Word, faded, ms_to_samples

SENTENCE_GAP_MS = 280.0
CHUNK_CHARACTERS = 170
MARGIN_BEFORE_MS = 30.0
MARGIN_AFTER_MS = 60.0
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")


def speak(line: Line, voice: Voice, kokoro: Kokoro) -> Utterance:
    """Return the line spoken: Kokoro's voice, or the human clip that it names."""
    if line.clip is not None:
        return _trimmed(refine(read_clip(line.clip, line.text), RECORDED))
    speed = line.speed or voice.speed
    said = _joined(
        _trimmed(refine(kokoro.say(chunk, voice.voice, speed), SYNTHETIC))
        for chunk in _chunks(line.text)
    )
    return _trimmed(_with_pauses(said, line.pauses_ms))


def level_gain(utterances: Iterable[Utterance], level_db: float) -> float:
    """Return the gain that brings the speech level to `level_db` dBFS, unclipped."""
    samples = np.concatenate([u.samples for u in utterances])
    wanted = 10 ** (level_db / 20) / active_rms(samples)
    return float(min(wanted, 0.89 / np.abs(samples).max()))


def _chunks(text: str) -> list[str]:
    """Break a text into runs of sentences short enough to be said well."""
    chunks: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        if chunks and len(chunks[-1]) + len(sentence) < CHUNK_CHARACTERS:
            chunks[-1] += " " + sentence
        else:
            chunks.append(sentence)
    return chunks


def _joined(parts: Iterable[Utterance]) -> Utterance:
    """Join utterances so that `SENTENCE_GAP_MS` lies between their words."""
    between_ms = SENTENCE_GAP_MS - MARGIN_BEFORE_MS - MARGIN_AFTER_MS
    silence = np.zeros(ms_to_samples(between_ms), np.float32)
    blocks: list[Samples] = []
    words: list[Word] = []
    position = 0
    for part in parts:
        if blocks:
            blocks.append(silence)
            position += len(silence)
        blocks.append(part.samples)
        words += [word.moved(position) for word in part.words]
        position += len(part.samples)
    return Utterance(np.concatenate(blocks), tuple(words))


def _with_pauses(said: Utterance, pauses_ms: dict[int, float]) -> Utterance:
    """Stretch the silence after the given words to the given lengths."""
    for index, pause_ms in sorted(pauses_ms.items(), reverse=True):
        said = _with_pause(said, index, ms_to_samples(pause_ms))
    if pauses_ms:
        said = refine(said, SYNTHETIC)
    pauses = tuple(
        (said.words[index].end_samples, said.words[index + 1].start_samples)
        for index in sorted(pauses_ms)
    )
    return replace(said, pauses=pauses)


def _with_pause(said: Utterance, index: int, pause_samples: int) -> Utterance:
    start, stop = said.words[index].end_samples, said.words[index + 1].start_samples
    missing = max(0, pause_samples - (stop - start))
    cut = (start + stop) // 2
    silence = np.zeros(missing, np.float32)
    samples = [faded(said.samples[:cut]), silence, faded(said.samples[cut:])]
    later = tuple(word.moved(missing) for word in said.words[index + 1 :])
    return Utterance(np.concatenate(samples), (*said.words[: index + 1], *later))


def _trimmed(said: Utterance) -> Utterance:
    """Cut to the words with a little margin, and fade the ends."""
    start = max(0, said.onset_samples - ms_to_samples(MARGIN_BEFORE_MS))
    stop = min(len(said.samples), said.end_samples + ms_to_samples(MARGIN_AFTER_MS))
    return Utterance(
        faded(said.samples[start:stop]),
        tuple(word.moved(-start) for word in said.words),
        tuple((a - start, b - start) for a, b in said.pauses),
    )
