"""What a sweep file says, and what it is refused for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.sweeping import tiny, write_spec, write_tiny
from voicelab.errors import InputError, ScenarioError, SweepError
from voicelab.sweeps.plan import MEASURES
from voicelab.sweeps.spec import digest_of, make_plan, read_plan

PLAYER = "client.player"
THRESHOLD = "session.audio.input.turn_detection.threshold"


def test_a_file_becomes_a_plan(tmp_path: Path) -> None:
    told = {
        "set": {"client.frame_ms": 40},
        "grid": {PLAYER: ["browser", "ideal"], THRESHOLD: [0.3, 0.5]},
        "list": [{"channel.codec": "pcm"}, {"channel.codec": "pcmu"}],
        "repeats": 2,
        "measures": ["turns"],
    }
    plan = read_plan(write_spec(tmp_path, **told))
    assert len(plan) == 16
    assert plan.fields == ("channel.codec", PLAYER, THRESHOLD)
    assert plan.measures == ("turns",)
    (origin,) = plan.origins
    assert origin.name == "tiny"
    assert origin.scenario["client"]["frame_ms"] == 40
    assert origin.base == str(tmp_path)


def test_what_is_left_out_is_everything_once(tmp_path: Path) -> None:
    plan = read_plan(write_spec(tmp_path))
    assert len(plan) == 1
    assert plan.measures == MEASURES
    assert plan.seed(0) == 5


def test_a_seed_that_is_set_is_where_repeats_begin(tmp_path: Path) -> None:
    plan = read_plan(write_spec(tmp_path, set={"seed": 70}, repeats=2))
    assert [plan.seed(0), plan.seed(1)] == [70, 71]


def test_scenarios_are_found_beside_the_file_and_among_the_bundled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_spec(tmp_path, scenarios=["tiny.yaml", "dentist"])
    monkeypatch.chdir(tmp_path.parent)
    assert [origin.name for origin in read_plan(file).origins] == ["tiny", "dentist"]


def test_python_says_the_same_as_a_file(tmp_path: Path) -> None:
    file = write_spec(tmp_path, grid={THRESHOLD: [0.25, 0.5]}, seeds=[1, 2])
    said = make_plan(
        tiny(tmp_path),
        grid={THRESHOLD: tuple(np.linspace(0.25, 0.5, 2))},
        seeds=(1, 2),
        repeats=None,
    )
    assert digest_of(said) == digest_of(read_plan(file))


def test_python_takes_several_scenarios(tmp_path: Path) -> None:
    plan = make_plan([tiny(tmp_path), write_tiny(tmp_path, "other"), "dentist"])
    assert [origin.name for origin in plan.origins] == ["tiny", "other", "dentist"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"grid": {"client.plaier": ["browser"]}}, "did you mean player?"),
    ({"grid": {PLAYER: ["browser", "twillio"]}}, "did you mean twilio?"),
    ({"grid": {PLAYER: []}}, "give a list of at least one value"),
    ({"grid": {}}, "give at least one field with a list of values"),
    ({"grid": {PLAYER: "browser"}}, "give a list of at least one value"),
    ({"grid": {THRESHOLD: [0.3, 3]}}, "3 is out of range; give a number from 0 to 1"),
    ({"grid": {"seed": [1, 2]}}, "give repeats or seeds"),
    ({"grid": {PLAYER: ["browser", "browser"]}}, "the same stands here twice"),
    ({"grid": {"client player": [1]}}, "write it like client.player"),
    ({"grid": {"caller.audio": ["none.wav"]}}, "none.wav does not exist"),
    ({"list": []}, "give a list of at least one mapping"),
    ({"list": [{PLAYER: "ideal"}, {"client.frame_ms": 5}]}, "list[1]['client.frame_"),
    ({"list": [{PLAYER: "ideal"}, {PLAYER: "ideal"}]}, "list[1]: the same stands"),
    ({"list": [{"client": {}}], "grid": {PLAYER: ["ideal"]}}, "client sets the same"),
    ({"set": {PLAYER: "ideal"}, "grid": {PLAYER: ["elks"]}}, "sets the same field"),
    ({"set": {"client.plyer": "ideal"}}, "did you mean player?"),
    ({"set": {"name": "a/b"}}, "set.name: 'a/b' is not allowed"),
    ({"seeds": [1, 1]}, "seeds[1]: the same stands here twice"),
    ({"seeds": [-1]}, "give a whole number of at least 0"),
    ({"seeds": [1], "repeats": 2}, "give seeds or repeats"),
    ({"repeats": 0}, "give a whole number of at least 1"),
    ({"measures": ["cutins"]}, "did you mean cut_ins?"),
    ({"measures": ["turns", "turns"]}, "the same stands here twice"),
    ({"scenarios": ["tiny.yaml", "tiny.yaml"]}, "scenarios[1]: the same"),
    ({"scenarios": []}, "scenarios: "),
    ({"scenarios": ["dentits"]}, "scenarios[0]: there is no scenario file or name"),
    ({"voicelab_sweep": 2}, "give 1"),
    ({"grids": {}}, "did you mean grid?"),
]


@pytest.mark.parametrize(("keys", "says"), REFUSED, ids=[str(k) for k, _ in REFUSED])
def test_it_is_refused_with_its_place(
    tmp_path: Path, keys: dict[str, Any], says: str
) -> None:
    file = write_spec(tmp_path, **keys)
    with pytest.raises(SweepError) as refused:
        read_plan(file)
    sentence = str(refused.value)
    assert says in sentence
    assert sentence.startswith(f"{file}:{refused.value.line}: ")
    assert "\n" not in sentence


def test_settings_that_do_not_go_together_are_named(tmp_path: Path) -> None:
    grid = {"agent.responder": ["recorded", "scripted"]}
    with pytest.raises(SweepError, match=r'with agent.responder="recorded", agent.rep'):
        make_plan(tiny(tmp_path), grid=grid)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="there is no such file"):
        read_plan(tmp_path / "none.yaml")
    with pytest.raises(SweepError, match="add voicelab_sweep: 1 at the top"):
        read_plan(write_tiny(tmp_path))


def test_a_broken_scenario_is_refused_as_such(tmp_path: Path) -> None:
    file = write_spec(tmp_path)
    (tmp_path / "tiny.yaml").write_text("voicelab: 1\nname: 3\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"tiny\.yaml"):
        read_plan(file)


@pytest.mark.parametrize(
    "change",
    [
        {"repeats": 3},
        {"seeds": [5, 6]},
        {"grid": {PLAYER: ["ideal"]}},
        {"measures": ["turns"]},
        {"set": {PLAYER: "ideal"}},
    ],
    ids=str,
)
def test_another_sweep_has_another_digest(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    usual: dict[str, Any] = {"grid": {PLAYER: ["ideal", "elks"]}, "repeats": 2}
    if "seeds" in change or "set" in change:
        usual.pop("repeats" if "seeds" in change else "grid")
    before = digest_of(read_plan(write_spec(tmp_path, **usual)))
    assert before != digest_of(read_plan(write_spec(tmp_path, **usual | change)))


def test_the_digest_hangs_on_what_the_files_hold_and_not_on_where(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    digests = []
    for folder in (here, there):
        folder.mkdir()
        digests.append(digest_of(read_plan(write_spec(folder))))
    assert digests[0] == digests[1]
    call = bytearray((there / "call.wav").read_bytes())
    call[5000] ^= 1
    (there / "call.wav").write_bytes(call)
    assert digest_of(read_plan(there / "sweep.yaml")) != digests[0]


def test_the_digest_hangs_on_the_files_that_values_name(tmp_path: Path) -> None:
    file = write_spec(tmp_path, grid={"caller.audio": ["call.wav", "other.wav"]})
    other = bytearray((tmp_path / "call.wav").read_bytes())
    digests = set()
    for byte in (1, 2):
        other[5000] ^= byte
        (tmp_path / "other.wav").write_bytes(other)
        digests.add(digest_of(read_plan(file)))
    assert len(digests) == 2


def test_a_recording_that_cannot_be_read_is_refused_before_anything_runs(
    tmp_path: Path,
) -> None:
    plan = read_plan(write_spec(tmp_path))
    (tmp_path / "call.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError, match=r"call\.wav"):
        digest_of(plan)
