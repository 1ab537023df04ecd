"""Speech to text: recognisers, text of a turn under way, and word errors."""

from __future__ import annotations

from voicelab.speech.stt.cached import CachedRecogniser
from voicelab.speech.stt.engine import Engine, EngineRecogniser
from voicelab.speech.stt.model import RecognisedWord, Recogniser, Transcript
from voicelab.speech.stt.partials import STEP_MS, Partials
from voicelab.speech.stt.recognisers import RECOGNISER_NAMES, make_recogniser
from voicelab.speech.stt.word_error import (
    WordErrors,
    normalised_words,
    pooled,
    word_errors,
)

__all__ = [
    "RECOGNISER_NAMES",
    "STEP_MS",
    "CachedRecogniser",
    "Engine",
    "EngineRecogniser",
    "Partials",
    "RecognisedWord",
    "Recogniser",
    "Transcript",
    "WordErrors",
    "make_recogniser",
    "normalised_words",
    "pooled",
    "word_errors",
]
