"""What the explorer's controls stand for, and what they change in a scenario."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from voicelab.playback import PLAYERS, POLICIES
from voicelab.scenario.model import Scenario
from voicelab.scenario.override import override
from voicelab.session.config import SEMANTIC_VAD, SERVER_VAD
from voicelab.session.turn_detection import SEMANTIC_WAIT_MS

Detection = Literal["server_vad", "semantic_vad", "none"]

DETECTIONS: tuple[Detection, ...] = ("server_vad", "semantic_vad", "none")
EAGERNESS = tuple(SEMANTIC_WAIT_MS)
PLAYER_NAMES = tuple(PLAYERS)
POLICY_NAMES = tuple(POLICIES)


class Knobs(msgspec.Struct, frozen=True, kw_only=True):
    """A position of all controls.

    Attributes:
        detection: the turn detection's type; `none` for turns that the client ends.
        threshold: score, from 0 to 1, at which a frame counts as speech.
        silence_duration_ms: silence after which a turn is over.
        prefix_padding_ms: audio kept from before a turn.
        eagerness: of `semantic_vad`.
        delay_ms: how long a message takes, each way.
        player: what plays the agent, by name.
        policy: what the client claims of an interrupted item, by name.
    """

    detection: Detection
    threshold: float
    silence_duration_ms: int
    prefix_padding_ms: int
    eagerness: str
    delay_ms: float
    player: str
    policy: str


def knobs_of(scenario: Scenario) -> Knobs:
    """Return where a scenario leaves the controls; the protocol's defaults count."""
    told = _told_detection(scenario)
    detection: Detection = "none" if told is None else told.get("type", "server_vad")
    settings = {**SEMANTIC_VAD, **SERVER_VAD, **(told or {})}
    return Knobs(
        detection=detection,
        threshold=settings["threshold"],
        silence_duration_ms=settings["silence_duration_ms"],
        prefix_padding_ms=settings["prefix_padding_ms"],
        eagerness=settings["eagerness"],
        delay_ms=scenario.channel.uplink.delay_ms,
        player=scenario.client.player,
        policy=scenario.client.truncation,
    )


def turned(scenario: Scenario, start: Knobs, now: Knobs) -> Scenario:
    """Return a scenario as the controls say; those that did not move change nothing.

    Args:
        scenario: where they started.
        start: their positions then.
        now: their positions now.

    Raises:
        ScenarioError: the scenario does not allow it.
    """
    changes: dict[str, Any] = {}
    detection = _changed_detection(start, now)
    if detection is not None:
        held = None if now.detection == "none" else detection
        changes["session"] = {"audio": {"input": {"turn_detection": held}}}
    if now.delay_ms != start.delay_ms:
        link = {"delay_ms": now.delay_ms}
        changes["channel"] = {"uplink": link, "downlink": link}
    client = {"player": now.player} if now.player != start.player else {}
    if now.policy != start.policy:
        client["truncation"] = now.policy
    if client:
        changes["client"] = client
    return override(scenario, **changes) if changes else scenario


def _changed_detection(start: Knobs, now: Knobs) -> dict[str, Any] | None:
    """Return what is new in the turn detection; None if nothing is."""
    if now.detection == "semantic_vad":
        names = ["eagerness"]
    elif now.detection == "server_vad":
        names = ["threshold", "silence_duration_ms", "prefix_padding_ms"]
    else:
        names = []
    is_other = now.detection != start.detection
    changed = {
        name: getattr(now, name)
        for name in names
        if is_other or getattr(now, name) != getattr(start, name)
    }
    if not changed and not is_other:
        return None
    return {"type": now.detection, **changed}


def _told_detection(scenario: Scenario) -> dict[str, Any] | None:
    """Return the session's turn detection; None if turns are the client's business."""
    audio = scenario.session.get("audio", {})
    told: dict[str, Any] | None = audio.get("input", {}).get("turn_detection", {})
    return told
