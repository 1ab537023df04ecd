"""The faults of a scenario: read, checked, and absent where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voicelab.errors import ScenarioError
from voicelab.faults import model
from voicelab.scenario import (
    canonical,
    json_schema,
    load_scenario,
    override,
    scenario_from,
)

HEAD = """\
voicelab: 1
name: x
caller: {audio: call.wav}
agent: {responder: recorded}
faults:
"""


def test_faults_are_read_in_order(folder: Path, recorded: dict[str, Any]) -> None:
    faults = [
        {"kind": "late", "rate": 0.5, "on": ["response.done"], "delay_ms": 100},
        {"kind": "late"},
        {"kind": "disconnect", "at": [2], "code": 1011},
    ]
    scenario = scenario_from(recorded | {"faults": faults}, folder)
    assert scenario.faults == (
        model.Late(rate=0.5, on=("response.done",), delay_ms=100),
        model.Late(),
        model.Disconnect(at=(2,), code=1011),
    )


@pytest.mark.parametrize(
    ("lines", "line", "path", "words"),
    [
        ("  - {kind: lat}", 6, "faults[0].kind", "did you mean late?"),
        ("  - {rate: 1}", 6, "faults[0]", "kind"),
        ("  - {kind: drop}\n  - late", 7, "faults[1]", "a mapping"),
        ("  - kind: drop\n    rat: 1", 7, "faults[0].rat", "did you mean rate?"),
        ("  - {kind: drop, rate: 2}", 6, "faults[0].rate", "from 0 to 1"),
        ("  - {kind: drop, at: 2}", 6, "faults[0].at", "a list"),
        (
            "  - {kind: drop, on: [response.doen]}",
            6,
            "faults[0].on[0]",
            "did you mean response.done?",
        ),
        ("  - {kind: disconnect, code: 1015}", 6, "faults[0].code", "1006"),
    ],
)
def test_a_wrong_fault_has_its_place(
    folder: Path, lines: str, line: int, path: str, words: str
) -> None:
    file = folder / "bad.yaml"
    file.write_text(HEAD + lines)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert (caught.value.line, caught.value.path) == (line, path)
    assert words in str(caught.value)


def test_a_scenario_without_faults_is_what_it_was(
    folder: Path, recorded: dict[str, Any]
) -> None:
    """The ids of its runs do not change because there could be faults."""
    plain = scenario_from(recorded, folder)
    assert "faults" not in canonical(plain)
    assert canonical(override(plain, faults=[])) == canonical(plain)


def test_faults_make_another_scenario(folder: Path, recorded: dict[str, Any]) -> None:
    plain = scenario_from(recorded, folder)
    faulty = override(plain, faults=[{"kind": "stall", "duration_ms": 900}])
    (told,) = canonical(faulty)["faults"]
    assert (told["kind"], told["duration_ms"], told["rate"]) == ("stall", 900, 1)
    assert override(faulty, seed=4).faults == faulty.faults


def test_a_setting_reaches_into_a_fault(folder: Path) -> None:
    file = folder / "good.yaml"
    file.write_text(HEAD + "  - {kind: stall}")
    scenario = load_scenario(file, ["faults[0].after_ms=100"])
    assert scenario.faults == (model.Stall(after_ms=100),)


def test_the_schema_describes_each_kind() -> None:
    definitions = json_schema()["$defs"]
    late = definitions["Late"]
    assert late["properties"]["kind"] == {"enum": ["late"]}
    for definition in definitions.values():
        if "kind" in definition.get("properties", {}):
            for key, said in definition["properties"].items():
                assert key == "kind" or said["description"]
