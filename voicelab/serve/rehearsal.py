"""Plays a session to nobody before the first client comes.

The first session of a process loads what all others find loaded: the weights of the
voice-activity detector, the random generators, code and tables. That takes some ten
milliseconds here and there, in which nobody else is served, and the first client would
see them as latency.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from voicelab.session.hosted import HostedSession
from voicelab.units import NS_PER_MS

_FRAME = np.random.default_rng(0).integers(-300, 300, 4800, np.int16)  # 200 ms
_MANUAL: dict[str, Any] = {
    "type": "session.update",
    "session": {
        "type": "realtime",
        "audio": {"input": {"turn_detection": None}},
    },
}
_STEPS = 40


def rehearse(hosted: HostedSession) -> None:
    """Open a new session, let it listen and answer a little, and close it."""
    now_ns = 0
    hosted.open(now_ns)
    audio = base64.b64encode(_FRAME.astype("<i2").tobytes()).decode()
    for event in (
        {"type": "input_audio_buffer.append", "audio": audio},
        _MANUAL,
        {"type": "input_audio_buffer.append", "audio": audio},
        {"type": "input_audio_buffer.commit"},
        {"type": "response.create"},
    ):
        now_ns += NS_PER_MS
        hosted.receive(json.dumps(event), now_ns)
    for _ in range(_STEPS):
        due_ns = hosted.next_deadline()
        if due_ns is None:
            break
        now_ns = max(now_ns, due_ns)
        hosted.advance(now_ns)
        hosted.take_outbox()
    hosted.close(now_ns)
    hosted.take_outbox()
