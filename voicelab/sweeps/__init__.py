"""Sweeps: one scenario, or several, run again and again with other settings and seeds.

A spec becomes a plan, whose cells an executor runs; a journal keeps each outcome as it
comes, and the table is made from the journal.
"""

from __future__ import annotations

from voicelab.sweeps.executors import make_executor
from voicelab.sweeps.from_python import sweep
from voicelab.sweeps.result import Pivot, Sweep, load_sweep
from voicelab.sweeps.running import Choices, Counts, run_sweep
from voicelab.sweeps.spec import make_plan, read_plan

__all__ = [
    "Choices",
    "Counts",
    "Pivot",
    "Sweep",
    "load_sweep",
    "make_executor",
    "make_plan",
    "read_plan",
    "run_sweep",
    "sweep",
]
