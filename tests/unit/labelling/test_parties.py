"""Who is heard on which channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.errors import LabelError
from voicelab.labelling.parties import parties_of

FILE = Path("call.wav")


@pytest.mark.parametrize(
    ("told", "channels", "found", "is_assumed"),
    [
        ({}, 1, {"unknown": 0}, True),
        ({}, 2, {"caller": 0, "agent": 1}, True),
        ({"caller": 0}, 1, {"caller": 0}, False),
        ({"agent": 0}, 1, {"agent": 0}, False),
        ({"caller": 1}, 2, {"caller": 1, "agent": 0}, False),
        ({"agent": 0}, 2, {"caller": 1, "agent": 0}, False),
        ({"agent": 1, "caller": 0}, 2, {"caller": 0, "agent": 1}, False),
        ({"agent": 3, "caller": 5}, 6, {"caller": 5, "agent": 3}, False),
        ({"caller": 5}, 6, {"caller": 5}, False),
    ],
)
def test_parties(
    told: dict[str, int], channels: int, found: dict[str, int], is_assumed: bool
) -> None:
    parties = parties_of(told, channels, FILE)
    assert list(parties.channels.items()) == list(found.items())
    assert parties.is_assumed == is_assumed


@pytest.mark.parametrize(
    ("told", "channels", "says"),
    [
        ({"robot": 0}, 2, "there is no speaker 'robot'; say caller or agent"),
        ({"caller": 2}, 2, "call.wav: has no channel 2 for the caller (2 in all"),
        ({"caller": -1}, 1, "has no channel -1"),
        ({"caller": 0, "agent": 0}, 2, "cannot be told apart on one channel"),
        ({}, 6, "has 6 channels, and nobody said who is on which; say --speaker"),
    ],
)
def test_what_cannot_be_is_said(told: dict[str, int], channels: int, says: str) -> None:
    with pytest.raises(LabelError) as caught:
        parties_of(told, channels, FILE)
    assert says in str(caught.value)
