"""Moonshine tiny (English, MIT licence): fast, for partial and final transcripts.

Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice
Commands" (2024). The weights lie in the package `moonshine-voice`, 0.1.0 being the
last version that carries them; later ones would download.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicelab.audio.pcm import FULL_SCALE, Samples
from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.errors import MissingPartError
from voicelab.speech.model_files import Part
from voicelab.speech.stt.model import Transcript

if TYPE_CHECKING:
    from moonshine_voice.transcriber import Transcriber

_PART = Part("the recogniser moonshine", ("moonshine_voice",))
_SHA256 = {
    "decoder_model_merged.ort": (
        "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"
    ),
    "encoder_model.ort": (
        "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"
    ),
    "tokenizer.bin": (
        "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"
    ),
}
_OPTIONS = {
    # Its own voice activity detection writes short words into silence; ours has
    # chosen what it hears, and all of that is one segment.
    "vad_threshold": "0.0",
    "vad_max_segment_duration": "60",
    "identify_speakers": "false",
    "return_audio_data": "false",
}


class MoonshineEngine:
    """Moonshine tiny-en; loaded when it first hears something.

    Raises:
        MissingPartError: the package is not installed.
    """

    name = "moonshine"
    identity = "moonshine-tiny-en-cf524c4862d36e9e-0.1.0-1"
    has_word_times = False
    limit_samples = 15 * VAD_RATE_HZ  # its cost grows faster than what it hears

    def __init__(self) -> None:
        self._folder = _PART.folder("moonshine_voice") / "assets" / "tiny-en"
        self._model: Transcriber | None = None

    def hear(self, samples: Samples) -> Transcript:
        """Return what is said in one window, int16 mono at 16 kHz.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
        if self._model is None:
            self._model = self._loaded()
        audio = (samples / FULL_SCALE).tolist()
        heard = self._model.transcribe_without_streaming(audio, VAD_RATE_HZ)
        return Transcript(" ".join(line.text.strip() for line in heard.lines))

    def _loaded(self) -> Transcriber:
        _PART.check(self._folder, _SHA256)
        try:
            from moonshine_voice.moonshine_api import ModelArch  # noqa: PLC0415 -- slow
            from moonshine_voice.transcriber import (  # noqa: PLC0415 -- slow
                Transcriber,
            )

            return Transcriber(
                model_path=str(self._folder),
                model_arch=ModelArch.TINY,
                options=_OPTIONS,
            )
        except (ImportError, OSError, RuntimeError) as fault:
            raise MissingPartError(
                f"{_PART.name} cannot be loaded ({fault})", fix=_PART.fix
            ) from fault
