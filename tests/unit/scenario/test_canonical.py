from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from voicelab.scenario import canonical, load_scenario, override, scenario_from


def test_it_does_not_depend_on_where_the_files_lie(
    folder: Path, scripted: dict[str, Any], tmp_path_factory: Any
) -> None:
    (folder / "a.yaml").write_text(yaml.safe_dump(scripted))
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "deep"
    shutil.copytree(folder, elsewhere)

    here = canonical(load_scenario(folder / "a.yaml"))
    there = canonical(load_scenario(elsewhere / "a.yaml"))

    assert json.dumps(here) == json.dumps(there)
    assert str(folder) not in json.dumps(here)
    assert here["agent"]["profile"] == "fast.yaml"


def test_it_does_not_depend_on_what_was_left_out_or_on_order(
    folder: Path, recorded: dict[str, Any]
) -> None:
    scenario = scenario_from(recorded, folder)
    told = {"client": {"truncation": "played", "frame_ms": 20}, **recorded, "seed": 0}
    same = scenario_from(told, folder)
    assert json.dumps(canonical(same)) == json.dumps(canonical(scenario))
    assert canonical(scenario)["client"]["player"] == "browser"
    assert canonical(scenario)["agent"]["profile"] == "measured-median"


def test_the_order_of_session_keys_does_not_count(
    folder: Path, recorded: dict[str, Any]
) -> None:
    one = {**recorded, "session": {"type": "realtime", "model": "x"}}
    two = {**recorded, "session": {"model": "x", "type": "realtime"}}
    first, second = (canonical(scenario_from(m, folder)) for m in (one, two))
    assert json.dumps(first) == json.dumps(second)


def test_every_change_shows(folder: Path, scripted: dict[str, Any]) -> None:
    scenario = scenario_from(scripted, folder)
    (folder / "other.wav").touch()
    changes: list[dict[str, Any]] = [
        {"seed": 8},
        {"caller": {"audio": "other.wav"}},
        {"channel": {"uplink": {"delay_ms": 41}}},
        {"channel": {"band": "wide"}},
        {"channel": {"noise": {"snr_db": 13}}},
        {"channel": {"noise": {"audio": "street"}}},
        {"channel": {"noise": None}},
        {"channel": {"echo": {"delay_ms": 121}}},
        {"channel": {"echo": {"room": "none"}}},
        {"channel": {"echo": None}},
        {"channel": {"uplink": {"packets": None}}},
        {"channel": {"uplink": {"packets": {"burst_ms": None}}}},
        {"channel": {"uplink": {"bursts": {"lasts_ms": 251}}}},
        {"channel": {"downlink": {"packets": {"loss_rate": 0.1}}}},
        {"session": {"audio": {"output": {"voice": "cedar"}}}},
        {"agent": {"profile": "instant"}},
        {"expect": {"cut_ins": {"max": 1}}},
        {"client": {"truncates": "sounding"}},
        {"client": {"on_interruption": "clear"}},
        {"client": {"player_options": {"command_delay_ms": 0}}},
        {"client": {"player_options": {"report_delay_ms": None}}},
    ]
    told = [canonical(scenario), *(canonical(override(scenario, **c)) for c in changes)]
    assert len({json.dumps(data) for data in told}) == len(told)
