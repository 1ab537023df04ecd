"""The constant tensors of an ONNX file, read without the `onnx` package.

Only as much of the protocol buffer wire format and of ONNX's schema (onnx.proto,
IR version 8) as is needed to walk a graph and its subgraphs for float tensors.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

_FLOAT = 1  # TensorProto.DataType.FLOAT
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}

# Field numbers of onnx.proto.
_MODEL_GRAPH = 7
_GRAPH_NODE = 1
_NODE_OUTPUT, _NODE_ATTRIBUTE = 2, 5
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH = 5, 6
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_RAW = 1, 2, 9


def read_float_constants(model: bytes) -> dict[str, npt.NDArray[np.float32]]:
    """Return every float32 constant of a model by its output's name.

    Subgraphs, such as the branches of an `If`, are included. Only tensors stored as
    raw bytes are found, which is how exporters store weights.

    Args:
        model: the bytes of an ONNX file.

    Raises:
        ValueError: the bytes are no protocol buffer.
    """
    found: dict[str, npt.NDArray[np.float32]] = {}
    for graph in _parts(memoryview(model), _MODEL_GRAPH):
        _collect(graph, found)
    return found


def _collect(graph: memoryview, found: dict[str, npt.NDArray[np.float32]]) -> None:
    for node in _parts(graph, _GRAPH_NODE):
        output = next(_parts(node, _NODE_OUTPUT), memoryview(b""))
        for attribute in _parts(node, _NODE_ATTRIBUTE):
            for subgraph in _parts(attribute, _ATTRIBUTE_GRAPH):
                _collect(subgraph, found)
            for tensor in _parts(attribute, _ATTRIBUTE_TENSOR):
                values = _float_tensor(tensor)
                if values is not None:
                    found[str(output, "utf-8")] = values


def _float_tensor(tensor: memoryview) -> npt.NDArray[np.float32] | None:
    shape: list[int] = []
    is_float = False
    raw = memoryview(b"")
    for number, value in _fields(tensor):
        if number == _TENSOR_DIMS and isinstance(value, int):
            shape.append(value)
        elif number == _TENSOR_TYPE:
            is_float = value == _FLOAT
        elif number == _TENSOR_RAW and not isinstance(value, int):
            raw = value
    if not (is_float and raw):
        return None
    return np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32)


def _parts(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """Yield the bytes of every field `wanted` of a message."""
    for number, value in _fields(message):
        if number == wanted and not isinstance(value, int):
            yield value


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (field number, value): an int for varints, else the bytes."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        if kind == _BYTES:
            size, position = _varint(message, position)
        elif kind in _FIXED_BYTES:
            size = _FIXED_BYTES[kind]
        else:
            raise ValueError(f"not a protocol buffer: wire type {kind}")
        if position + size > len(message):
            raise ValueError("not a protocol buffer: a field ends behind its message")
        yield number, message[position : position + size]
        position += size


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message):
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more bytes follow
            return value, position
        shift += 7
    raise ValueError("not a protocol buffer: a number is cut off")
