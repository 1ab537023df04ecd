"""Sound files in and out: any WAV or FLAC to 16-bit mono, 16-bit WAV from blocks.

Reading goes block by block into one 16-bit array, so that an hour of audio never
stands in memory as floating point. A 16-bit file that keeps its rate is read as it
is; everything else is taken from the decoder as float32: asked for 16-bit, libsndfile
turns a float file into silence.
"""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from voicelab.audio.pcm import Samples, int16_from_float
from voicelab.audio.riff import check_riff
from voicelab.errors import AudioError

if TYPE_CHECKING:
    import soundfile

Block = npt.NDArray[np.float32]
AnyBlock = npt.NDArray[Any]

MIN_FILE_RATE_HZ = 8_000
MAX_FILE_RATE_HZ = 48_000
_BLOCK_FRAMES = 1 << 16

_FORMATS = frozenset({"WAV", "WAVEX", "FLAC"})

_MAX_FRAMES = 1 << 40
"""No recording is that long; libsndfile gives more where a length is missing."""

_PEAK_LIMIT = 8.0
"""A float file whose samples go this far beyond 1.0 (18 dB over full scale) was
not written in units of full scale; clipping it would leave only noise."""


@dataclass(frozen=True, eq=False)
class Recording:
    """One channel of a sound file, at the rate that was asked for.

    Attributes:
        samples: the audio, int16, one dimension, read-only.
        rate_hz: the rate of `samples`.
        source_rate_hz: the rate of the file.
        channels: how many channels the file has.
        channel: which of them `samples` is, counted from 0.
        sha256: hash of the file's bytes, hexadecimal.
        path: the file.
    """

    samples: Samples = field(repr=False)
    rate_hz: int
    source_rate_hz: int
    channels: int
    channel: int
    sha256: str
    path: Path


def read_audio(
    path: Path | str,
    *,
    channel: int | None = None,
    rate_hz: int | None = 24_000,
    sha256: str | None = None,
) -> Recording:
    """Read one channel of a sound file.

    A 16-bit file that already has the wanted rate comes through bit for bit;
    any other rate goes through soxr (HQ).

    Args:
        path: a WAV or FLAC file, 8 to 48 kHz, of any sample format.
        channel: which channel, counted from 0; may be left out where there is
            only one.
        rate_hz: the rate that the samples are wanted at; None for the file's own.
        sha256: the hash of the file, where it is known already.

    Raises:
        AudioError: the file is missing, empty, not WAV or FLAC, truncated or
            without samples; its rate is out of range; it holds samples that are
            no numbers; or the channel does not exist or was not said.
    """
    file = Path(path)
    _require(file)
    sha256 = sha256 or _hash(file)
    check_riff(file)
    with _open(file) as sound:
        _check_format(sound, file)
        picked = _pick_channel(sound.channels, channel, file)
        wanted_hz = rate_hz or sound.samplerate
        as_it_is = sound.subtype == "PCM_16" and wanted_hz == sound.samplerate
        dtype = "int16" if as_it_is else "float32"
        blocks = _column_blocks(sound, picked, file, dtype)
        samples = _gather(_at_rate(blocks, sound.samplerate, wanted_hz))
        samples.flags.writeable = False
        return Recording(
            samples=samples,
            rate_hz=wanted_hz,
            source_rate_hz=sound.samplerate,
            channels=sound.channels,
            channel=picked,
            sha256=sha256,
            path=file,
        )


def audio_duration_ms(path: Path | str) -> float:
    """Return how long a sound file is by its header, without reading the samples.

    Raises:
        AudioError: as far as the header tells what `read_audio` raises.
    """
    file = Path(path)
    _require(file)
    check_riff(file)
    with _open(file) as sound:
        _check_format(sound, file)
        if sound.frames == 0:
            raise _no_samples(file)
        return float(sound.frames * 1000 / sound.samplerate)


def write_wav(
    path: Path | str, blocks: Iterable[Samples], rate_hz: int, channels: int
) -> int:
    """Write a 16-bit WAV file block by block; equal samples give equal bytes.

    Args:
        path: the file to write; an existing one is replaced.
        blocks: int16 arrays of shape [n] (mono) or [n, channels].
        rate_hz: the sample rate.
        channels: how many channels every block has.

    Returns:
        How many samples of each channel were written.

    Raises:
        ValueError: a block is not int16 or has another number of channels.
    """
    written = 0
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(channels)
        sink.setsampwidth(2)
        sink.setframerate(rate_hz)
        for block in blocks:
            _check_block(block, channels)
            sink.writeframesraw(block.astype("<i2", copy=False).tobytes())
            written += len(block)
    return written


def _check_block(block: Samples, channels: int) -> None:
    held = block.shape[1] if block.ndim > 1 else 1
    if block.dtype != np.int16 or held != channels:
        raise ValueError(
            f"a block of {block.dtype} with {held} channel(s) cannot go into a "
            f"16-bit file with {channels}"
        )


def _require(file: Path) -> None:
    """Check that there is a file to read."""
    if not file.exists():
        raise AudioError("there is no such file", file=file, fix="check the path")
    if not file.is_file():
        what = "a folder" if file.is_dir() else "a device or pipe"
        raise AudioError(
            f"is {what}, not a sound file", file=file, fix="give a WAV or FLAC file"
        )
    if file.stat().st_size == 0:
        raise AudioError("is empty (0 bytes)", file=file, fix="record or copy it again")


def _hash(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(
            f"cannot be read ({error.strerror})", file=file, fix="check its permissions"
        ) from error


def _open(file: Path) -> soundfile.SoundFile:
    import soundfile  # noqa: PLC0415 - costs 40 ms, needed only to read a file

    try:
        return soundfile.SoundFile(file)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"is not a sound file that can be read ({error.error_string.rstrip('.')})",
            file=file,
            fix="give a WAV or FLAC file",
        ) from error


def _check_format(sound: soundfile.SoundFile, file: Path) -> None:
    if sound.format not in _FORMATS:
        raise AudioError(
            f"is {sound.format}, a format in which a cut file cannot be told",
            file=file,
            fix="convert it to WAV or FLAC",
        )
    if not MIN_FILE_RATE_HZ <= sound.samplerate <= MAX_FILE_RATE_HZ:
        raise AudioError(
            f"has a sample rate of {sound.samplerate} Hz",
            file=file,
            fix=f"convert it to {MIN_FILE_RATE_HZ} to {MAX_FILE_RATE_HZ} Hz",
        )
    if sound.frames > _MAX_FRAMES:
        raise AudioError(
            "does not say how long it is, as FLAC from a pipe does not",
            file=file,
            fix="write it to a file again",
        )


def _pick_channel(channels: int, channel: int | None, file: Path) -> int:
    if channel is None and channels == 1:
        return 0
    allowed = " or ".join(str(number) for number in range(channels))
    if channel is None:
        raise AudioError(
            f"has {channels} channels and none was chosen",
            file=file,
            fix=f"say channel: {allowed}",
        )
    if not 0 <= channel < channels:
        raise AudioError(
            f"has no channel {channel} ({channels} in all, counted from 0)",
            file=file,
            fix=f"say channel: {allowed}",
        )
    return channel


def _column_blocks(
    sound: soundfile.SoundFile, channel: int, file: Path, dtype: str
) -> Iterator[AnyBlock]:
    """Yield the channel's samples and check them on the way.

    They are float32, full scale 1.0, or the file's own int16.
    """
    read = 0
    while len(block := _read_block(sound, file, dtype)):
        column = np.ascontiguousarray(block[:, channel])
        if column.dtype != np.int16:
            _check_values(column, read, sound.samplerate, file)
        read += len(column)
        yield column
    if read == 0:
        raise _no_samples(file)
    if read < sound.frames:
        raise AudioError(
            f"is truncated: it claims {sound.frames} samples and holds {read}",
            file=file,
            fix="copy or export it again",
        )


def _no_samples(file: Path) -> AudioError:
    return AudioError("holds no samples", file=file, fix="record or copy it again")


def _read_block(sound: soundfile.SoundFile, file: Path, dtype: str) -> AnyBlock:
    import soundfile  # noqa: PLC0415 - as in _open

    try:
        block: AnyBlock = sound.read(_BLOCK_FRAMES, dtype=dtype, always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"is damaged ({error.error_string.rstrip('.')})",
            file=file,
            fix="copy or export it again",
        ) from error
    return block


def _check_values(column: Block, start: int, rate_hz: int, file: Path) -> None:
    finite = np.isfinite(column)
    if not finite.all():
        position = start + int(np.argmin(finite))
        raise AudioError(
            f"holds a sample that is no number (NaN or infinite) at "
            f"{position / rate_hz:.3f} s",
            file=file,
            fix="export it again as 16-bit PCM",
        )
    peak = float(np.abs(column).max())
    if peak > _PEAK_LIMIT:
        raise AudioError(
            f"has float samples up to {peak:g} where full scale is 1.0",
            file=file,
            fix="scale it to -1..1 or export it as 16-bit PCM",
        )


def _at_rate(
    blocks: Iterator[AnyBlock], from_hz: int, to_hz: int
) -> Iterator[AnyBlock]:
    if from_hz == to_hz:
        yield from blocks
        return
    import soxr  # noqa: PLC0415 - needed only where rates differ

    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def _gather(blocks: Iterator[AnyBlock]) -> Samples:
    """Return all blocks as one int16 array, grown in place.

    A header's claim of length is not trusted with memory; `resize` moves pages
    rather than samples, so growing costs no second copy.
    """
    samples = np.empty(_BLOCK_FRAMES, np.int16)
    size = 0
    for block in blocks:
        if size + len(block) > len(samples):
            samples.resize(2 * (size + len(block)), refcheck=False)
        pcm = block if block.dtype == np.int16 else int16_from_float(block)
        samples[size : size + len(block)] = pcm
        size += len(block)
    samples.resize(size, refcheck=False)
    return samples
