"""Opens a run folder: checks that it is whole and of a version that is known."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.errors import RunFormatError
from voicelab.record.folder import AUDIO, EVENTS, MANIFEST, SCHEMA_VERSION

_CHANNELS = 2
_SAMPLE_BYTES = 2
_AGAIN = "run the scenario again"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run folder, after a look at the rest of it.

    Raises:
        RunFormatError: there is no such folder, a file is missing from it, the
            manifest is no JSON object, or its schema version is another.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "there is no such folder"
        raise RunFormatError(what, file=folder, fix="give a folder that holds a run")
    for name in (MANIFEST, EVENTS, AUDIO):
        if not (folder / name).is_file():
            raise RunFormatError(
                f"this folder holds no whole run: {name} is missing",
                file=folder,
                fix=_AGAIN,
            )
    file = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise RunFormatError(
            f"is not a manifest ({error})", file=file, fix=_AGAIN
        ) from error
    return check_manifest(manifest, file)


def check_manifest(manifest: dict[str, Any], file: Path | str) -> dict[str, Any]:
    """Return a manifest that says what it must.

    Raises:
        RunFormatError: the schema version is another, or there is no run id.
    """
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        raise RunFormatError(
            f"has schema version {version}, and this voicelab reads "
            f"version {SCHEMA_VERSION}",
            file=file,
            path="schema_version",
            fix=f"{_AGAIN}, or read it with the voicelab that wrote it",
        )
    if not isinstance(manifest.get("run_id"), str):
        raise RunFormatError("the run has no id", file=file, path="run_id", fix=_AGAIN)
    return manifest


def map_audio(file: Path, rate_hz: int) -> Samples:
    """Return a run's recording, int16 [n, 2], read from disk as it is used.

    Raises:
        RunFormatError: the file is no whole 16-bit stereo WAV at `rate_hz`.
    """
    try:
        with wave.open(str(file), "rb") as sound:
            shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            frames = sound.getnframes()
    except (wave.Error, EOFError, OSError) as error:
        reason = str(error) or "it is cut short"  # an EOFError says nothing
        raise RunFormatError(
            f"is not a recording of a run ({reason})", file=file, fix=_AGAIN
        ) from error
    size = frames * _CHANNELS * _SAMPLE_BYTES
    offset = file.stat().st_size - size  # the samples stand last
    if shape != (_CHANNELS, _SAMPLE_BYTES, rate_hz) or offset <= 0:
        raise RunFormatError(
            f"is not a whole 16-bit stereo recording at {rate_hz} Hz",
            file=file,
            fix=_AGAIN,
        )
    if frames == 0:  # nothing cannot be mapped
        return np.empty((0, _CHANNELS), np.int16)
    return np.memmap(file, "<i2", "r", offset, (frames, _CHANNELS))
