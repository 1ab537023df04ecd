"""Voices by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from voicelab.speech.names import check_name
from voicelab.speech.tts.cached import CachedVoice
from voicelab.speech.tts.engine import Engine, EngineVoice
from voicelab.speech.tts.kokoro import KOKORO_VOICES, KokoroEngine
from voicelab.speech.tts.model import Voice
from voicelab.speech.tts.piper import JOE, PiperEngine

_ENGINES: dict[str, Callable[[], Engine]] = {
    **{name: partial(KokoroEngine, name) for name in KOKORO_VOICES},
    JOE: PiperEngine,
}

VOICE_NAMES = tuple(_ENGINES)
"""The names that `make_voice` takes."""


def make_voice(name: str, *, cached: bool = True) -> Voice:
    """Return a voice; its model is loaded when it first has something new to say.

    Args:
        name: `heart` or `emma` (female), `michael` or `george` (male), or the fast
            `joe` (male), whose packages are under the GPL.
        cached: whether speech is looked up, and kept, in the default cache.

    Raises:
        ScenarioError: there is no such voice.
        MissingPartError: the packages that carry it are not installed.
    """
    check_name("voice", name, VOICE_NAMES)
    engine = _engine(name)
    engine.require()
    voice = EngineVoice(engine)
    return CachedVoice(voice) if cached else voice


@cache
def _engine(name: str) -> Engine:
    return _ENGINES[name]()
