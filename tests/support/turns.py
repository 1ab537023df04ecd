"""Bundled callers' turns, as a server gets to hear them."""

from __future__ import annotations

from functools import cache

import numpy as np

from voicelab.audio import AudioFormat, Samples, resample
from voicelab.lab.materials import Materials, gather
from voicelab.lab.recognition import ClipIndex
from voicelab.lab.turns import CallerTurn
from voicelab.scenario import find_scenario, load_scenario, scenario_names

BEFORE_MS, AFTER_MS = 220, 340
"""Background that a commit has around a clip: prefix padding and silence."""


@cache
def materials(name: str) -> Materials:
    """Return what a bundled scenario is made of."""
    return gather(load_scenario(find_scenario(name)))


def every_turn() -> list[tuple[str, CallerTurn]]:
    """Return all turns of the bundled callers, with their conversations' names."""
    return [(name, turn) for name in scenario_names() for turn in materials(name).turns]


@cache
def own_index(name: str) -> ClipIndex:
    """Return an index of one conversation's caller."""
    return index_of(list(materials(name).turns))


@cache
def index_of_others(name: str) -> ClipIndex:
    """Return an index of all callers but one conversation's."""
    return index_of([turn for other, turn in every_turn() if other != name])


def index_of(turns: list[CallerTurn]) -> ClipIndex:
    return ClipIndex([(turn.clip, turn.rate_hz) for turn in turns])


def background(name: str, duration_ms: int, audio_format: AudioFormat) -> Samples:
    """Return what is heard between the turns of a conversation."""
    uplink_hz = materials(name).uplink.rate_hz
    quiet = materials(name).background.take(0, duration_ms * uplink_hz // 1000)
    return resample(quiet, uplink_hz, audio_format.rate_hz)


def commit(name: str, turn: CallerTurn, audio_format: AudioFormat) -> Samples:
    """Return a turn with background around it, through a codec."""
    before = background(name, BEFORE_MS, audio_format)
    after = background(name, AFTER_MS, audio_format)
    clip = turn.at_rate(audio_format.rate_hz).clip
    return through(audio_format, np.concatenate([before, clip, after]))


def through(audio_format: AudioFormat, samples: Samples) -> Samples:
    """Return what is left of audio on the wire."""
    return audio_format.decode(audio_format.encode(samples))


def with_noise(samples: Samples, speech: Samples, snr_db: float) -> Samples:
    """Return audio with white noise, so far below the level of its speech."""
    level = np.sqrt(np.mean(speech.astype(np.float64) ** 2))
    noise = np.random.default_rng(5).standard_normal(len(samples))
    noisy = samples + noise * level / 10 ** (snr_db / 20)
    return np.asarray(np.clip(np.rint(noisy), -32768, 32767), np.int16)
