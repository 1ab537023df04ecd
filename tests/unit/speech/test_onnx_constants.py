"""Constants out of hand-made ONNX bytes, and no answer out of anything else."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.speech.onnx_constants import read_float_constants


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(values: np.ndarray, data_type: int = 1) -> bytes:
    dims = b"".join(number(1, size) for size in values.shape)
    return dims + number(2, data_type) + block(9, values.tobytes())


def constant(name: str, value: bytes) -> bytes:
    attribute = block(1, b"value") + block(5, value)
    return block(2, name.encode()) + block(4, b"Constant") + block(5, attribute)


def model(*nodes: bytes) -> bytes:
    graph = block(2, b"graph") + b"".join(block(1, node) for node in nodes)
    return number(1, 8) + block(7, graph)


VALUES = np.arange(300, dtype="<f4").reshape(3, 100)


def test_a_float_constant_is_found_with_its_shape() -> None:
    found = read_float_constants(model(constant("weight", tensor(VALUES))))
    assert list(found) == ["weight"]
    np.testing.assert_array_equal(found["weight"], VALUES)
    assert found["weight"].dtype == np.float32


def test_constants_of_subgraphs_are_found() -> None:
    inner = block(1, constant("inner", tensor(VALUES)))
    branch = block(2, b"out") + block(4, b"If") + block(5, block(6, inner))
    assert list(read_float_constants(model(branch))) == ["inner"]


def test_other_types_are_left_out() -> None:
    integers = tensor(np.arange(4, dtype="<i8"), data_type=7)
    assert read_float_constants(model(constant("shape", integers))) == {}


def test_fields_of_fixed_size_are_passed_over() -> None:
    fixed = varint(21 << 3 | 5) + bytes(4) + varint(22 << 3 | 1) + bytes(8)
    found = read_float_constants(fixed + model(constant("w", tensor(VALUES))))
    assert list(found) == ["w"]


@pytest.mark.parametrize(
    "data", [b"\x3b", b"\x3a\x05abc", b"\x3a\xff", b"\x80", b"RIFF....WAVE"]
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a protocol buffer"):
        read_float_constants(data)
