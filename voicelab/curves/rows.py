"""What a setting comes to: counts, rates and percentiles with their intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from voicelab.curves.corpus import Corpus, Integers, Take
from voicelab.curves.grid import DEFAULT, Grid
from voicelab.curves.intervals import quantile_intervals, rate_interval
from voicelab.curves.judging import Flags, Floats, Judgement, judge
from voicelab.metrics.statistics import enough_for, wilson_interval
from voicelab.session.turn_detection import TurnSettings

_MEDIAN, _P95 = 0.5, 0.95

VARIOUS = "various"
"""The codec or noise of conversations that do not have the same one."""


class CurveRow(msgspec.Struct, frozen=True, kw_only=True):
    """One setting in one condition. Intervals are of 95 %.

    Percentiles are None where there are too few values (`enough_for` of
    `voicelab.metrics.statistics`), their intervals also where fewer than two
    conversations have any.

    Attributes:
        detector: the voice-activity scorer; or `semantic_vad`, which has Silero's.
        threshold: the API's, like the two that follow.
        silence_duration_ms: the silence that ends a turn; of `semantic_vad` the
            longest.
        prefix_padding_ms: the audio that is kept from before its onset.
        eagerness: of `semantic_vad`; None for other detectors.
        codec: the coding of the caller's audio; `various` where conversations differ.
        noise: the noise around the caller; None for none but the recordings' own.
        snr_db: the level of speech over it; None also where conversations differ.
        conversations: how many.
        turns: turns of the caller, backchannels not counted.
        endpoints: how often the detector decided that a turn was over.
        missed_turns: turns that were not noticed, or never ended.
        merged_turns: turns that were taken for one with the next.
        false_turns: what was taken for a turn and holds no speech of the caller.
        backchannel_turns: what was taken for a turn and is a backchannel.
        cut_ins: turns inside which an endpoint fell.
        cut_in_rate: their share of the turns.
        cut_in_low: the lower bound of that share (Wilson).
        cut_in_high: the upper bound.
        cut_in_cluster_low: the lower bound by cluster bootstrap over conversations:
            turns of one conversation resemble each other.
        cut_in_cluster_high: the upper bound likewise.
        endpointing_delays: how many turns have an endpointing delay.
        endpointing_delay_p50_ms: the median of these delays.
        endpointing_delay_p50_low_ms: its lower bound, by cluster bootstrap.
        endpointing_delay_p50_high_ms: its upper bound.
        endpointing_delay_p95_ms: the 95th percentile.
        endpointing_delay_p95_low_ms: its lower bound.
        endpointing_delay_p95_high_ms: its upper bound.
        onset_delay_p50_ms: the median delay of `speech_started`.
        front_clip_ms: the mean length of speech from before the audio of the turns
            that were noticed.
        is_front: whether no setting in this condition has both fewer cut-ins and a
            shorter median delay.
        is_default: whether it is the API's own setting.
    """

    detector: str
    threshold: float
    silence_duration_ms: int
    prefix_padding_ms: int
    eagerness: str | None = None
    codec: str
    noise: str | None
    snr_db: float | None
    conversations: int
    turns: int
    endpoints: int
    missed_turns: int
    merged_turns: int
    false_turns: int
    backchannel_turns: int
    cut_ins: int
    cut_in_rate: float
    cut_in_low: float
    cut_in_high: float
    cut_in_cluster_low: float | None
    cut_in_cluster_high: float | None
    endpointing_delays: int
    endpointing_delay_p50_ms: float | None
    endpointing_delay_p50_low_ms: float | None
    endpointing_delay_p50_high_ms: float | None
    endpointing_delay_p95_ms: float | None
    endpointing_delay_p95_low_ms: float | None
    endpointing_delay_p95_high_ms: float | None
    onset_delay_p50_ms: float | None
    front_clip_ms: float | None
    is_front: bool
    is_default: bool

    @property
    def missed_rate(self) -> float:
        """The share of the turns that have no endpoint of their own."""
        return (self.missed_turns + self.merged_turns) / self.turns


def rows_of(
    corpus: Corpus, detector: str, grid: Grid, wanted: list[Flags]
) -> list[list[CurveRow]]:
    """Return the rows of a detector, for each set of conversations its own.

    Args:
        corpus: the conversations in one condition.
        detector: whose scores they are.
        grid: the settings.
        wanted: sets of conversations: of each conversation, whether it counts.

    Returns:
        For each set a row a setting, in the order of the grid; `is_front` is False.
    """
    found: list[list[CurveRow]] = [[] for _ in wanted]
    for settings in grid.settings_of(detector):
        judged = [judge(corpus, each) for each in settings]
        for rows, takes in zip(found, wanted, strict=True):
            rows.extend(_rows(corpus, detector, settings, judged, takes))
    return found


def _rows(
    corpus: Corpus,
    detector: str,
    settings: list[TurnSettings],
    judged: list[Judgement],
    takes: Flags,
) -> Iterator[CurveRow]:
    """Yield the rows of settings that differ in padding alone: most is the same."""
    row = _row(corpus, detector, settings[0], judged[0], takes)
    of_takes = takes[corpus.turns.take]
    for setting, judgement in zip(settings, judged, strict=True):
        clip = judgement.front_clip_ms[of_takes]
        yield msgspec.structs.replace(
            row,
            prefix_padding_ms=setting.prefix_padding_ms,
            front_clip_ms=_mean(clip[~np.isnan(clip)]),
            is_default=setting == DEFAULT,
        )


def _row(
    corpus: Corpus,
    detector: str,
    settings: TurnSettings,
    judged: Judgement,
    takes: Flags,
) -> CurveRow:
    turns, items = takes[corpus.turns.take], takes[judged.item_take]
    clusters = corpus.turns.take[turns]
    cut_in, delays = judged.cut_in[turns], judged.endpointing_delay_ms[turns]
    rate = wilson_interval(int(cut_in.sum()), len(cut_in))
    by_cluster = rate_interval(cut_in, clusters) or (None, None)
    has_delay = ~np.isnan(delays)
    onsets = judged.onset_delay_ms[turns]
    return CurveRow(
        detector=detector,
        threshold=settings.threshold,
        silence_duration_ms=settings.silence_duration_ms,
        prefix_padding_ms=settings.prefix_padding_ms,
        eagerness=settings.eagerness,
        **condition_of(
            [take for take, is_in in zip(corpus.takes, takes, strict=True) if is_in]
        ),
        conversations=int(takes.sum()),
        turns=len(cut_in),
        endpoints=int(judged.ended[items].sum()),
        missed_turns=int(judged.missed[turns].sum()),
        merged_turns=int(judged.merged[turns].sum()),
        false_turns=int(judged.false[items].sum()),
        backchannel_turns=int(judged.aside[items].sum()),
        cut_ins=int(cut_in.sum()),
        cut_in_rate=rate.estimate,
        cut_in_low=rate.low,
        cut_in_high=rate.high,
        cut_in_cluster_low=by_cluster[0],
        cut_in_cluster_high=by_cluster[1],
        endpointing_delays=int(has_delay.sum()),
        **_delays(delays[has_delay], clusters[has_delay]),
        onset_delay_p50_ms=_quantile(onsets[~np.isnan(onsets)], _MEDIAN),
        front_clip_ms=None,
        is_front=False,
        is_default=False,
    )


def condition_of(takes: list[Take]) -> dict[str, Any]:
    """Return what the conversations have in common of their channels."""
    codecs = {take.codec for take in takes}
    noises = {take.noise for take in takes}
    levels = {take.snr_db for take in takes}
    return {
        "codec": codecs.pop() if len(codecs) == 1 else VARIOUS,
        "noise": noises.pop() if len(noises) == 1 else VARIOUS,
        "snr_db": levels.pop() if len(levels) == 1 else None,
    }


def _delays(delays: Floats, clusters: Integers) -> dict[str, Any]:
    """Return the percentiles of the endpointing delay, with their intervals."""
    quantiles = {"p50": _MEDIAN, "p95": _P95}
    bounds = quantile_intervals(delays, clusters, list(quantiles.values()))
    found: dict[str, Any] = {}
    for number, (name, q) in enumerate(quantiles.items()):
        value = _quantile(delays, q)
        low: float | None = None
        high: float | None = None
        if value is not None and bounds is not None:
            low, high = bounds[number]
        found[f"endpointing_delay_{name}_ms"] = value
        found[f"endpointing_delay_{name}_low_ms"] = low
        found[f"endpointing_delay_{name}_high_ms"] = high
    return found


def _quantile(values: Floats, q: float) -> float | None:
    return float(np.quantile(values, q)) if len(values) >= enough_for(q) else None


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
