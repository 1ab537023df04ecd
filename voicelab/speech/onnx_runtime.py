"""Models of onnxruntime that give the same bits every time on the same machine."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version
from typing import Any

_ERRORS_ONLY = 3


@cache
def runtime_id() -> str:
    """Return what the last bit of a model's output may depend on, beside the model."""
    return f"onnxruntime-{version('onnxruntime')}-{platform.machine()}"


def new_session(model: bytes) -> Any:
    """Return a session that runs a model on one thread.

    More threads are no faster at models of this size, and might add up in another
    order.

    Args:
        model: the bytes of an ONNX file.

    Raises:
        Exception: onnxruntime cannot read it; its own classes say no more.
    """
    import onnxruntime  # noqa: PLC0415 -- slow

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
