"""Two runs of one scenario, compared event by event."""

from __future__ import annotations

from voicelab.metrics.comparison.compare import Recorded, compare_runs
from voicelab.metrics.comparison.result import Comparison, Timing

__all__ = ["Comparison", "Recorded", "Timing", "compare_runs"]
