"""The controls say what the scenario says, and change no more than was moved."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.support.runs import bundled
from voicelab.scenario.canonical import canonical
from voicelab.widgets.knobs import Knobs, knobs_of, turned


def detection(**settings: Any) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": settings}}}


DENTIST = bundled("dentist")
START = knobs_of(DENTIST)


def moved(**positions: Any) -> Knobs:
    return msgspec.structs.replace(START, **positions)


def test_they_start_where_the_scenario_is_with_the_protocols_defaults() -> None:
    assert (
        Knobs(
            detection="server_vad",
            threshold=0.5,
            silence_duration_ms=500,
            prefix_padding_ms=300,
            eagerness="auto",
            delay_ms=40.0,
            player="browser",
            policy="played",
        )
        == START
    )


@pytest.mark.parametrize(
    ("told", "name", "value"),
    [
        (detection(type="server_vad", threshold=0.7), "threshold", 0.7),
        (detection(type="semantic_vad"), "detection", "semantic_vad"),
        (detection(type="semantic_vad", eagerness="low"), "eagerness", "low"),
        ({"audio": {"input": {"turn_detection": None}}}, "detection", "none"),
    ],
)
def test_what_the_session_says_of_turn_detection_counts(
    told: dict[str, Any], name: str, value: Any
) -> None:
    assert getattr(knobs_of(bundled("dentist", session=told)), name) == value


def test_without_a_move_the_scenario_is_the_same() -> None:
    assert turned(DENTIST, START, START) is DENTIST


@pytest.mark.parametrize(
    ("positions", "settings"),
    [
        (
            {"silence_duration_ms": 700},
            {"session": detection(type="server_vad", silence_duration_ms=700)},
        ),
        (
            {"threshold": 0.3, "prefix_padding_ms": 0},
            {
                "session": detection(
                    type="server_vad", threshold=0.3, prefix_padding_ms=0
                )
            },
        ),
        (
            {"detection": "semantic_vad", "eagerness": "high"},
            {"session": detection(type="semantic_vad", eagerness="high")},
        ),
        (
            {"delay_ms": 90.0},
            {"channel": {"uplink": {"delay_ms": 90}, "downlink": {"delay_ms": 90}}},
        ),
        (
            {"player": "ideal", "policy": "zero"},
            {"client": {"player": "ideal", "truncation": "zero"}},
        ),
    ],
)
def test_a_move_is_the_setting_of_that_name(
    positions: dict[str, Any], settings: dict[str, Any]
) -> None:
    now = turned(DENTIST, START, moved(**positions))
    assert canonical(now) == canonical(bundled("dentist", **settings))
    assert canonical(now) != canonical(DENTIST)


def test_a_control_of_another_detection_changes_nothing() -> None:
    assert turned(DENTIST, START, moved(eagerness="low")) is DENTIST


def test_without_detection_the_client_ends_the_turns() -> None:
    now = turned(DENTIST, START, moved(detection="none"))
    assert now.session["audio"]["input"]["turn_detection"] is None
    # and there is a way back
    assert turned(now, knobs_of(now), START).session["audio"]["input"][
        "turn_detection"
    ] == {
        "type": "server_vad",
        "threshold": 0.5,
        "silence_duration_ms": 500,
        "prefix_padding_ms": 300,
    }
