"""Speech models behind small protocols: voice activity, one score a 32 ms frame."""

from __future__ import annotations

from voicelab.speech.cache import (
    ArrayCache,
    cache_folder,
    cached_score_file,
    default_cache,
)
from voicelab.speech.cached_scorer import CachedScorer
from voicelab.speech.energy import EnergyScorer
from voicelab.speech.score_memory import RememberingScorer, ScoreMemory
from voicelab.speech.scorers import SCORER_NAMES, make_scorer
from voicelab.speech.silero import SileroScorer
from voicelab.speech.silero_onnx import SileroOnnxScorer
from voicelab.speech.vad import Frames, Scores, Snapshot, SnapshotScorer, VadScorer
from voicelab.speech.webrtc import WebrtcScorer

__all__ = [
    "SCORER_NAMES",
    "ArrayCache",
    "CachedScorer",
    "EnergyScorer",
    "Frames",
    "RememberingScorer",
    "ScoreMemory",
    "Scores",
    "SileroOnnxScorer",
    "SileroScorer",
    "Snapshot",
    "SnapshotScorer",
    "VadScorer",
    "WebrtcScorer",
    "cache_folder",
    "cached_score_file",
    "default_cache",
    "make_scorer",
]
