"""Text to speech: voices that know where each word lies in their audio."""

from __future__ import annotations

from voicelab.speech.tts.clauses import ClauseSplitter, clauses
from voicelab.speech.tts.model import (
    MAX_SPEED,
    MIN_SPEED,
    Synthesised,
    SynthesisedWord,
    Voice,
)
from voicelab.speech.tts.voices import VOICE_NAMES, make_voice

__all__ = [
    "MAX_SPEED",
    "MIN_SPEED",
    "VOICE_NAMES",
    "ClauseSplitter",
    "Synthesised",
    "SynthesisedWord",
    "Voice",
    "clauses",
    "make_voice",
]
