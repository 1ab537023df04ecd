"""Human speech: recordings of Debian's pocketsphinx-testdata, with aligned words.

The package holds five sentences read for LibriVox (public domain) and a few spoken
commands (BSD-2-Clause, as the package). Words are aligned by pocketsphinx with its own
English model: 10 ms frames, then refined by energy like all others.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from pocketsphinx import Decoder

from .utterance import RATE_HZ, Utterance, Word

FRAME_SAMPLES = RATE_HZ // 100
ROOT = Path("/usr/share/pocketsphinx/test/data")
_SPELLING = re.compile(r"[^a-z']+")


class AlignmentError(ValueError):
    """The text is not what the recording says, or not in the aligner's dictionary."""


def read_clip(name: str, text: str) -> Utterance:
    """Return a recording of the package with the words of `text` aligned to it.

    Args:
        name: path below the package's data folder, such as `cards/001.wav`.
        text: what is said, as it should be written.

    Raises:
        FileNotFoundError: the Debian package is not installed.
        AlignmentError: the words cannot be aligned.
    """
    pcm = _read_pcm(ROOT / name)
    spans = _align(pcm, [_plain(word) for word in text.split()])
    words = tuple(
        Word(word, start, end)
        for word, (start, end) in zip(text.split(), spans, strict=True)
    )
    return Utterance((pcm / 32768).astype(np.float32), words)


def _read_pcm(path: Path) -> NDArray[np.int16]:
    if path.suffix == ".raw":
        return np.fromfile(path, "<i2")
    pcm, rate_hz = soundfile.read(path, dtype="int16")
    if rate_hz != RATE_HZ:
        raise ValueError(f"{path} is not at {RATE_HZ} Hz")
    samples: NDArray[np.int16] = pcm
    return samples


def _plain(word: str) -> str:
    """Return a written word as the aligner's dictionary spells it."""
    return _SPELLING.sub("", word.lower())


def _align(pcm: NDArray[np.int16], words: list[str]) -> list[tuple[int, int]]:
    decoder = Decoder(lm=None, loglevel="FATAL")
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    found = [s for s in decoder.seg() or () if not s.word.startswith("<")]
    if [re.sub(r"\(\d+\)$", "", s.word) for s in found] != words:
        raise AlignmentError(f"cannot align {' '.join(words)!r}")
    return [
        (s.start_frame * FRAME_SAMPLES, (s.end_frame + 1) * FRAME_SAMPLES)
        for s in found
    ]
