"""How much later than ours a server says that the caller's turn is over.

Definition
    The caller's audio, as recorded, goes through our own detector with the settings
    that the server confirmed. That gives the sample whose arrival decides the end of a
    turn, and, by the client's log, when the frame with that sample was sent. The
    *surplus* runs from there to the server's `speech_stopped` as received, less the
    delays that the scenario itself put on the network. What is left is the server's
    own: queueing, a slower or another detector, and the real network's round trip,
    which nobody can tell apart from outside.

    Turns are matched by the caller's truth: of each turn, the first end after its last
    word and before the next turn's. A turn whose end either side did not find there is
    counted as unmatched (cut in two, merged with the next).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import zip_longest
from typing import Any

import numpy as np

from voicelab.audio.resample import resample
from voicelab.audio.vad_front_end import vad_frames
from voicelab.metrics.session import session_facts
from voicelab.record.folder import AUDIO_RATE_HZ
from voicelab.record.log_reader import Log
from voicelab.result import Run
from voicelab.scenario.model import DEFAULT_VAD
from voicelab.session.turn_detection import (
    SEMANTIC_WAIT_MS,
    TurnDetector,
    TurnEnd,
    TurnSettings,
)
from voicelab.speech.scorers import make_scorer
from voicelab.units import ms_to_ns, ms_to_samples, ns_to_ms

SAME_FRAME_MS = 16.0
"""Half a frame of the detector: ends told this near to ours are told with ours."""

_STOPPED = "input_audio_buffer.speech_stopped"
_CALLER_CHANNEL = 0
_END_OF_TIME_NS = (1 << 63) - 1


@dataclass
class Endpointing:
    """How a server's ends of turns stand to ours.

    Attributes:
        surplus_ms: how much later each end was told than ours would have been.
        observed_ms: from each true end of a turn to the server's word of it.
        unmatched: turns whose end one side did not find.
    """

    surplus_ms: list[float] = field(default_factory=list)
    observed_ms: list[float] = field(default_factory=list)
    unmatched: int = 0

    def add(self, other: Endpointing) -> None:
        """Add what was seen in another run."""
        self.surplus_ms += other.surplus_ms
        self.observed_ms += other.observed_ms
        self.unmatched += other.unmatched


def endpointing(run: Run) -> Endpointing:
    """Return how the ends of turns in a run stand to ours; none if turns are manual."""
    seen = Endpointing()
    settings = _confirmed_settings(run.log)
    if settings is None:
        return seen
    told = [event.t_ns for event in run.log.of("client", _STOPPED)]
    known_ns = _known_delay_ns(run.manifest)
    decided = dict(_our_ends(run, settings))
    positions = list(decided)
    for end_ns, limit_ns in _turn_ends(run.log):
        stop_ns = _first_within(told, end_ns, limit_ns)
        ours = _first_within(positions, end_ns, limit_ns)
        if stop_ns is None or ours is None:
            seen.unmatched += 1
            continue
        seen.observed_ms.append(ns_to_ms(stop_ns - end_ns))
        seen.surplus_ms.append(ns_to_ms(stop_ns - decided[ours] - known_ns))
    return seen


def _confirmed_settings(log: Log) -> TurnSettings | None:
    """Return our detector's settings for what the server says that it uses."""
    told = log.of("client", "session.created") + log.of("client", "session.updated")
    audio = told[-1].data["session"].get("audio") if told else None
    heard = audio.get("input") if isinstance(audio, dict) else None
    if not isinstance(heard, dict) or "turn_detection" not in heard:
        return TurnSettings()
    detection = heard["turn_detection"]
    if not isinstance(detection, dict):
        return None
    if detection.get("type") == "semantic_vad":
        wait_ms = SEMANTIC_WAIT_MS.get(detection.get("eagerness", "auto"))
        return TurnSettings(silence_duration_ms=wait_ms or SEMANTIC_WAIT_MS["auto"])
    known = {field.name for field in fields(TurnSettings)}
    said = {key: value for key, value in detection.items() if key in known}
    return TurnSettings(**{key: x for key, x in said.items() if x is not None})


def _known_delay_ns(manifest: Mapping[str, Any]) -> int:
    """Return the mean delay that the scenario put on the network, both ways."""
    channel = (manifest.get("scenario") or {}).get("channel", {})
    ways = (channel.get(way) or {} for way in ("uplink", "downlink"))
    return sum(ms_to_ns(way.get("delay_ms", 0.0)) for way in ways)


def _our_ends(run: Run, settings: TurnSettings) -> list[tuple[int, int]]:
    """Return where our detector ends turns and when the deciding frames were sent.

    The first is the position in the audio, as an instant; both count from the
    caller's first sample.
    """
    wire = session_facts(run.log).input_format
    caller = np.ascontiguousarray(run.audio[:, _CALLER_CHANNEL])
    frames = vad_frames(resample(caller, AUDIO_RATE_HZ, wire.rate_hz), wire.rate_hz)
    vad = (run.manifest.get("scenario") or {}).get("agent", {}).get("vad", DEFAULT_VAD)
    detector = TurnDetector(settings)
    sent = run.log.appends("client")
    ends = []
    for score in make_scorer(vad).score_file(frames).tolist():
        change = detector.feed(score)
        if not isinstance(change, TurnEnd):
            continue
        deciding = ms_to_samples(change.audio_end_ms, wire.rate_hz) - 1
        sent_ns = sent.time_of_sample(deciding, bytes_per_sample=wire.bytes_per_sample)
        if sent_ns is not None:
            ends.append((ms_to_ns(change.audio_end_ms), sent_ns))
    return ends


def _turn_ends(log: Log) -> Iterator[tuple[int, int]]:
    """Yield the end of each turn of the caller and that of whatever they say next."""
    kinds = {
        event.data["turn"]: event.data.get("kind")
        for event in log.of("user", "turn.start")
    }
    ends = log.of("user", "turn.end")
    for event, after in zip_longest(ends, ends[1:]):
        limit_ns = _END_OF_TIME_NS if after is None else after.t_ns
        if kinds.get(event.data["turn"], "turn") == "turn":
            yield event.t_ns, limit_ns


def _first_within(instants: Sequence[int], start_ns: int, end_ns: int) -> int | None:
    index = bisect_right(instants, start_ns)
    found = instants[index] if index < len(instants) else end_ns
    return found if found < end_ns else None
