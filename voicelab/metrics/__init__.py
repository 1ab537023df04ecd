"""Metrics: facts of a run in, typed rows out.

`Facts` works out once what every metric starts from; each metric is a function of
it. Rows are plain typed objects; `voicelab.result.Run` offers them as DataFrames.
"""

from __future__ import annotations

from voicelab.metrics.barge_in import FALSE_CAUSES, BargeIn, barge_ins
from voicelab.metrics.buffer import buffer_depth
from voicelab.metrics.envelope import waveform_envelope
from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import PARTS, TurnLatency, cut_ins, turn_latencies
from voicelab.metrics.overlap import Overlap, overlap
from voicelab.metrics.phantom import phantom_cost_usd
from voicelab.metrics.playback import ItemPlayback, item_playbacks
from voicelab.metrics.speech_rate import SpeechRate, speech_rates
from voicelab.metrics.summary import Summary, percentile, summarise, summary_of
from voicelab.metrics.truncation import Truncation, truncations
from voicelab.metrics.turns import Turn, floor_turns
from voicelab.metrics.usage import UsageRow, usage_rows
from voicelab.metrics.vad import VadFrame, vad_frames

__all__ = [
    "FALSE_CAUSES",
    "PARTS",
    "BargeIn",
    "Facts",
    "ItemPlayback",
    "Overlap",
    "SpeechRate",
    "Summary",
    "Truncation",
    "Turn",
    "TurnLatency",
    "UsageRow",
    "VadFrame",
    "barge_ins",
    "buffer_depth",
    "cut_ins",
    "floor_turns",
    "item_playbacks",
    "overlap",
    "percentile",
    "phantom_cost_usd",
    "speech_rates",
    "summarise",
    "summary_of",
    "truncations",
    "turn_latencies",
    "usage_rows",
    "vad_frames",
    "waveform_envelope",
]
