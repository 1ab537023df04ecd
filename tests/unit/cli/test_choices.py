from __future__ import annotations

import pytest

from voicelab.cli.choices import check_choice
from voicelab.errors import InputError

KNOWN = ("heart", "emma")


def test_a_known_name_is_taken() -> None:
    for name in KNOWN:
        check_choice("voice", name, iter(KNOWN))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hearrt", "there is no voice named 'hearrt'; did you mean heart?"),
        ("HEART", "there is no voice named 'HEART'; did you mean heart?"),
        ("x", "there is no voice named 'x'; known: heart, emma"),
        ("", "there is no voice named ''; known: heart, emma"),
    ],
)
def test_another_is_told_with_the_nearest_or_all(name: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        check_choice("voice", name, iter(KNOWN))
    assert str(caught.value) == says
