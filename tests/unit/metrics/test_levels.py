from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from voicelab.metrics.levels import Levels, levels
from voicelab.units import ms_to_ns


def told(*events: dict[str, object]) -> Levels:
    log = LogBuilder()
    for number, event in enumerate(events):
        log.add(1000 * (number + 1), "user", "microphone.levels", **event)
    found = levels(log.log())
    assert found is not None
    return found


FIRST = {
    "first_frame": 0,
    "frame_ms": 20,
    "speech_dbfs": [None, -30.0],
    "noise_dbfs": [-50.0, -50.0],
    "echo_dbfs": [None, None],
}
SECOND = {
    "first_frame": 2,
    "frame_ms": 20,
    "speech_dbfs": [-30.0],
    "noise_dbfs": [-26.9],
    "echo_dbfs": [-27.0],
}


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "loudest"),
    [
        (0, 20, "noise"),
        (20, 40, "speech"),
        (0, 40, "speech"),  # mean powers: 1e-3 in one of two frames, 1e-5 in both
        (40, 60, "noise"),  # by a tenth of a decibel
        (20, 60, "noise"),  # 2.04e-3 + 1e-5 against 2e-3
        (39, 41, "noise"),  # every frame touched counts whole
        (59, 59, "noise"),  # an empty stretch is the frame that holds it
        (60, 80, None),
        (-40, -20, "noise"),  # before the first frame: the first
    ],
)
def test_the_loudest_is_the_one_of_the_most_power(
    start_ms: int, end_ms: int, loudest: str | None
) -> None:
    found = told(FIRST, SECOND)
    assert found.loudest(ms_to_ns(start_ms), ms_to_ns(end_ms)) == loudest


def test_a_component_that_nobody_added_is_silent() -> None:
    event = {"first_frame": 0, "frame_ms": 20, "echo_dbfs": [-80.0]}
    assert told(event).loudest(0, 1) == "echo"


def test_silence_has_no_loudest() -> None:
    event = {"first_frame": 0, "frame_ms": 20, "noise_dbfs": [None]}
    assert told(event).loudest(0, 1) is None


def test_a_log_without_levels_tells_nothing() -> None:
    assert levels(LogBuilder().log()) is None
