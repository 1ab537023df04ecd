"""A run's recording as a browser plays it, within the page."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any, Literal, get_args

import numpy as np
import soundfile as sf

from voicelab.audio.pcm import Samples
from voicelab.errors import InputError

Sound = Literal["mp3", "flac", "none"]
"""How sound is kept in a page: small, exact, or not at all."""

SOUNDS: tuple[Sound, ...] = get_args(Sound)

_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    # A constant rate, or browsers guess where to seek to. At 80 kbit/s; below that a
    # frame has no room for what tells the decoder to drop the encoder's delay.
    "mp3": (
        "audio/mpeg",
        {"format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": 0.5},
    ),
    "flac": ("audio/flac", {"format": "FLAC", "subtype": "PCM_16"}),
}

_FULL_SCALE = np.float32(32768)
_BLOCK_SAMPLES = 1 << 20
"""An hour at once would take a gigabyte."""


def check_sound(name: str) -> Sound:
    """Return the kind of sound of that name.

    Raises:
        InputError: there is none.
    """
    for known in SOUNDS:
        if name == known:
            return known
    raise InputError(
        f"sound is kept as {', '.join(SOUNDS)}, not as {name!r}", fix="name one of them"
    )


def sound_uri(samples: Samples, rate_hz: int, kind: Sound) -> str | None:
    """Return a recording as a `data:` URI that needs no file beside the page.

    Equal samples give equal bytes; both channels keep their place to the sample.

    Args:
        samples: int16 [n, 2].
        rate_hz: their rate.
        kind: MP3 plays everywhere; FLAC, twice its size, loses nothing.

    Returns:
        None if there are no samples, or none are wanted.

    Raises:
        InputError: the sound library here cannot write this format.
    """
    if kind == "none" or not len(samples):
        return None
    mime, settings = _FORMATS[kind]
    encoded = BytesIO()
    try:
        with sf.SoundFile(encoded, "w", rate_hz, samples.shape[1], **settings) as file:
            for first in range(0, len(samples), _BLOCK_SAMPLES):
                # As floats: from 16-bit stereo libsndfile 1.2 makes MP3s of noise.
                block = samples[first : first + _BLOCK_SAMPLES].astype(np.float32)
                file.write(block / _FULL_SCALE)
    except (sf.LibsndfileError, ValueError) as error:
        raise InputError(
            f"the sound library of this machine cannot write {kind.upper()}",
            fix="keep the sound as flac, or none",
        ) from error
    return f"data:{mime};base64,{base64.b64encode(encoded.getvalue()).decode()}"
