"""Arrays kept on disk between runs, found by a hash of what they were made from.

The cache only ever saves time. A folder that cannot be written, a file that was cut
or changed, another process that writes the same entry: none of them is an error, and
none of them changes a result.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voicelab.speech.vad import Frames, Scores, VadScorer

_DIGEST_BYTES = 16
_FORMAT = "1"  # part of every key: entries of another layout are never found

AnyArray = npt.NDArray[np.generic]


def cache_folder() -> Path | None:
    """Return the folder of cached results; it need not exist.

    The environment variable `VOICELAB_CACHE` names it; set but empty, there is none.
    Otherwise it is `voicelab` in the user's cache folder of the platform. None also
    where the user has no home.
    """
    named = os.environ.get("VOICELAB_CACHE")
    if named is not None:
        return Path(named) if named else None
    try:
        return _user_cache_folder() / "voicelab"
    except RuntimeError:  # there is no home folder
        return None


def _user_cache_folder() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = os.environ.get("XDG_CACHE_HOME")
    return Path(named) if named else Path.home() / ".cache"


def cache_key(*parts: str | memoryview) -> str:
    """Return a key for what was made from `parts`: their hash, hexadecimal."""
    digest = hashlib.blake2b(_FORMAT.encode(), digest_size=_DIGEST_BYTES)
    for part in parts:
        view = memoryview(part.encode()) if isinstance(part, str) else part
        digest.update(f"{view.nbytes}:".encode())  # no two lists of parts run together
        digest.update(view)
    return digest.hexdigest()


class ArrayCache:
    """Arrays on disk by key.

    A file is numpy's own format, one array behind the other, and a hash of it all.

    Args:
        folder: where; with None nothing is found and nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def load(self, key: str) -> list[AnyArray] | None:
        """Return the arrays stored under `key`, or None."""
        if self._folder is None:
            return None
        try:
            data = _file(self._folder, key).read_bytes()
            payload, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
            return _unpack(payload) if _digest(payload) == digest else None
        except (OSError, ValueError):
            return None

    def store(self, key: str, *arrays: AnyArray) -> None:
        """Keep arrays under `key`, replacing what was there, if that is possible."""
        if self._folder is None:
            return
        payload = _pack(arrays)
        with contextlib.suppress(OSError):
            _write_whole(_file(self._folder, key), payload + _digest(payload))


def default_cache() -> ArrayCache:
    """Return the cache in `cache_folder()`."""
    return ArrayCache(cache_folder())


def cached_score_file(
    scorer: VadScorer, frames: Frames, cache: ArrayCache | None = None
) -> Scores:
    """Return the scores of all frames, int16 [n, 512], from the cache if possible.

    In contrast to `scorer.score_file`, the scorer's memory afterwards is undefined.

    Args:
        scorer: whose scores.
        frames: the whole file.
        cache: where to look and to keep them; left out, the default cache.
    """
    cache = default_cache() if cache is None else cache
    key = cache_key("file", scorer.identity, np.ascontiguousarray(frames).data)
    match cache.load(key):
        case [scores] if scores.dtype == np.float32 and scores.shape == (len(frames),):
            return scores.astype(np.float32, copy=False)
    fresh = scorer.score_file(frames)
    cache.store(key, fresh)
    return fresh


def _file(folder: Path, key: str) -> Path:
    return folder / "vad" / f"{key}.npy"


def _digest(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST_BYTES).digest()


def _pack(arrays: tuple[AnyArray, ...]) -> bytes:
    stream = io.BytesIO()
    for array in arrays:
        np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _unpack(payload: bytes) -> list[AnyArray]:
    stream = io.BytesIO(payload)
    arrays = []
    while stream.tell() < len(payload):
        arrays.append(np.load(stream, allow_pickle=False))
    return arrays


def _write_whole(file: Path, data: bytes) -> None:
    """Write under another name, then rename: a reader sees all of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as stream:
        temporary = Path(stream.name)
        try:
            stream.write(data)
            stream.close()
            temporary.replace(file)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
