"""Models run on one thread, and their results are known by what made them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from voicelab.paths import data_dir
from voicelab.speech.onnx_runtime import new_session, runtime_id


def test_another_runtime_is_another_result() -> None:
    assert f"onnxruntime-{version('onnxruntime')}-" in runtime_id()


def test_a_model_runs_on_one_thread() -> None:
    model = (data_dir() / "models" / "smart-turn-v3.2-cpu.onnx").read_bytes()
    options = new_session(model).get_session_options()
    assert options.intra_op_num_threads == options.inter_op_num_threads == 1


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(Exception, match=r"(?i)protobuf|model"):
        new_session(b"no model")
