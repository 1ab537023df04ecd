"""Which settings and conditions are taken, and which refused."""

from __future__ import annotations

import numpy as np
import pytest

from voicelab.curves.grid import Condition, make_conditions, make_grid
from voicelab.errors import CurveError


def test_values_are_sorted_and_there_once() -> None:
    grid = make_grid("silero", np.linspace(0.5, 0.3, 3), [500, 200, 500], range(2))
    assert grid.detectors == ("silero",)
    assert grid.thresholds == pytest.approx((0.3, 0.4, 0.5))
    assert grid.silences_ms == (200, 500)
    assert grid.paddings_ms == (0, 1)
    assert grid.longest_silence_ms == 500


def test_semantic_vad_has_its_eagerness_and_nothing_else() -> None:
    detectors = ["silero", "semantic_vad"]
    grid = make_grid(detectors, [0.3, 0.5], [500], [0, 300], ["high", "auto"])
    assert grid.longest_silence_ms == 4000
    (high,), (auto,) = grid.settings_of("semantic_vad")
    assert (high.eagerness, high.silence_duration_ms) == ("high", 2000)
    assert (auto.eagerness, auto.threshold, auto.prefix_padding_ms) == (
        "auto",
        0.5,
        300,
    )
    groups = list(grid.settings_of("silero"))
    assert [[each.prefix_padding_ms for each in group] for group in groups] == [
        [0, 300]
    ] * 2
    assert make_grid("silero", [0.5], [500], [0]).longest_silence_ms == 500


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"eagerness": "keen"}, "there is no eagerness 'keen'; choose of low, medium"),
        ({"eagerness": []}, "eagerness: there is not one value"),
        ({"detectors": "silro"}, "there is no detector 'silro'; choose of silero"),
        ({"detectors": []}, "detectors: there is not one value"),
        ({"thresholds": []}, "thresholds: there is not one value"),
        ({"thresholds": [1.5]}, "thresholds: 1.5 is out of range; give 0 to 1"),
        ({"thresholds": [True]}, "thresholds: True is out of range"),
        ({"thresholds": [float("nan")]}, "thresholds: nan is out of range"),
        ({"silences_ms": [-1]}, "silences_ms: -1 is out of range; give 0 to 60000"),
        ({"silences_ms": [60_001]}, "60001 is out of range"),
        ({"silences_ms": [0.5]}, "0.5 is no whole number of milliseconds; round it"),
        ({"paddings_ms": [30_001]}, "paddings_ms: 30001 is out of range"),
        ({"paddings_ms": ["300"]}, "paddings_ms: '300' is out of range"),
    ],
)
def test_values_outside_their_ranges(changed: dict[str, object], says: str) -> None:
    given: dict[str, object] = {
        "detectors": "silero",
        "thresholds": [0.5],
        "silences_ms": [500],
        "paddings_ms": [300],
    }
    with pytest.raises(CurveError, match=says):
        make_grid(**{**given, **changed})  # type: ignore[arg-type]


def test_conditions_are_all_combinations() -> None:
    assert make_conditions(None, None, None) == [Condition()]
    found = make_conditions(["pcm", "pcmu"], ["cafe", "street"], [None, 10])
    assert found == [
        Condition(codec, noise, snr_db)
        for codec in ("pcm", "pcmu")
        for noise, snr_db in (("cafe", None), ("cafe", 10), ("street", 10))
    ]


def test_what_a_condition_changes() -> None:
    assert Condition().changes == {}
    assert Condition("pcmu").changes == {"codec": "pcmu"}
    assert Condition(None, "cafe", 3.0).changes == {
        "noise": {"audio": "cafe", "snr_db": 3.0}
    }
    assert Condition(None, "cafe", None).changes == {"noise": None}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("opus", None, None), "there is no codec 'opus'; choose of pcm, pcmu, pcma"),
        (([], None, None), "codecs: there is not one value"),
        ((None, "cafe", None), "snrs_db: a noise has a level"),
        ((None, None, [3]), "noise: a noise has a level"),
        ((None, "cafe", []), "snrs_db: there is not one value"),
        ((None, "cafe", [-61]), "-61 dB over the noise is out of range"),
        ((None, [], [3]), "noise: there is not one value"),
    ],
)
def test_conditions_that_are_refused(
    given: tuple[object, object, object], says: str
) -> None:
    with pytest.raises(CurveError, match=says):
        make_conditions(*given)  # type: ignore[arg-type]
