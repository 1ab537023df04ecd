"""Figures: one function each, from a run to a `Plot` that says what it shows."""

from __future__ import annotations

from voicelab.plot.figure import Plot
from voicelab.plot.timeline import timeline

__all__ = ["Plot", "timeline"]
