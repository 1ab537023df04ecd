"""An inner value of an ONNX model made one of its outputs, without package `onnx`.

A model is a protocol buffer. Where a buffer holds a field of messages twice, a reader
merges the two; so a second `graph` written behind the first one adds its nodes and
outputs to it. Only field numbers of onnx.proto (IR version 8) are needed for that.
"""

from __future__ import annotations

_BYTES = 2  # the wire type of a field with a length

# Field numbers of onnx.proto.
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_OUTPUT = 1, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_TYPE = 1, 2, 4
_VALUE_NAME = 1


def with_output(model: bytes, tensor: str, name: str) -> bytes:
    """Return a model that also puts out one of its inner values.

    Args:
        model: the bytes of an ONNX file.
        tensor: what the inner value is called in its graph.
        name: what the new output shall be called; no tensor may be called so yet.
    """
    node = _field(_NODE_INPUT, tensor.encode())
    node += _field(_NODE_OUTPUT, name.encode()) + _field(_NODE_TYPE, b"Identity")
    graph = _field(_GRAPH_NODE, node)
    graph += _field(_GRAPH_OUTPUT, _field(_VALUE_NAME, name.encode()))
    return model + _field(_MODEL_GRAPH, graph)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - more than seven bits are left
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
