"""The vectorised decisions of `semantic_vad` are those of the streaming detector."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab.session.decisions import ScoreTrack
from voicelab.session.semantic import semantic_wait_ms
from voicelab.session.semantic_decisions import decide_by_pauses
from voicelab.session.turn_detection import (
    FRAME_MS,
    Eagerness,
    Pause,
    TurnDetector,
    TurnEnd,
    TurnSettings,
    TurnStart,
    semantic_settings,
)

EAGERNESS: st.SearchStrategy[Eagerness] = st.sampled_from(
    ["low", "medium", "high", "auto"]
)
DELAYS_MS = st.integers(0, 3000) | st.sampled_from([0, 32, 60, 64, 5000])


def thought_of(pause: Pause) -> float:
    """A probability that depends on all of the pause, mostly near 0 or 1."""
    digest = blake2b(repr(pause).encode(), digest_size=2).digest()
    share = int.from_bytes(digest, "big") / 65_535
    return share if digest[0] % 3 == 0 else float(share > 0.5)


@dataclass
class Streamed:
    """A detector that is fed frame by frame, each when it ends."""

    settings: TurnSettings
    delay_ms: int

    def __post_init__(self) -> None:
        self.detector = TurnDetector(self.settings)
        self.asked: tuple[int, float] | None = None
        self.starts: list[TurnStart] = []
        self.ends: list[TurnEnd] = []

    def feed(self, scores: list[float]) -> None:
        for number, score in enumerate(scores):
            now_ms = (number + 1) * FRAME_MS
            self.answer(now_ms)  # what is due comes before what arrives
            self.take(self.detector.feed(score))
            if not self.detector.silent:
                self.asked = None
            pause = self.detector.take_pause()
            if pause is not None:
                self.asked = (now_ms + self.delay_ms, thought_of(pause))
                self.answer(now_ms)
        self.answer((len(scores) + 1) * FRAME_MS)

    def answer(self, now_ms: int) -> None:
        if self.asked is None or self.asked[0] > now_ms:
            return
        eagerness = self.settings.eagerness
        assert eagerness is not None
        wait_ms = semantic_wait_ms(self.asked[1], eagerness)
        self.asked = None
        self.take(self.detector.answer(wait_ms))

    def take(self, change: TurnStart | TurnEnd | None) -> None:
        if isinstance(change, TurnStart):
            self.starts.append(change)
        elif change is not None:
            self.ends.append(change)


@given(
    seed=st.integers(0, 2**32 - 1),
    eagerness=EAGERNESS,
    delay_ms=DELAYS_MS,
    longest_run=st.sampled_from([3, 12, 40]),
)
def test_scores_that_come_in_runs(
    seed: int, eagerness: Eagerness, delay_ms: int, longest_run: int
) -> None:
    rng = np.random.default_rng(seed)
    levels = rng.choice([0.02, 0.4, 0.97], size=30)
    runs = np.repeat(levels, rng.integers(1, longest_run + 1, size=30))
    scores = np.clip(runs + rng.normal(0, 0.05, len(runs)), 0, 1).tolist()
    settings = semantic_settings(eagerness)
    streamed = Streamed(settings, delay_ms)
    streamed.feed(scores)
    found = decide_by_pauses(ScoreTrack(scores), settings, thought_of, delay_ms)
    assert found.onset_ms.tolist() == [s.onset_ms for s in streamed.starts]
    assert found.audio_start_ms.tolist() == [s.audio_start_ms for s in streamed.starts]
    assert found.last_voiced_ms.tolist() == [e.last_voiced_ms for e in streamed.ends]
    assert found.audio_end_ms.tolist() == [e.audio_end_ms for e in streamed.ends]


def test_nothing_is_found_in_silence() -> None:
    settings = semantic_settings("auto")
    found = decide_by_pauses(ScoreTrack([0.1] * 9), settings, thought_of)
    assert len(found.onset_ms) == len(found.audio_end_ms) == 0


def test_server_vad_has_no_pauses_to_judge() -> None:
    with pytest.raises(ValueError, match="semantic_vad only"):
        decide_by_pauses(ScoreTrack([1.0]), TurnSettings(), thought_of)
