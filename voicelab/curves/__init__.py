"""Turn detection over many settings at once, exactly as whole runs would have it."""

from __future__ import annotations

from voicelab.curves.choice import Best
from voicelab.curves.curve import Curve, operating_curve
from voicelab.curves.frames import DetRow
from voicelab.curves.rows import CurveRow

__all__ = ["Best", "Curve", "CurveRow", "DetRow", "operating_curve"]
