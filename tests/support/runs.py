"""Run folders as plain data, and what must hold of every one of them.

Nothing here uses the package's own reader of logs or its metrics: they are what is
being checked.
"""

from __future__ import annotations

import hashlib
import json
import wave
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voicelab.lab.experiment import run_scenario
from voicelab.scenario import load_scenario, override
from voicelab.scenario.library import find_scenario
from voicelab.scenario.model import Scenario

NS_PER_S = 10**9
WAV_RATE_HZ = 24_000
LANES = {"client", "server", "user", "player", "agent", "link"}
DELTA = "response.output_audio.delta"
APPEND = "input_audio_buffer.append"

Line = dict[str, Any]


def bundled(name: str, **settings: Any) -> Scenario:
    """Return a bundled scenario with changes."""
    return override(load_scenario(find_scenario(name)), **settings)


@dataclass(frozen=True)
class Span:
    """A stretch of an item that was played, or heard, without a gap."""

    item_id: str
    start_ns: int
    stop_ns: int
    first: int
    end: int
    reason: str


@dataclass(frozen=True)
class RunLog:
    """A finished run, read the simple way."""

    folder: Path
    lines: list[Line] = field(repr=False)

    @classmethod
    def read(cls, folder: Path) -> RunLog:
        text = (folder / "events.jsonl").read_text("utf-8")
        return cls(folder, [json.loads(line) for line in text.splitlines()])

    @classmethod
    def of(cls, scenario: Scenario, parent: Path) -> RunLog:
        """Run a scenario and read what it left."""
        return cls.read(run_scenario(scenario, parent))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "manifest.json").read_text("utf-8")))

    @cached_property
    def audio(self) -> npt.NDArray[np.int16]:
        """Return the recording, int16 [n, 2]."""
        with wave.open(str(self.folder / "audio.wav")) as sound:
            assert sound.getframerate() == WAV_RATE_HZ
            assert (sound.getnchannels(), sound.getsampwidth()) == (2, 2)
            data = sound.readframes(sound.getnframes())
        return np.frombuffer(data, "<i2").reshape(-1, 2)

    def on(self, lane: str, *types: str) -> Iterator[Line]:
        """Return the lines of a lane, of these types if any are given."""
        for line in self.lines:
            if line["lane"] == lane and (not types or line["type"] in types):
                yield line

    def spans(self, lane: str) -> list[Span]:
        """Return what was played (`player`) or heard (`agent`), in order.

        What is under way when the caller hangs up has no end and is left out.
        """
        return self._spans(lane)[0]

    def under_way(self, lane: str) -> list[int]:
        """Return when what had no end when the caller hung up began."""
        return [line["t_ns"] for line in self._spans(lane)[1]]

    def _spans(self, lane: str) -> tuple[list[Span], list[Line]]:
        spans: list[Span] = []
        begun: dict[str, Line] = {}
        for line in self.on(lane):
            item_id, data = line["item_id"], line["data"]
            if line["type"].endswith(".start"):
                assert item_id not in begun
                begun[item_id] = line
                continue
            start = begun.pop(item_id)
            assert start["data"]["from_samples"] == data["from_samples"]
            spans.append(
                Span(
                    item_id,
                    start["t_ns"],
                    line["t_ns"],
                    data["from_samples"],
                    data["to_samples"],
                    data["reason"],
                )
            )
        return spans, list(begun.values())

    @property
    def end_ns(self) -> int:
        """Return when the caller hung up."""
        return int(self.lines[-1]["t_ns"])

    @cached_property
    def received(self) -> dict[str, list[dict[str, Any]]]:
        """Return what stands for the audio that the client received, by item."""
        pieces: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in self.on("client", DELTA):
            pieces[line["item_id"]].append(line["data"]["audio"])
        return pieces

    @cached_property
    def formats(self) -> tuple[str, str]:
        """Return the audio types of uplink and downlink on the wire."""
        updated = next(self.on("client", "session.updated"))
        audio = updated["data"]["session"]["audio"]
        return audio["input"]["format"]["type"], audio["output"]["format"]["type"]

    @property
    def downlink_rate_hz(self) -> int:
        return 24_000 if self.formats[1] == "audio/pcm" else 8_000

    @property
    def downlink_sample_bytes(self) -> int:
        return 2 if self.formats[1] == "audio/pcm" else 1


def check_all(run: RunLog) -> None:
    """Check everything that holds of every run."""
    check_lines(run)
    check_positions(run)
    check_spans(run)
    check_interruptions(run)
    check_left_channel(run)
    check_right_channel(run)


def check_lines(run: RunLog) -> None:
    """Each line is whole, instants are integers, and everything is in order."""
    raw = (run.folder / "events.jsonl").read_bytes()
    assert raw.endswith(b"\n")
    for index, line in enumerate(run.lines):
        assert list(line) == ["seq", "t_ns", "lane", "type", "item_id", "data"]
        assert line["seq"] == index
        assert type(line["t_ns"]) is int
        assert line["lane"] in LANES
        assert isinstance(line["data"], dict)
        assert line["item_id"] is None or isinstance(line["item_id"], str)
    instants = [line["t_ns"] for line in run.lines]
    assert instants == sorted(instants)
    assert instants[0] <= 0
    claims = {
        line["data"]["truncate_event_id"] for line in run.on("client", "interruption")
    }
    for line in run.on("server", "error"):
        # a claim may be too long, and two responses be asked for at once; nothing else
        # is ever refused
        error = line["data"]["error"]
        refused = error.get("event_id") in claims - {None}
        assert refused or error["code"] == "conversation_already_has_active_response"


def check_positions(run: RunLog) -> None:
    """At all times heard <= played <= received <= sent, of every item.

    What was played grows steadily between its start and its stop, the rest in
    steps; so it is enough to look just before each step and at each stop.
    """
    rate_hz, sample_bytes = run.downlink_rate_hz, run.downlink_sample_bytes
    reached: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    playing: dict[tuple[str, str], tuple[int, int]] = {}

    def position(item_id: str, lane: str, t_ns: int) -> int:
        if (item_id, lane) in playing:
            first, start_ns = playing[item_id, lane]
            return first + (t_ns - start_ns) * rate_hz // NS_PER_S
        return reached[item_id][lane]

    for line in run.lines:
        item_id, lane, data = line["item_id"], line["lane"], line["data"]
        if line["type"] == DELTA:
            step = "sent" if lane == "server" else "received"
            assert data["audio"]["pos_samples"] == reached[item_id][step]
            before = dict(reached[item_id])
            reached[item_id][step] += data["audio"]["bytes"] // sample_bytes
            if step == "received":
                played = position(item_id, "player", line["t_ns"])
                assert played <= before.get("received", 0)
        elif line["type"].endswith(("playback.start", "heard.start")):
            playing[item_id, lane] = (data["from_samples"], line["t_ns"])
        elif line["type"].endswith(("playback.stop", "heard.stop")):
            del playing[item_id, lane]
            assert data["to_samples"] >= reached[item_id][lane]
            reached[item_id][lane] = data["to_samples"]
        if item_id in reached:
            heard = position(item_id, "agent", line["t_ns"])
            played = position(item_id, "player", line["t_ns"])
            assert heard <= played
            assert played <= reached[item_id]["received"] <= reached[item_id]["sent"]


def check_spans(run: RunLog) -> None:
    """Items are tiled by their spans, one plays at a time, the ear follows late."""
    played, heard = run.spans("player"), run.spans("agent")
    for spans in (played, heard):
        free_ns = 0
        reached: dict[str, int] = {}
        for span in spans:
            assert span.start_ns >= free_ns
            length = span.end - span.first
            duration_ns = -(-length * NS_PER_S // run.downlink_rate_hz)
            assert span.stop_ns - span.start_ns == duration_ns
            assert span.first == reached.get(span.item_id, 0)
            free_ns = span.stop_ns
            reached[span.item_id] = span.end
    late_ns = {h.start_ns - p.start_ns for p, h in zip(played, heard, strict=False)}
    assert len(late_ns) <= 1
    for p in played[len(heard) :]:
        assert p.stop_ns + max(late_ns, default=NS_PER_S) >= run.end_ns
    for p, h in zip(played, heard, strict=False):
        assert (h.item_id, h.first, h.end, h.reason) == (
            p.item_id,
            p.first,
            p.end,
            p.reason,
        )


def check_interruptions(run: RunLog) -> None:
    """Each stop of the player is told; each claim is asked, and accepted or refused."""
    claims = list(run.on("client", "conversation.item.truncate"))
    accepted = list(run.on("server", "conversation.item.truncated"))
    refused = {line["data"]["error"]["event_id"] for line in run.on("server", "error")}
    told = {line["item_id"]: line["data"] for line in run.on("client", "interruption")}
    assert len(told) == len(list(run.on("client", "interruption")))
    ends = {
        (line["item_id"], line["data"]["audio_end_ms"], line["data"]["event_id"])
        for line in claims
    }
    assert ends == {
        (item_id, data["audio_end_ms"], data["truncate_event_id"])
        for item_id, data in told.items()
        if data["audio_end_ms"] is not None
    }
    assert [(line["item_id"], line["data"]["audio_end_ms"]) for line in accepted] == [
        (line["item_id"], line["data"]["audio_end_ms"])
        for line in run.on("server", "conversation.item.truncate")
        if line["data"]["event_id"] not in refused
    ]
    for span in run.spans("player"):
        if span.reason == "interrupted":
            assert told[span.item_id]["played_samples"] <= span.end
    for data in told.values():
        pressed = any(run.on("client", "input_audio_buffer.clear"))
        assert pressed or data["trigger"] is not None
        assert (
            0
            <= data["heard_samples"]
            <= data["played_samples"]
            <= data["received_samples"]
        )


def check_left_channel(run: RunLog) -> None:
    """The left channel is, sample by sample, what was appended (PCM only)."""
    if run.formats[0] != "audio/pcm":
        return
    left = run.audio[:, 0]
    end = 0
    for line in run.on("client", APPEND):
        told = line["data"]["audio"]
        assert told["pos_samples"] == end
        end += told["bytes"] // 2
        samples = left[told["pos_samples"] : end]
        assert _digest(samples) == told["sha256"]
    assert len(left) - end < WAV_RATE_HZ // 10, "less than a frame was left unsent"


def check_right_channel(run: RunLog) -> None:
    """The right channel is what was heard, where it was heard, and else silence."""
    right = run.audio[:, 1]
    silent = np.ones(len(right), dtype=bool)
    resampled = run.downlink_rate_hz != WAV_RATE_HZ
    # a filter that changes the rate rings for a moment around an edge
    around = WAV_RATE_HZ // 100 if resampled else 0
    for span in run.spans("agent"):
        at = span.start_ns * WAV_RATE_HZ // NS_PER_S
        count = (span.end - span.first) * WAV_RATE_HZ // run.downlink_rate_hz
        silent[max(at - around, 0) : at + count + around] = False
        if count > WAV_RATE_HZ:  # what is shorter may be a pause in the reply
            tail = right[max(at, at + count - WAV_RATE_HZ // 2) : at + count]
            assert tail.any(), "what was heard is in the recording"
        if not resampled:
            _check_heard(run, span, right[at : at + count])
    for start_ns in run.under_way("agent"):
        silent[max(start_ns * WAV_RATE_HZ // NS_PER_S - around, 0) :] = False
    assert not right[silent].any()


def _check_heard(run: RunLog, span: Span, samples: npt.NDArray[np.int16]) -> None:
    for told in run.received[span.item_id]:
        first, end = told["pos_samples"], told["pos_samples"] + told["bytes"] // 2
        if span.first <= first <= end <= span.end:
            heard = samples[first - span.first : end - span.first]
            assert _digest(heard) == told["sha256"]


def _digest(samples: npt.NDArray[np.int16]) -> str:
    return hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()[:16]
