"""A page of a run, or of many: one HTML file that needs nothing beside it."""

from __future__ import annotations

from voicelab.reports.sound import SOUNDS
from voicelab.reports.writing import report

__all__ = ["SOUNDS", "report"]
