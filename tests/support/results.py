"""Runs to test with, without running anything."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.logs import LogBuilder
from voicelab.audio.pcm import Samples
from voicelab.result import Run

MANIFEST: dict[str, Any] = {
    "schema_version": 1,
    "run_id": "0123456789ab",
    "name": "a <test>",
    "seed": 7,
    "clock": "virtual",
    "conversation_s": 8.0,
}


def barge_in() -> LogBuilder:
    """Return an answer broken off by the caller, and the answer to that."""
    log = LogBuilder()
    log.frames(8000)
    log.caller(0, 200, 1000, words=[("Hello", 0, 400), ("there", 420, 800)])
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    words = ["one", "two", "three"]
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000, words=words, heard_ms=1152)
    log.caller(1, 2300, 2500, kind="backchannel")
    log.caller(2, 3090, 4000)
    log.heard_as("user-1", 3104, 4000, sent_ms=4560)
    log.interrupt(
        "agent-0",
        3214,
        trigger="user-1",
        received_ms=3000,
        played_ms=1150,
        claim_ms=1200,
    )
    log.answer("resp-1", "agent-1", "user-1", 4560, 1500, words=words)
    log.caller(3, 6800, 7000)
    scores = [0.1, 0.9] * 100
    log.add(7500, "server", "vad.scores", first_frame=0, frame_ms=32, scores=scores)
    return log


def stereo(seconds: float = 8.0) -> Samples:
    """Return a recording of two tones."""
    t_s = np.arange(round(24_000 * seconds)) / 24_000
    tones = [np.sin(2 * np.pi * hz * t_s) for hz in (220, 330)]
    recording: Samples = np.rint(8000 * np.column_stack(tones)).astype(np.int16)
    return recording


def make_run(log: LogBuilder | None = None, **manifest: Any) -> Run:
    """Return a run of a log."""
    raw = (barge_in() if log is None else log).build()
    return Run({**MANIFEST, **manifest}, raw, stereo())
