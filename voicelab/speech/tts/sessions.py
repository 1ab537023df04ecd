"""Models of voices, each loaded once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from voicelab.speech.onnx_runtime import new_session

_LOCK = Lock()


def loaded(model: Callable[[], bytes]) -> Any:
    """Return the session of a model; it is loaded when it is first asked for.

    Args:
        model: returns the bytes of an ONNX file; which function it is tells which
            model.
    """
    with _LOCK:  # two threads shall not load a hundred megabytes twice
        return _session(model)


@cache
def _session(model: Callable[[], bytes]) -> Any:
    return new_session(model())
