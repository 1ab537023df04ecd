"""Figures: one function each, from runs or tables to a `Plot`."""

from __future__ import annotations

from voicelab.plot.det import det
from voicelab.plot.ecdf import ecdf
from voicelab.plot.figure import Plot
from voicelab.plot.fto_histogram import fto_histogram
from voicelab.plot.heatmap import heatmap
from voicelab.plot.intelligibility import intelligibility
from voicelab.plot.pareto import pareto
from voicelab.plot.rate_trade_off import rate_trade_off
from voicelab.plot.speed_lever import speed_lever
from voicelab.plot.stage_waterfall import stage_waterfall
from voicelab.plot.timeline import timeline
from voicelab.plot.truncation_scatter import truncation_scatter
from voicelab.plot.waterfall import waterfall

__all__ = [
    "Plot",
    "det",
    "ecdf",
    "fto_histogram",
    "heatmap",
    "intelligibility",
    "pareto",
    "rate_trade_off",
    "speed_lever",
    "stage_waterfall",
    "timeline",
    "truncation_scatter",
    "waterfall",
]
