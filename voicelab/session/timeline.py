"""The audio timeline of one agent item.

One structure holds what was generated, sample by sample and word by word, and
how much of it the conversation still keeps. Truncation milliseconds, kept audio,
token counts and transcript are all read from it, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.session.reply import Samples, SpeechPiece, SpokenWord
from voicelab.session.usage import Tokens, output_audio_tokens, text_tokens
from voicelab.units import MS_PER_S, ms_to_samples, samples_to_whole_ms


@dataclass(slots=True)
class AudioTimeline:
    """What an agent item says, and when in the item.

    Attributes:
        format: the audio's format; positions count samples at its rate.
        samples: how much was generated.
        words: the words, each with the samples it covers.
        transcript: the text generated so far; empty once truncated.
        kept_samples: how much the conversation keeps; None while all of it.
    """

    format: AudioFormat
    samples: int = 0
    words: list[SpokenWord] = field(default_factory=list)
    transcript: str = ""
    kept_samples: int | None = None
    _pieces: list[Samples] = field(default_factory=list)

    def add(self, piece: SpeechPiece) -> None:
        """Append generated audio and its words."""
        self._pieces.append(piece.samples)
        self.samples += len(piece.samples)
        self.words.extend(piece.words)
        if self.kept_samples is None:
            self.transcript += piece.text

    @property
    def duration_ms(self) -> int:
        """Whole milliseconds generated."""
        return samples_to_whole_ms(self.samples, self.format.rate_hz)

    @property
    def held_samples(self) -> int:
        """The samples that the conversation holds now."""
        return self.samples if self.kept_samples is None else self.kept_samples

    @property
    def held_ms(self) -> int:
        """Whole milliseconds that the conversation holds now."""
        return samples_to_whole_ms(self.held_samples, self.format.rate_hz)

    def reaches(self, audio_end_ms: int) -> bool:
        """Whether the item still holds audio up to `audio_end_ms`.

        A client may round a position up to the next whole millisecond; that
        last, partly covered millisecond counts as held.
        """
        return (audio_end_ms - 1) * self.format.rate_hz < self.held_samples * MS_PER_S

    def truncate(self, audio_end_ms: int) -> None:
        """Keep [0, audio_end_ms) and drop the transcript, as the API does.

        No text is aligned to the kept audio on the wire, so none is kept.
        """
        end = ms_to_samples(audio_end_ms, self.format.rate_hz)
        self.kept_samples = min(end, self.held_samples)
        self.transcript = ""

    @property
    def audio_bytes(self) -> int:
        """How much memory the audio takes."""
        return sum(piece.nbytes for piece in self._pieces)

    def let_go_of_audio(self) -> None:
        """Forget the samples; their number, and the words, stay known."""
        self._pieces.clear()

    def held_audio(self) -> Samples:
        """Return the audio that the conversation holds, as one array."""
        if not self._pieces:
            return np.empty(0, dtype=np.int16)
        return np.concatenate(self._pieces)[: self.held_samples]

    def tokens(self) -> Tokens:
        """Return what the held audio and transcript cost."""
        return output_audio_tokens(self.held_ms) + text_tokens(self.transcript)
