"""An inner value made an output: of a hand-made model, run by onnxruntime."""

from __future__ import annotations

import numpy as np
import onnxruntime

from voicelab.speech.onnx_output import with_output


def block(field: int, data: bytes) -> bytes:
    assert len(data) < 128
    return bytes([field << 3 | 2, len(data)]) + data


def number(field: int, value: int) -> bytes:
    return bytes([field << 3, value])


def node(inputs: list[str], output: str, kind: str) -> bytes:
    read = b"".join(block(1, name.encode()) for name in inputs)
    return block(1, read + block(2, output.encode()) + block(4, kind.encode()))


def floats(name: str) -> bytes:
    """Return a ValueInfoProto: one dimension of float32."""
    shape = block(2, block(1, block(2, b"n")))
    return block(1, name.encode()) + block(2, block(1, number(1, 1) + shape))


def model(*, name: str = "a model") -> bytes:
    """Return the bytes of y = -|x|, the absolute value being inside."""
    graph = node(["x"], "inner", "Abs") + node(["inner"], "y", "Neg")
    graph += block(2, name.encode()) + block(11, floats("x")) + block(12, floats("y"))
    return number(1, 8) + block(8, number(2, 13)) + block(7, graph)


def run(data: bytes, outputs: list[str]) -> list[list[float]]:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    values = np.array([1, -2, 3], np.float32)
    return [array.tolist() for array in session.run(outputs, {"x": values})]


def test_the_inner_value_comes_out_and_the_old_output_stays() -> None:
    more = with_output(model(), "inner", "seen")
    assert run(model(), ["y"]) == [[-1, -2, -3]]
    assert run(more, ["y", "seen"]) == [[-1, -2, -3], [1, 2, 3]]


def test_names_longer_than_127_bytes_are_written_right() -> None:
    name = "n" * 300
    assert run(with_output(model(), "inner", name), [name]) == [[1, 2, 3]]


def test_the_old_model_has_the_old_output_only() -> None:
    session = onnxruntime.InferenceSession(model())
    assert [output.name for output in session.get_outputs()] == ["y"]
