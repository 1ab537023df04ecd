"""A folder with everything that the scenarios of these tests name."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

PROFILE = """\
voicelab_profile: 1
name: {name}
source: made for a test
modelled: true
time_to_first_audio_ms: {{distribution: constant, value: 0}}
speed: {{distribution: constant, value: 1}}
chunk_ms: [100]
"""

SCRIPTED: dict[str, Any] = {
    "voicelab": 1,
    "name": "booking",
    "caller": {
        "audio": "call.wav",
        "channel": 0,
        "labels": "call.json",
        "drive": "fixed",
        "patience_ms": 4000,
        "reply_gap_ms": 350.5,
    },
    "agent": {
        "responder": "scripted",
        "replies": [
            {
                "text": "Of course.",
                "audio": "reply.wav",
                "words": [
                    {"text": "Of", "start_ms": 20, "end_ms": 120},
                    {"text": "course.", "start_ms": 130.5, "end_ms": 480},
                ],
            },
            {"function_call": {"name": "book", "arguments": {"day": "Tuesday"}}},
        ],
        "profile": "fast.yaml",
        "vad": "energy",
    },
    "session": {
        "type": "realtime",
        "model": "gpt-realtime",
        "instructions": "Be brief.",
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.6,
                    "silence_duration_ms": 300,
                },
            },
            "output": {"voice": "marin", "speed": 1.0},
        },
        "max_output_tokens": "inf",
    },
    "channel": {
        "codec": "pcmu",
        "band": "narrow",
        "noise": {"audio": "cafe", "snr_db": 12.5},
        "echo": {"delay_ms": 120, "gain_db": -30, "room": "small"},
        "uplink": {
            "delay_ms": 40,
            "jitter_ms": 10,
            "loss_rate": 0.01,
            "bursts": {"every_s": 8, "lasts_ms": 250},
            "packets": {"loss_rate": 0.1, "burst_ms": 60, "concealment": "repeat"},
        },
        "downlink": {"delay_ms": 35},
    },
    "client": {
        "frame_ms": 40,
        "player": "ideal",
        "player_options": {
            "lead_ms": 60,
            "device_latency_ms": 12.5,
            "command_delay_ms": 20,
            "report_delay_ms": 30.5,
            "stop_delay_ms": 0,
        },
        "truncation": "zero",
        "truncates": "last_item",
        "on_interruption": "play_on",
    },
    "faults": [
        {"kind": "commit_error", "rate": 0.5, "at": []},
        {"kind": "expire", "after_s": 20},
    ],
    "seed": 7,
    "expect": {
        "response_latency_p50_ms": {"max": 900},
        "cut_ins": {"min": 0, "max": 0},
    },
}

RECORDED: dict[str, Any] = {
    "voicelab": 1,
    "name": "smallest",
    "caller": {"audio": "call.wav"},
    "agent": {"responder": "recorded"},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with recordings, labels and profiles; the data is bundled here too."""
    for name in ("call.wav", "call.json", "reply.wav"):
        (tmp_path / name).touch()
    (tmp_path / "fast.yaml").write_text(PROFILE.format(name="fast"))
    bundled = tmp_path / "data"
    for name in ("measured-median", "instant"):
        (bundled / "profiles").mkdir(parents=True, exist_ok=True)
        (bundled / "profiles" / f"{name}.yaml").write_text(PROFILE.format(name=name))
    (bundled / "scenarios").mkdir()
    monkeypatch.setattr("voicelab.responders.profile.data_dir", lambda: bundled)
    monkeypatch.setattr("voicelab.scenario.library.data_dir", lambda: bundled)
    return tmp_path


@pytest.fixture
def scripted() -> dict[str, Any]:
    """A scenario that uses every key of the format."""
    return copy.deepcopy(SCRIPTED)


@pytest.fixture
def recorded() -> dict[str, Any]:
    """A scenario that leaves out everything that can be left out."""
    return copy.deepcopy(RECORDED)
