from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicelab.document import document_of
from voicelab.errors import ScenarioError


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float64(0.5), 0.5),
        (np.int16(-3), -3),
        (np.bool_(True), True),
        (Path("a/b"), str(Path("a/b"))),
        ((1, (2, [3])), [1, [2, [3]]]),
        ({"a": {"b": None}}, {"a": {"b": None}}),
    ],
)
def test_python_values_become_plain_ones(value: Any, plain: Any) -> None:
    found = document_of(value, ScenarioError).data
    assert found == plain
    assert type(found) is type(plain)


def test_the_data_is_copied() -> None:
    data = {"a": [1]}
    document = document_of(data, ScenarioError)
    data["a"].append(2)
    assert document.data == {"a": [1]}


@pytest.mark.parametrize(
    "value", [float("inf"), np.float32("nan"), -(2**64), {1: 2}, b"x", np.zeros(3), {1}]
)
def test_what_no_file_can_hold_is_refused_with_its_path(value: Any) -> None:
    with pytest.raises(ScenarioError) as caught:
        document_of({"a": [0, value]}, ScenarioError)
    assert caught.value.path == "a[1]"
