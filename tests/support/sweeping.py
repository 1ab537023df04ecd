"""A conversation of three short questions and three short answers, and sweeps of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from voicelab.audio.wav import read_audio, write_wav
from voicelab.metrics import Summary
from voicelab.paths import data_dir
from voicelab.scenario import load_scenario
from voicelab.scenario.model import Scenario
from voicelab.sweeps.cell import Outcome
from voicelab.sweeps.plan import MEASURES

RATE_HZ = 24_000
_QUESTION = slice(806_400, 849_600)
_ANSWER = slice(806_400, 830_400)
_PAUSE = np.zeros(RATE_HZ, np.int16)

TINY = {
    "voicelab": 1,
    "name": "tiny",
    "caller": {"audio": "call.wav"},
    "agent": {
        "responder": "scripted",
        "replies": [{"text": "Yes.", "audio": "reply.wav"}] * 3,
        "vad": "energy",
    },
    "session": {
        "type": "realtime",
        "audio": {"input": {"turn_detection": {"type": "server_vad"}}},
    },
    "channel": {"uplink": {"delay_ms": 40, "jitter_ms": 10}},
    "seed": 5,
}


def write_tiny(folder: Path, name: str = "tiny") -> Path:
    """Write the scenario and its two recordings; return the scenario's file.

    A run of it takes some 40 ms and loads no model.
    """
    call = data_dir() / "conversations" / "recipe.wav"
    samples = read_audio(call, channel=0, rate_hz=RATE_HZ).samples
    asked = [_PAUSE, *[samples[_QUESTION], _PAUSE] * 3]
    write_wav(folder / "call.wav", asked, RATE_HZ, channels=1)
    write_wav(folder / "reply.wav", [samples[_ANSWER]], RATE_HZ, channels=1)
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(TINY | {"name": name}), "utf-8")
    return file


def tiny(folder: Path, name: str = "tiny") -> Scenario:
    return load_scenario(write_tiny(folder, name))


def write_spec(folder: Path, **keys: object) -> Path:
    """Write a sweep file of the tiny scenario; return it."""
    write_tiny(folder)
    file = folder / "sweep.yaml"
    told = {"voicelab_sweep": 1, "scenarios": "tiny.yaml", **keys}
    file.write_text(json.dumps(told, indent=1), "utf-8")
    return file


FAULTS = [[], [{"kind": "expire", "after_s": 1}]]
"""Values of the field `faults`: no fault, and one that breaks the session off."""


def summary(**values: float | None) -> Summary:
    """Return a summary in which nothing happened, but for `values`."""
    nothing = dict.fromkeys(MEASURES)
    counts = {"turns", "answered", "unanswered", "interrupted", "merged", "cut_ins"}
    zeros = dict.fromkeys((*counts, "truncations", "refused"), 0)
    return Summary(**(nothing | zeros | values))  # type: ignore[arg-type]


def done(index: int, **values: float | None) -> Outcome:
    return Outcome(
        index=index, status="done", run_id=f"run{index}", summary=summary(**values)
    )


def failed(index: int, error: str = "it broke") -> Outcome:
    return Outcome(index=index, status="failed", error=error)


def listed(column: pd.Series) -> list[object]:
    """Return a column's values, None where there is none."""
    return [None if pd.isna(value) else value for value in column]
