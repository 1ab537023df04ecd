"""Conversations for curves, written down instead of recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voicelab.curves.corpus import Corpus
from voicelab.curves.hearing import Heard, Spoken
from voicelab.curves.rows import CurveRow
from voicelab.session.turn_detection import FRAME_MS
from voicelab.units import NS_PER_MS

FRAME_OF_MICROPHONE_MS = 20

Turn = tuple[str, int, int]
"""Kind, start and end in whole milliseconds."""


def heard(
    turns: Sequence[Turn],
    recording_ms: int,
    *,
    name: str = "call",
    frame_ms: int = FRAME_OF_MICROPHONE_MS,
    speaker: str = "ada",
) -> Heard:
    """Return a conversation in which the caller says this."""
    spoken = [
        Spoken(
            kind,
            start_ms * NS_PER_MS,
            end_ms * NS_PER_MS,
            -(-end_ms // frame_ms) * frame_ms * NS_PER_MS,
        )
        for kind, start_ms, end_ms in turns
    ]
    return Heard(
        conversation=name,
        speaker=speaker,
        codec="pcm",
        noise=None,
        snr_db=None,
        frame_ms=frame_ms,
        recording_ns=recording_ms * NS_PER_MS,
        spoken=tuple(spoken),
        speech=tuple((each.start_ns, each.end_ns) for each in spoken),
    )


def scores_of(length: int, *voiced: tuple[int, int]) -> list[float]:
    """Return scores of so many frames: 1 from one frame up to another, else 0."""
    scores = np.zeros(length)
    for first, stop in voiced:
        scores[first:stop] = 1.0
    return scores.tolist()


def corpus(
    *conversations: tuple[Heard, Sequence[float]], longest_ms: int = 10 * FRAME_MS
) -> Corpus:
    """Return a corpus of conversations and their scores."""
    scores = [np.array(each, np.float32) for _, each in conversations]
    return Corpus([one for one, _ in conversations], scores, longest_ms)


def row(
    rate: float, p50: float | None, p95: float | None = None, **changes: object
) -> CurveRow:
    """Return a row with a cut-in rate and delays, and what else is given."""
    fields: dict[str, object] = {
        "detector": "silero",
        "threshold": 0.5,
        "silence_duration_ms": 500,
        "prefix_padding_ms": 300,
        "codec": "pcm",
        "noise": None,
        "snr_db": None,
        "conversations": 10,
        "turns": 100,
        "endpoints": 100,
        "missed_turns": 0,
        "merged_turns": 0,
        "false_turns": 0,
        "backchannel_turns": 0,
        "cut_ins": round(100 * rate),
        "cut_in_rate": rate,
        "cut_in_low": max(rate - 0.03, 0.0),
        "cut_in_high": rate + 0.03,
        "cut_in_cluster_low": None,
        "cut_in_cluster_high": None,
        "endpointing_delays": 100,
        "endpointing_delay_p50_ms": p50,
        "endpointing_delay_p50_low_ms": None,
        "endpointing_delay_p50_high_ms": None,
        "endpointing_delay_p95_ms": p95,
        "endpointing_delay_p95_low_ms": None,
        "endpointing_delay_p95_high_ms": None,
        "onset_delay_p50_ms": 60.0,
        "front_clip_ms": 0.0,
        "is_front": False,
        "is_default": False,
    }
    return CurveRow(**{**fields, **changes})  # type: ignore[arg-type]
