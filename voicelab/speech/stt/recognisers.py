"""Recognisers by name."""

from __future__ import annotations

from collections.abc import Callable

from voicelab.speech.names import check_name
from voicelab.speech.stt.cached import CachedRecogniser
from voicelab.speech.stt.engine import Engine, EngineRecogniser
from voicelab.speech.stt.model import Recogniser
from voicelab.speech.stt.moonshine import MoonshineEngine
from voicelab.speech.stt.whisper import WhisperEngine

_ENGINES: dict[str, Callable[[], Engine]] = {
    MoonshineEngine.name: MoonshineEngine,
    WhisperEngine.name: WhisperEngine,
}

RECOGNISER_NAMES = tuple(_ENGINES)
"""The names that `make_recogniser` takes."""


def make_recogniser(name: str, *, cached: bool = True) -> Recogniser:
    """Return a recogniser; its model is loaded when it is first needed.

    Args:
        name: `moonshine` (fast, no word times) or `whisper` (with word times).
        cached: whether transcripts are looked up, and kept, in the default cache.

    Raises:
        ScenarioError: there is no such recogniser.
        MissingPartError: the package that carries it is not installed.
    """
    check_name("recogniser", name, RECOGNISER_NAMES)
    recogniser = EngineRecogniser(_ENGINES[name]())
    return CachedRecogniser(recogniser) if cached else recogniser
