"""Ranges that can be changed, and cannot be nonsense."""

from __future__ import annotations

import math

import pytest

from voicelab.errors import ModalityError
from voicelab.modality import Assumptions, Quantity, assume
from voicelab.modality.assumptions import NAMES, YOURS


def test_every_assumption_has_a_range_a_unit_and_a_source() -> None:
    table = Assumptions().table
    assert list(table.columns) == ["name", "low", "likely", "high", "unit", "source"]
    assert tuple(table["name"]) == NAMES
    assert (table["low"] <= table["likely"]).all()
    assert (table["likely"] <= table["high"]).all()
    assert table["unit"].str.len().all()
    assert table["source"].str.len().all()


def test_the_ranges_that_were_asked_for_are_the_defaults() -> None:
    known = Assumptions()
    ranges = {
        name: (getattr(known, name).low, getattr(known, name).high)
        for name in ("listening_wpm", "reading_wpm")
    }
    assert ranges == {"listening_wpm": (150, 180), "reading_wpm": (250, 300)}
    assert known.skimming_wpm.low == 500
    assert known.speaking_wpm.likely == 150
    assert known.speed.likely == 1


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (200, (200, 200, 200)),
        ((100, 200), (100, 150, 200)),
        ([100, 180, 200], (100, 180, 200)),
    ],
)
def test_a_range_may_be_short(given: float, wanted: tuple[float, ...]) -> None:
    changed = assume(reading_wpm=given).reading_wpm
    assert (changed.low, changed.likely, changed.high) == wanted
    assert (changed.unit, changed.source) == ("words/min", YOURS)


def test_a_change_leaves_the_rest_and_what_it_started_from() -> None:
    mine = Quantity(low=1, likely=2, high=3, unit="s", source="my own telephone")
    base = assume(reading_wpm=200)
    changed = assume(base, voice_latency_s=mine)
    assert changed.voice_latency_s is mine
    assert changed.reading_wpm == base.reading_wpm
    assert base.voice_latency_s == Assumptions().voice_latency_s


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reeding_wpm": 200}, "no assumption 'reeding_wpm'.*did you mean reading_wpm"),
        ({"reading_wpm": (300, 200)}, "not in order.*smallest first"),
        ({"reading_wpm": (-1, 200)}, "no range of amounts"),
        ({"reading_wpm": math.nan}, "no range of amounts"),
        ({"reading_wpm": (0, 200)}, "reading_wpm: a rate is above 0"),
        ({"reading_wpm": (1, 2, 3, 4)}, "4 numbers are no range"),
        ({"reading_wpm": ()}, "0 numbers are no range"),
        ({"speed": 1.6}, "speed: 1.6, 1.6 is not between 0.25 and 1.5"),
        ({"speed": (0.2, 1)}, "speed: 0.2, 1 is not between"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, float], says: str) -> None:
    with pytest.raises(ModalityError, match=says):
        assume(**changes)
