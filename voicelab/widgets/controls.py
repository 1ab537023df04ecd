"""The explorer's controls: each has a label, a unit and a place in the tab order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from voicelab.session.semantic import SHORTEST_WAIT_MS
from voicelab.session.turn_detection import SEMANTIC_WAIT_MS
from voicelab.units import MS_PER_S
from voicelab.widgets.knobs import (
    DETECTIONS,
    EAGERNESS,
    PLAYER_NAMES,
    POLICY_NAMES,
    Knobs,
)

_LABEL_WIDTH = "170px"
_CONTROL_WIDTH = "430px"
_ONLY_FOR = {
    "threshold": "server_vad",
    "silence_duration_ms": "server_vad",
    "prefix_padding_ms": "server_vad",
    "eagerness": "semantic_vad",
}
"""Controls that do something with one turn detection only."""

_MOST_SILENCE_MS, _MOST_PADDING_MS, _MOST_DELAY_MS = 2000, 1000, 1000


class Controls:
    """All controls, at first where a scenario leaves them.

    Args:
        start: their first positions.
        on_change: called after each change; while a slider is dragged, too.

    Attributes:
        box: the controls, side by side where there is room.
    """

    def __init__(self, start: Knobs, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._by_name = _made(start)
        for control in self._by_name.values():
            control.layout.width = _CONTROL_WIDTH
            control.layout.max_width = "100%"
            control.style.description_width = _LABEL_WIDTH
            control.observe(self._changed, names="value")
        self._enable()
        self.box = ipywidgets.Box(
            list(self._by_name.values()),
            layout=ipywidgets.Layout(flex_flow="row wrap", width="100%"),
        )

    @property
    def knobs(self) -> Knobs:
        """Where the controls are now."""
        return Knobs(**{name: c.value for name, c in self._by_name.items()})

    def __getitem__(self, name: str) -> Any:
        """Return the control of a name of `Knobs`."""
        return self._by_name[name]

    def _changed(self, change: object) -> None:
        del change
        self._enable()
        self._on_change()

    def _enable(self) -> None:
        """Switch off what would change nothing."""
        detection = self._by_name["detection"].value
        for name, only_for in _ONLY_FOR.items():
            self._by_name[name].disabled = detection != only_for


def _made(start: Knobs) -> dict[str, Any]:
    return {
        "detection": _choice("turn detection", DETECTIONS, start.detection),
        "threshold": _slider("threshold (score)", start.threshold, 1.0, 0.01),
        "silence_duration_ms": _slider(
            "silence_duration_ms", start.silence_duration_ms, _MOST_SILENCE_MS, 10
        ),
        "prefix_padding_ms": _slider(
            "prefix_padding_ms", start.prefix_padding_ms, _MOST_PADDING_MS, 10
        ),
        "eagerness": _choice(
            "eagerness",
            [(_eagerness(name), name) for name in EAGERNESS],
            start.eagerness,
        ),
        "delay_ms": _slider(
            "network, ms each way", start.delay_ms, float(_MOST_DELAY_MS), 5.0
        ),
        "player": _choice("player", PLAYER_NAMES, start.player),
        "policy": _choice("truncation policy", POLICY_NAMES, start.policy),
    }


def _eagerness(name: str) -> str:
    shortest_s = SHORTEST_WAIT_MS[name] / MS_PER_S
    return f"{name}: waits {shortest_s} to {SEMANTIC_WAIT_MS[name] // MS_PER_S} s"


def _slider(label: str, value: float, most: float, step: float) -> Any:
    """Return a slider from 0; a scenario's own value always fits."""
    whole = isinstance(value, int)
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    return kind(
        value=value,
        min=0,
        max=max(most, value),
        step=step,
        description=label,
        continuous_update=True,
        readout_format="d" if whole else ".2f" if most == 1.0 else ".0f",
    )


def _choice(label: str, options: Any, value: str) -> Any:
    return ipywidgets.Dropdown(options=options, value=value, description=label)
