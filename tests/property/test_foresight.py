"""Turns that are heard at their pauses have the words that they have at their end.

That holds for whoever hears nothing in silence, whatever the caller and the client do.
In virtual time nothing else changes, either: the same is sent at the same instants.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import numpy as np
import pytest

from tests.support.cascades import FakeChat, cascade_profile, stages, text
from tests.support.pauses import judged_at_random
from tests.support.session_pair import SessionPair
from voicelab.responders.cascade import (
    CascadeResponder,
    HearingTranscriber,
    SharedHearing,
)
from voicelab.session.reply import CallerAudio
from voicelab.session.work import INLINE, Job, Once, Work
from voicelab.units import NS_PER_MS

T = TypeVar("T")
SEEDS = range(15)
FRAME_MS = 32
HEARD = "conversation.item.input_audio_transcription.completed"
COMMITTED = "input_audio_buffer.committed"
DETECTIONS = (
    {"type": "server_vad"},
    {"type": "server_vad", "silence_duration_ms": 200},
    {"type": "server_vad", "silence_duration_ms": 900},
    {"type": "semantic_vad", "eagerness": "high"},
)


class SpeechOnly:
    """Hears how much of each level there is, and no silence."""

    name = identity = "speech only"
    is_stand_in = False

    def __init__(self) -> None:
        self.heard_ms: list[int] = []

    def words(self, audio: CallerAudio) -> str:
        self.heard_ms.append(audio.duration_ms)
        levels, counts = np.unique(audio.samples, return_counts=True)
        heard = zip(levels.tolist(), counts.tolist(), strict=True)
        return " ".join(f"{count} of {level}" for level, count in heard if level)


class Sometime:
    """Work whose results land a while later, as in threads."""

    charges = False

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def begin(self, task: Callable[[], T], now_ns: int, charged_ns: int = 0) -> Job[T]:
        del charged_ns
        takes_ms = int(self._random.integers(0, 700))
        return INLINE.begin(task, now_ns, takes_ms * NS_PER_MS)

    def each(self, *_: Any) -> Any:
        raise AssertionError


@cache
def played(
    seed: int, *, early: bool, threads: bool = False
) -> tuple[SessionPair, SpeechOnly]:
    """Play a caller and a client at random, who do the same with each seed."""
    random = np.random.default_rng(seed)
    work: Work = Sometime(seed) if threads else INLINE
    ears = SpeechOnly()
    profile = cascade_profile()
    hearing = SharedHearing(ears, work, profile.sampler(1).stt_final_ns)
    made = stages(FakeChat(*text("Yes, of course.")), profile=profile)
    made = replace(made, hearing=hearing)
    delay_ms = int(random.integers(0, 2)) * 700
    pair = SessionPair(
        responder=CascadeResponder(made),
        transcriber=HearingTranscriber(hearing),
        detection_delay=lambda: delay_ms * NS_PER_MS,
        end_of_turn=judged_at_random(),
        early=hearing if early else None,
        audio={"input": {"transcription": {"model": "whisper-1"}}},
    )
    for _ in range(25):
        _act(pair, random)
    pair.hush(64 * FRAME_MS)
    pair.run(10_000)
    return pair, ears


def _act(pair: SessionPair, random: np.random.Generator) -> None:
    match random.choice(["speak", "mumble", "hush", "ask"], p=[0.3, 0.25, 0.35, 0.1]):
        case "speak":
            pair.speak(FRAME_MS * int(random.integers(1, 30)), 1.0)
        case "mumble":  # neither speech nor silence
            pair.speak(FRAME_MS * int(random.integers(1, 8)), 0.4)
        case "hush":
            pair.hush(FRAME_MS * int(random.integers(1, 40)))
        case _:
            _ask(pair, random)


def _ask(pair: SessionPair, random: np.random.Generator) -> None:
    match random.choice(["commit", "clear", "detect", "hands"]):
        case "commit":
            pair.send({"type": "input_audio_buffer.commit"})
        case "clear":
            pair.send({"type": "input_audio_buffer.clear"})
        case "detect":
            detection = DETECTIONS[int(random.integers(len(DETECTIONS)))]
            pair.update(audio={"input": {"turn_detection": detection}})
        case _:
            pair.update(audio={"input": {"turn_detection": None}})


def transcripts(pair: SessionPair) -> list[str]:
    """Return what was heard, in the order of the turns."""
    heard = {event["item_id"]: event["transcript"] for event in pair.of(HEARD)}
    committed = [event["item_id"] for event in pair.of(COMMITTED)]
    assert heard.keys() == set(committed)
    return [heard[item_id] for item_id in committed]


@pytest.mark.parametrize("seed", SEEDS)
def test_in_virtual_time_nothing_changes(seed: int) -> None:
    early, _ = played(seed, early=True)
    late, _ = played(seed, early=False)
    assert early.events == late.events
    assert early.sent_at_ns == late.sent_at_ns
    assert early.notes == late.notes


@pytest.mark.parametrize("seed", SEEDS)
def test_in_threads_the_words_are_the_same(seed: int) -> None:
    early, _ = played(seed, early=True, threads=True)
    late, _ = played(seed, early=False)
    assert transcripts(early) == transcripts(late)


def test_these_callers_are_heard_early_at_all() -> None:
    """Else the above would hold for nothing."""
    heard = [
        (sum(played(seed, early=True)[1].heard_ms), late.heard_ms)
        for seed in SEEDS
        for _, late in [played(seed, early=False)]
    ]
    shorter = [early_ms < sum(late_ms) for early_ms, late_ms in heard]
    assert sum(shorter) > len(SEEDS) // 2


def test_a_task_is_done_once() -> None:
    results = deque(["first", "second"])
    once = Once(results.popleft)
    assert [once(), once()] == ["first", "first"]
    failing = Once(deque[str]().popleft)
    for _ in range(2):
        with pytest.raises(IndexError):
            failing()
