"""Metrics: facts of a run in, typed rows out.

`Facts` works out once what every metric starts from; each metric is a function of
it. Rows are plain typed objects; `voicelab.result.Run` offers them as DataFrames.
"""

from __future__ import annotations

from voicelab.metrics.agreement import (
    AGREEMENT_MS,
    AgreementSummary,
    TurnAgreement,
    agreement_summary,
    audio_agreement,
)
from voicelab.metrics.barge_in import FALSE_CAUSES, BargeIn, barge_ins
from voicelab.metrics.buffer import buffer_depth
from voicelab.metrics.components import Components, gather
from voicelab.metrics.configurations import (
    ConfigurationChange,
    compare_configurations,
)
from voicelab.metrics.definitions import (
    LatencyDefinitions,
    latency_definitions,
    tick_latency_ms,
)
from voicelab.metrics.det import (
    THRESHOLDS,
    DetPoint,
    det_points,
    run_det,
    sum_det,
)
from voicelab.metrics.edges import SpanErrors, false_spans, run_span_errors, span_errors
from voicelab.metrics.endpointing import TURN_OUTCOMES, Endpointing, endpointing
from voicelab.metrics.envelope import waveform_envelope
from voicelab.metrics.facts import Facts
from voicelab.metrics.floor import (
    FloorChange,
    FloorTimes,
    floor_changes,
    floor_times,
    run_floor_changes,
)
from voicelab.metrics.latency import PARTS, TurnLatency, cut_ins, turn_latencies
from voicelab.metrics.overlap import Overlap, overlap
from voicelab.metrics.phantom import phantom_cost_usd
from voicelab.metrics.playback import ItemPlayback, item_playbacks
from voicelab.metrics.pooled import (
    REPORTS,
    PooledShare,
    PooledValues,
    pooled_shares,
    pooled_values,
)
from voicelab.metrics.ratios import ratio_interval
from voicelab.metrics.report import Report
from voicelab.metrics.speech_rate import (
    PooledRate,
    SpeechRate,
    pooled_speech_rates,
    speech_rates,
)
from voicelab.metrics.stages import (
    STAGE_PARTS,
    STAGES,
    ResponseStage,
    StageLatency,
    response_stages,
    stage_latencies,
)
from voicelab.metrics.summary import Summary, percentile, summarise, summary_of
from voicelab.metrics.truncation import Truncation, truncations
from voicelab.metrics.turns import Turn, floor_turns
from voicelab.metrics.usage import UsageRow, usage_rows
from voicelab.metrics.vad import VadFrame, vad_frames

__all__ = [
    "AGREEMENT_MS",
    "FALSE_CAUSES",
    "PARTS",
    "REPORTS",
    "STAGES",
    "STAGE_PARTS",
    "THRESHOLDS",
    "TURN_OUTCOMES",
    "AgreementSummary",
    "BargeIn",
    "Components",
    "ConfigurationChange",
    "DetPoint",
    "Endpointing",
    "Facts",
    "FloorChange",
    "FloorTimes",
    "ItemPlayback",
    "LatencyDefinitions",
    "Overlap",
    "PooledRate",
    "PooledShare",
    "PooledValues",
    "Report",
    "ResponseStage",
    "SpanErrors",
    "SpeechRate",
    "StageLatency",
    "Summary",
    "Truncation",
    "Turn",
    "TurnAgreement",
    "TurnLatency",
    "UsageRow",
    "VadFrame",
    "agreement_summary",
    "audio_agreement",
    "barge_ins",
    "buffer_depth",
    "compare_configurations",
    "cut_ins",
    "det_points",
    "endpointing",
    "false_spans",
    "floor_changes",
    "floor_times",
    "floor_turns",
    "gather",
    "item_playbacks",
    "latency_definitions",
    "overlap",
    "percentile",
    "phantom_cost_usd",
    "pooled_shares",
    "pooled_speech_rates",
    "pooled_values",
    "ratio_interval",
    "response_stages",
    "run_det",
    "run_floor_changes",
    "run_span_errors",
    "span_errors",
    "speech_rates",
    "stage_latencies",
    "sum_det",
    "summarise",
    "summary_of",
    "tick_latency_ms",
    "truncations",
    "turn_latencies",
    "usage_rows",
    "vad_frames",
    "waveform_envelope",
]
