"""What the server took for speech of the caller where there was none.

The cause is the component of the microphone's signal, noise or echo, that is loudest
from the onset of what the server took for a turn to the end of the audio that it had
when it said so. Where the caller's own signal is the loudest (breath, a word that the
labels do not know), or nobody measured, the cause is unknown.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from voicelab.metrics.facts import Facts
from voicelab.metrics.user_items import UserItem
from voicelab.units import samples_to_ns

NoCallerCause = Literal["noise", "echo", "unknown"]


def cause_of(facts: Facts, taken: UserItem | None) -> NoCallerCause:
    """Return what the server took for speech; None is what nobody told of."""
    if taken is None or facts.levels is None:
        return "unknown"
    end_ns = had_when_decided_ns(facts, taken.item_id)
    match facts.levels.loudest(taken.onset_ns, end_ns):
        case "noise":
            return "noise"
        case "echo":
            return "echo"
        case _:
            return "unknown"


def had_when_decided_ns(facts: Facts, user_item_id: str) -> int:
    """Return up to where the server had the caller's audio when it told of speech.

    Without the server's lane: up to where the client had sent it by then.
    """
    lane = "server" if facts.log.has_server else "client"
    told = facts.log.of(lane, "input_audio_buffer.speech_started")
    decided = [event.t_ns for event in told if event.item_id == user_item_id]
    frames = facts.log.appends(lane)
    count = int(np.searchsorted(frames.t_ns, decided[0], "right")) if decided else 0
    if not count:
        return 0
    wire = facts.session.input_format
    last_samples = int(frames.bytes[count - 1]) // wire.bytes_per_sample
    end_samples = int(frames.pos_samples[count - 1]) + last_samples
    return samples_to_ns(end_samples, wire.rate_hz)
