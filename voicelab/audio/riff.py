"""The chunks of a WAV file, read only to tell whether the file is whole.

libsndfile reads what is left of a cut file without a word. A conversation that
ends early for this reason would look like a caller who hung up, so a file that
claims more than it holds is refused before it is read.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from voicelab.errors import AudioError

_BYTE_ORDER = {b"RIFF": "<", b"RIFX": ">"}
_CHUNK_HEADER_BYTES = 8

_UNKNOWN_LENGTH_FROM = 0x7FFF_0000
"""Data sizes from here on mean `until the end`: writers that cannot seek back,
such as ffmpeg (0xFFFFFFFF) and sox (0x7FFFF000 and up) into a pipe, leave them."""


def check_riff(file: Path) -> None:
    """Check that every chunk up to the audio of a WAV file is there in full.

    Files that are not RIFF (or RIFX) WAVE are left to the decoder to judge.

    Args:
        file: the path of an existing file that can be read.

    Raises:
        AudioError: a chunk claims more bytes than the file holds, or there is
            no audio chunk.
    """
    with file.open("rb") as stream:
        opening = stream.read(12)
        order = _BYTE_ORDER.get(opening[:4])
        if order is not None and opening[8:] == b"WAVE":
            _check_chunks(stream, order, file)


def _check_chunks(stream: BinaryIO, order: str, file: Path) -> None:
    end = file.stat().st_size
    while len(header := stream.read(_CHUNK_HEADER_BYTES)) == _CHUNK_HEADER_BYTES:
        name, size = struct.unpack(f"{order}4sI", header)
        held = end - stream.tell()
        is_audio = name == b"data"
        if size > held and not (is_audio and size >= _UNKNOWN_LENGTH_FROM):
            raise _incomplete(file, name, size, held)
        if is_audio:
            return
        stream.seek(size + size % 2, 1)  # chunks are padded to an even length
    raise AudioError(
        "is a WAV file without audio (no data chunk)",
        file=file,
        fix="record or export it again",
    )


def _incomplete(file: Path, name: bytes, size: int, held: int) -> AudioError:
    chunk = ascii(name.decode("ascii", "replace").strip())
    return AudioError(
        f"is truncated or damaged: its {chunk} chunk claims {size} bytes "
        f"where {held} are left",
        file=file,
        fix="copy or export it again",
    )
