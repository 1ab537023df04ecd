"""Scorers by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from voicelab.errors import ScenarioError
from voicelab.speech.energy import EnergyScorer
from voicelab.speech.silero import SileroScorer
from voicelab.speech.silero_onnx import SileroOnnxScorer
from voicelab.speech.vad import VadScorer
from voicelab.speech.webrtc import WebrtcScorer

_SCORERS: dict[str, Callable[..., VadScorer]] = {
    SileroScorer.name: SileroScorer,
    SileroOnnxScorer.name: SileroOnnxScorer,
    WebrtcScorer.name: WebrtcScorer,
    EnergyScorer.name: EnergyScorer,
}

SCORER_NAMES = tuple(_SCORERS)
"""The names that `make_scorer` takes."""


def make_scorer(name: str, **options: float) -> VadScorer:
    """Return a new scorer.

    Args:
        name: `silero`, `silero-onnx`, `webrtc` or `energy`.
        options: settings of that scorer, by name; see its class.

    Raises:
        ScenarioError: there is no such scorer, or it has no such option.
        MissingPartError: what the scorer needs is not installed.
    """
    scorer = _SCORERS.get(name)
    if scorer is None:
        raise ScenarioError(
            f"there is no VAD named {name!r}",
            fix=f"choose one of {', '.join(SCORER_NAMES)}",
        )
    known = list(inspect.signature(scorer).parameters)
    for option in options:
        if option not in known:
            raise ScenarioError(
                f"the {name} VAD has no option {option!r}",
                fix=f"it has {', '.join(known) or 'none'}",
            )
    return scorer(**options)
