"""A run in memory is the run that a folder would hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.runs import bundled
from voicelab.errors import EndpointError, LabelError
from voicelab.lab import materials, shared_materials
from voicelab.lab.experiment import run_scenario, simulate, simulate_log
from voicelab.lab.shared_materials import SharedMaterials
from voicelab.record.log_reader import read_log
from voicelab.result import Run, load_run

TIMES = {"wall_s", "real_time_factor"}


def detection(**settings: Any) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": settings}}}


def told(manifest: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in TIMES}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"session": detection(silence_duration_ms=200)},
        {"channel": {"codec": "pcmu"}, "client": {"player": "twilio"}},
        {"channel": {"noise": {"audio": "cafe", "snr_db": 10}}, "seed": 2},
        {"caller": {"drive": "fixed"}, "agent": {"vad": "webrtc"}},
    ],
    ids=["as it is", "detection", "telephone", "noise", "fixed"],
)
def test_log_audio_and_manifest_are_those_of_the_folder(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    scenario = bundled("pizza-order", **settings)
    folder = run_scenario(scenario, tmp_path)
    shared = SharedMaterials()
    simulate(bundled("pizza-order", seed=99), shared)
    for given in (None, shared, shared):
        done = simulate(scenario, given)
        kept = load_run(folder)
        assert done.log == (folder / "events.jsonl").read_bytes()
        assert np.array_equal(done.audio, kept.audio)
        assert told(done.manifest) == told(kept.manifest)
        assert list(done.manifest) == list(kept.manifest)


def test_a_run_of_it_can_be_saved(tmp_path: Path) -> None:
    scenario = bundled("pizza-order")
    done = simulate(scenario)
    saved = Run(done.manifest, done.log, done.audio).save(tmp_path / "saved")
    folder = run_scenario(scenario, tmp_path / "run")
    for name in ("events.jsonl", "audio.wav"):
        assert (saved / name).read_bytes() == (folder / name).read_bytes()


def test_a_conversation_that_breaks_off_says_so() -> None:
    fault = {"kind": "disconnect", "after_ms": 3000}
    with pytest.raises(EndpointError, match=r"into the conversation; give a folder"):
        simulate(bundled("pizza-order", faults=[fault]))


def test_shared_materials_read_a_conversation_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = []

    def counted(*given: Any) -> Any:
        read.append(given)
        return materials.gather_for(*given)

    monkeypatch.setattr(shared_materials, "gather_for", counted)
    shared = SharedMaterials()
    one = shared.gather(bundled("pizza-order"))
    other = shared.gather(
        bundled("pizza-order", seed=7, session=detection(threshold=0.3))
    )
    assert len(read) == 1
    assert other.turns is one.turns
    assert other.session["audio"]["input"]["turn_detection"]["threshold"] == 0.3
    assert one.session["audio"]["input"]["turn_detection"].get("threshold") != 0.3


@pytest.mark.parametrize(
    "settings",
    [
        {"channel": {"codec": "pcma"}},
        {"channel": {"noise": {"audio": "cafe", "snr_db": 10}}},
        {"agent": {"profile": "instant"}},
        {"caller": {"drive": "fixed"}},
    ],
    ids=["codec", "noise", "profile", "drive"],
)
def test_what_changes_the_materials_is_read_again(settings: dict[str, Any]) -> None:
    shared = SharedMaterials()
    one = shared.gather(bundled("pizza-order"))
    assert shared.gather(bundled("pizza-order", **settings)).turns is not one.turns


def test_the_oldest_materials_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_materials, "KEPT_CONVERSATIONS", 1)
    shared = SharedMaterials()
    one = shared.gather(bundled("pizza-order"))
    shared.gather(bundled("pizza-order", caller={"drive": "fixed"}))
    again = shared.gather(bundled("pizza-order"))
    assert again.turns is not one.turns


def test_wrong_files_are_refused_as_ever(tmp_path: Path) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text("{}")
    with pytest.raises(LabelError):
        simulate(bundled("pizza-order", caller={"labels": str(labels)}))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"channel": {"codec": "pcmu"}, "client": {"player": "twilio"}},
        {"channel": {"echo": {"delay_ms": 100, "gain_db": -20}}},
        {"faults": [{"kind": "drop"}], "channel": {"downlink": {"loss_rate": 0.1}}},
        {"session": {"audio": {"input": {"turn_detection": None}}}},
    ],
    ids=["as it is", "telephone", "echo", "faults", "manual"],
)
def test_a_log_that_was_never_text_is_the_log(settings: dict[str, Any]) -> None:
    scenario, shared = bundled("dentist", **settings), SharedMaterials()
    done = simulate(scenario, shared)
    log, audio = simulate_log(scenario, shared)
    read = read_log(done.log)
    assert np.array_equal(audio, done.audio)
    assert log.events == read.events
    assert log.end_ns == read.end_ns
    for lane in ("client", "server", "user"):
        own, other = log.appends(lane), read.appends(lane)
        assert np.array_equal(own.t_ns, other.t_ns)
        assert np.array_equal(own.pos_samples, other.pos_samples)
        assert np.array_equal(own.bytes, other.bytes)
