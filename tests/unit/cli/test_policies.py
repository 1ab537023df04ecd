"""`voicelab policies`: the same conversation under each claim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import voicelab as vl
from voicelab.cli import app
from voicelab.errors import EXIT_BAD_INPUT
from voicelab.facade import INTERRUPTER

SHORT = ("hotel-cafe", "--player", "twilio", "--policy", "zero", "--policy", "played")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["policies", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["policies", *arguments], catch_exceptions=False)
    assert result.exit_code == EXIT_BAD_INPUT
    assert result.stdout == ""
    return result.stderr


def test_it_prints_the_same_bytes_twice_and_keeps_nothing() -> None:
    assert call(*SHORT) == call(*SHORT)
    assert list(Path().iterdir()) == []


def test_rows_are_those_of_the_ledgers() -> None:
    told: dict[str, Any] = json.loads(call(*SHORT, "--json", "--seed", "3"))
    assert (told["name"], told["seed"]) == ("hotel-cafe", 3)
    assert [(row["player"], row["policy"]) for row in told["rows"]] == [
        ("twilio", "played"),  # in the policies' order, however they are asked for
        ("twilio", "zero"),
    ]
    for row in told["rows"]:
        client = {"player": "twilio", "truncation": row["policy"]}
        ledger = vl.run("hotel-cafe", seed=3, client=client).truncations
        worst = max(ledger.truncation_error_ms, key=abs)
        assert row["n"] == len(ledger)
        assert row["truncation_error_max_ms"] == worst
        assert row["phantom_words"] == ledger.phantom_words.sum()
        assert row["forgotten_words"] == ledger.forgotten_words.sum()
        assert row["refused"] == (ledger.verdict == "refused").sum()


def test_the_facade_gives_the_same_table() -> None:
    told = json.loads(call(*SHORT, "--json"))["rows"]
    frame = vl.compare_policies(
        "hotel-cafe", players=["twilio"], policies=["played", "zero"]
    )
    assert list(frame.columns) == list(told[0])
    for name in frame.columns:
        shown = frame[name].astype(object).where(frame[name].notna(), None)
        assert shown.to_list() == [row[name] for row in told]


def test_settings_reach_every_run() -> None:
    options = ("--set", "client.on_interruption=play_on", "--json")
    (row,) = json.loads(call(*SHORT[:-2], *options))["rows"]
    assert row["truncation_error_max_ms"] < -5000
    frame = vl.compare_policies(
        "hotel-cafe",
        players=["twilio"],
        policies=["zero"],
        client={"on_interruption": "play_on"},
    )
    assert frame.truncation_error_max_ms[0] == row["truncation_error_max_ms"]


def test_run_folders_are_kept_where_they_are_asked_for() -> None:
    call(*SHORT, "--out", "there")
    runs = [vl.load_run(folder) for folder in Path("there").iterdir()]
    clients = [run.manifest["scenario"]["client"] for run in runs]
    assert {client["truncation"] for client in clients} == {"played", "zero"}
    assert {client["player"] for client in clients} == {"twilio"}


def test_without_an_interruption_there_is_nothing_to_tell() -> None:
    printed = call("card-game", "--player", "ideal", "--policy", "zero")
    (row,) = [line for line in printed.splitlines() if line.startswith("ideal")]
    assert row.split() == ["ideal", "zero", "0", "-", "-", "0", "0", "0", "-"]
    assert "No answer was interrupted" in printed
    assert "No answer was interrupted" not in call(*SHORT)


def test_the_legend_says_what_is_shown() -> None:
    printed = call(*SHORT)
    assert "  played                  the player's own position" in printed
    assert "min_wall_received" not in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--player", "gramophone"], "no player named 'gramophone'"),
        (["--policy", "plaid"], "did you mean played?"),
        (["--set", "client.player=ideal"], "choose with --player instead"),
        (["--set", "client.truncation = zero"], "choose with --policy instead"),
        (["no-such-scenario"], "no-such-scenario"),
        (["--set", "client.truncates=all"], "client.truncates"),
    ],
)
def test_what_cannot_be_compared(arguments: list[str], says: str) -> None:
    assert says in refused(*arguments)


def test_a_folder_of_several_is_not_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        conversations = Path(vl.load_scenario("card-game").caller.audio).parent
        text = f"""\
voicelab: 1
name: {name}
caller: {{audio: {conversations}/card-game.wav, channel: 0}}
agent: {{responder: recorded}}
"""
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    assert "holds 2 scenarios" in refused(str(tmp_path))


def test_by_default_every_answer_is_interrupted() -> None:
    run = vl.run(INTERRUPTER)
    answers = run.events[
        (run.events.lane == "server") & (run.events.type == "reply.audio")
    ]
    heard = set(answers.item_id) - set(run.truncations.item_id)
    assert len(run.truncations) == 5
    assert len(heard) <= 2  # the last one, and one that ended just in time
