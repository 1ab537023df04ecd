"""A name that is none is told with the nearest one, and all there are."""

from __future__ import annotations

import pytest

from voicelab.errors import ScenarioError
from voicelab.speech.names import check_name

KNOWN = ("heart", "emma")


def test_a_known_name_will_do() -> None:
    check_name("voice", "emma", KNOWN)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("emmy", "did you mean emma? Or choose one of heart, emma"),
        ("", "choose one of heart, emma"),
    ],
)
def test_another_one_is_told(name: str, fix: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        check_name("voice", name, KNOWN)
    assert str(caught.value) == f"there is no voice named {name!r}; {fix}"
