"""The commands on real input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import voicelab as vl
from voicelab import __version__
from voicelab.cli import app
from voicelab.cli.app import CONTRASTED_POLICIES, DEMO_SCENARIOS
from voicelab.paths import data_dir
from voicelab.scenario import json_schema

RUN_FILES = {"audio.wav", "events.jsonl", "manifest.json"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def call_json(*arguments: str) -> Any:
    return json.loads(call(*arguments, "--json"))


def test_demo_shows_four_conversations() -> None:
    text = call("demo")
    assert "Response latency, ms" in text
    assert "Interrupted answers, ms" in text
    for name in DEMO_SCENARIOS:
        assert f"\n{name}" in text


def test_demo_leaves_run_folders_and_timelines() -> None:
    call("demo", "--out", "there")
    left = list(Path("there").iterdir())
    folders = [path for path in left if path.is_dir()]
    assert {vl.load_run(folder).manifest["name"] for folder in folders} == {
        *DEMO_SCENARIOS
    }
    for folder in folders:
        assert {file.name for file in folder.iterdir()} == RUN_FILES
    figures = [path for path in left if path.is_file()]
    runs = len(DEMO_SCENARIOS) + len(CONTRASTED_POLICIES)
    assert len(left) == len(folders) + len(figures) == 2 * runs
    for figure in figures:
        assert figure.read_bytes().startswith(b"\x89PNG")


def test_a_run_is_what_the_facade_gives() -> None:
    (shown,) = call_json("run", "card-game", "--seed", "3")
    run = vl.run("card-game", seed=3)
    assert shown["run_id"] == run.run_id
    events = Path(shown["folder"], "events.jsonl").read_bytes()
    assert events == Path(run.save("by-facade"), "events.jsonl").read_bytes()
    assert [row["response_latency_ns"] for row in shown["latency"]] == (
        run.latency["response_latency_ns"]
        .astype(object)
        .where(run.latency["response_latency_ns"].notna(), None)
    ).to_list()
    assert Path(shown["timeline"]).is_file()


def test_settings_change_the_run() -> None:
    plain, changed, seeded = (
        call_json("run", "card-game", *options)[0]["run_id"]
        for options in ([], ["--set", "client.truncation=none"], ["--seed", "99"])
    )
    assert len({plain, changed, seeded}) == 3


def test_several_runs_keep_their_order() -> None:
    shown = call_json("run", "card-game", "wifi-help")
    assert [each["name"] for each in shown] == ["card-game", "wifi-help"]


def test_one_wrong_scenario_stops_all_before_anything_is_written() -> None:
    result = CliRunner().invoke(app, ["run", "card-game", "no-such-scenario"])
    assert result.exit_code == 2
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--model", "m"),
        ("--api-key-env", "KEY"),
        ("--header", "a: b"),
        ("--tls-ca", "ca.pem"),
        ("--max-cost", "1"),
        ("--prices", "p.yaml"),
    ],
)
def test_options_of_live_runs_need_one(option: str, value: str) -> None:
    result = CliRunner().invoke(app, ["run", "card-game", option, value])
    assert result.exit_code == 2
    assert f"{option} is for live runs only; add --live URL" in result.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sk-hush", "--api-key-env: the value given is no name of an environment"),
        ("gsk_hush", "(it is not shown, as it may be a key) holds no key; export it"),
        ("NO_SUCH_KEY_", "the environment variable NO_SUCH_KEY_ holds no key; export"),
    ],
)
def test_a_key_in_the_place_of_its_name_is_not_repeated(name: str, says: str) -> None:
    options = ["--live", "ws://127.0.0.1:9", "--api-key-env", name]
    result = CliRunner().invoke(app, ["run", "card-game", *options])
    assert result.exit_code == 2
    assert says in result.stderr
    assert "hush" not in result.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "setting",
    [
        "agent.cascade.endpoint.api_key_env=sk-hush",
        "agent.cascade.endpoint.api_key=hush",
        "agent.cascade.endpoint.api_ke=sk-hush",
        "agent.cascade.endpoint.api_key_env=[hush",
        "agent.cascade.stt=sk-hush",
        "sk-hush",
    ],
)
def test_nor_is_one_in_a_setting(setting: str) -> None:
    result = CliRunner().invoke(app, ["run", "card-game", "--set", setting])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert "hush" not in result.stderr
    assert list(Path().iterdir()) == []


def test_a_live_url_that_is_none() -> None:
    result = CliRunner().invoke(app, ["run", "card-game", "--live", "ws://[::1"])
    assert result.exit_code == 2
    assert "write it like ws://" in result.stderr


def test_what_was_done_before_a_run_broke_off_is_told() -> None:
    Path("both").mkdir()
    bundled = data_dir() / "scenarios" / "card-game.yaml"
    text = bundled.read_text("utf-8").replace(": ../", f": {data_dir().as_posix()}/")
    Path("both", "a.yaml").write_text(text, "utf-8")
    fault = "faults: [{kind: disconnect, after_ms: 0}]\n"
    Path("both", "b.yaml").write_text(text + fault, "utf-8")
    result = CliRunner().invoke(app, ["run", "both", "--json"])
    assert result.exit_code == 3
    (told,) = json.loads(result.stdout)
    assert Path(told["folder"]).is_dir()
    assert "marked partial" in result.stderr


def test_schema_is_printed_or_written() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert json.loads(call("schema")) == schema
    call("schema", "--out", "schema.json")
    assert json.loads(Path("schema.json").read_text("utf-8")) == schema


def test_version() -> None:
    assert call("--version") == f"voicelab {__version__}\n"
