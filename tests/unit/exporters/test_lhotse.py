"""Lhotse's manifests by their structure; `tests/clients` has lhotse read them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tests.support.results import barge_in, make_run
from voicelab.exporters import export


def rows(file: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()
    ]


def test_the_recording(tmp_path: Path) -> None:
    run = make_run(barge_in())
    sound, recordings, _ = export(run, "lhotse", tmp_path)
    (told,) = rows(recordings)
    assert told == {
        "id": "a _test_-0123456789ab",
        "sources": [{"type": "file", "channels": [0, 1], "source": str(sound)}],
        "sampling_rate": 24_000,
        "num_samples": 192_000,
        "duration": 8.0,
        "channel_ids": [0, 1],
    }
    samples, rate_hz = soundfile.read(sound, dtype="int16")
    assert rate_hz == 24_000
    assert np.array_equal(samples, run.audio)


def test_the_path_is_absolute(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    _, recordings, _ = export(make_run(barge_in()), "lhotse", Path("out"))
    (source,) = rows(recordings)[0]["sources"]
    assert Path(source["source"]) == tmp_path / "out" / "a _test_-0123456789ab.wav"


def test_what_is_said(tmp_path: Path) -> None:
    told = rows(export(make_run(barge_in()), "lhotse", tmp_path)[2])
    assert [
        (row["speaker"], row["channel"], row["start"], row["custom"]["kind"])
        for row in told
    ] == [
        ("caller", 0, 0.2, "turn"),
        ("agent", 1, 2.09, "turn"),
        ("caller", 0, 2.3, "backchannel"),
        ("caller", 0, 3.09, "turn"),
        ("agent", 1, 5.09, "turn"),
        ("caller", 0, 6.8, "turn"),
    ]
    assert told[0] == {
        "id": "a _test_-0123456789ab-0000",
        "recording_id": "a _test_-0123456789ab",
        "start": 0.2,
        "duration": 0.8,
        "channel": 0,
        "text": "Hello there",
        "speaker": "caller",
        "custom": {"kind": "turn"},
        "alignment": {"word": [["Hello", 0.2, 0.4, None], ["there", 0.62, 0.38, None]]},
    }
    assert "alignment" not in told[2]


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    first = export(make_run(barge_in()), "lhotse", tmp_path)[2].read_bytes()
    assert export(make_run(barge_in()), "lhotse", tmp_path)[2].read_bytes() == first
