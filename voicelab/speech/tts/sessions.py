"""Models of onnxruntime, each loaded once, that give the same bits every time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

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
    import onnxruntime  # noqa: PLC0415 -- slow

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # more would add in another order
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model(), options, providers=["CPUExecutionProvider"]
    )
