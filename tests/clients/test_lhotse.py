"""Exported manifests, read by lhotse in an environment of its own; by hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import voicelab as vl
from tests.clients.catalogue import Client
from tests.clients.environments import command, prepare
from tests.support.recordings import ROOT
from tests.support.results import barge_in, make_run
from voicelab.result import Run

LHOTSE = Client("lhotse", "python", "lhotse")


@pytest.mark.clients
@pytest.mark.parametrize("name", ["by hand", "dentist"])
def test_lhotse_reads_what_was_exported(name: str, tmp_path: Path) -> None:
    run: Run = make_run(barge_in()) if name == "by hand" else vl.run(name)
    vl.export(run, "lhotse", tmp_path)
    words = [*command(LHOTSE, prepare(LHOTSE)), str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["audio"] == [2, len(run.audio)]
    assert min(told["peaks"]) > 0.1
    assert told["duration"] == len(run.audio) / 24_000
    floor = run.turns[run.turns["t_start_ns"] < told["duration"] * 1e9]
    said = [(each["speaker"], each["start"]) for each in told["said"]]
    assert said == [
        (party, pytest.approx(start_ns / 1e9, abs=1e-6))
        for party, start_ns in zip(floor["party"], floor["t_start_ns"], strict=True)
    ]
    for each in told["said"]:
        assert each["channel"] == ("caller", "agent").index(each["speaker"])
        if each["words"]:
            assert " ".join(word for word, _, _ in each["words"]) == each["text"]
            starts = [start for _, start, _ in each["words"]]
            assert starts == sorted(starts)
            assert each["words"][-1][2] <= each["end"] + 1e-6
