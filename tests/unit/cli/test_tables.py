from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from msgspec import structs
from rich.console import Console
from rich.table import Table

from voicelab.cli import tables
from voicelab.cli.batch import Finished
from voicelab.metrics import FALSE_CAUSES, summary_of

LATENCY = pd.DataFrame(
    {
        "turn": [0, 1],
        "uplink_ms": [41.4, None],
        "endpointing_delay_ms": [-120.6, None],
        "server_ttfb_ms": [700.0, None],
        "downlink_ms": [40.0, None],
        "playout_delay_ms": [-0.2, None],
        "response_latency_ms": [660.6, None],
        "cut_in": [True, False],
        "outcome": ["cut_in", "unanswered"],
    }
)
TRUNCATIONS = pd.DataFrame(
    {
        "policy": ["none"],
        "refused": pd.array(["too long"], dtype="string"),
        "generated_ms": [5000.0],
        "heard_ms": [1200.0],
        "audio_end_ms": pd.array([None], dtype="Int64"),
        "kept_ms": [5000.0],
        "truncation_error_ms": [3800.0],
        "phantom_words": [9],
        "forgotten_words": [0],
        "stop_latency_ms": [180.0],
    }
)


BARGE_INS = pd.DataFrame({"outcome": ["stopped"], "overlap_ms": [180.4]})
NO_STAGES = pd.DataFrame({"stage": [], "problem": []}, dtype="string")
UNHEARD = "turn.semantic_unavailable"
KNOWN: dict[str, Any] = {
    "stopped_barge_ins": 2,
    "missed_barge_ins": 1,
    "false_barge_ins": 3,
    "false_by_noise": 2,
    "false_by_echo": 1,
    "false_by_backchannel": 0,
    "false_by_unknown": 0,
    "overlap_ms": 180.4,
    "talk_over_rate": 0.0349,
    "billed_phantom_tokens": 924,
}


def finished(
    name: str,
    truncations: pd.DataFrame = TRUNCATIONS,
    barge_ins: pd.DataFrame = BARGE_INS,
    *,
    stages: pd.DataFrame = NO_STAGES,
    notes: Sequence[Any] = (),
    **known: Any,
) -> Finished:
    run: Any = SimpleNamespace(
        run_id="0f",
        latency=LATENCY,
        truncations=truncations,
        barge_ins=barge_ins,
        playback=pd.DataFrame({"underruns": pd.array([None], dtype="Int64")}),
        summary=structs.replace(summary_of([], []), refused=4, **known),
        manifest={"clock": "virtual", "conversation_s": 60.0, "wall_s": 0.25},
        is_live=False,
        stages=stages,
        log=SimpleNamespace(of=lambda _lane, kind: notes if kind == UNHEARD else ()),
    )
    return Finished(name, run, Path("runs/0f"), Path("runs/x.png"))


def printed(table: Table, width: int = 80) -> list[list[str]]:
    """Return the cells of each line of a printed table."""
    stream = io.StringIO()
    Console(file=stream, width=width).print(table)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    return [cells(line) for line in lines]


def cells(line: str) -> list[str]:
    return line.split()


def test_a_latency_row_shows_whole_milliseconds() -> None:
    lines = printed(tables.latency_table([finished("dentist")]))
    assert lines[4] == cells("dentist 0 41 -121 700 40 0 661 yes cut_in")
    assert lines[5] == cells("1 - - - - - - unanswered")


def test_a_truncation_row_shows_what_was_claimed() -> None:
    lines = printed(tables.truncation_table([finished("dentist")]))
    assert lines[4] == cells("dentist none 5000 1200 5000 3800 9 0 180")


def test_bundled_names_fit_eighty_columns() -> None:
    for table in (tables.latency_table, tables.truncation_table):
        lines = printed(table([finished("flight-change")]))
        assert lines[4][0] == "flight-change"
        assert not any("…" in cell for line in lines for cell in line)


def test_a_row_of_barge_ins_shows_what_stopped_the_agent() -> None:
    lines = printed(tables.barge_in_table([finished("flight-change", **KNOWN)]))
    assert lines[4] == cells("flight-change 2 1 2 noise 180 3.5% 4 924")
    assert lines[5] == cells("1 echo")


def test_no_false_barge_in_is_a_nought_and_an_unknown_one_a_dash() -> None:
    none = {**KNOWN, "false_barge_ins": 0, "false_by_noise": 0, "false_by_echo": 0}
    lines = printed(tables.barge_in_table([finished("x", **none), finished("y")]))
    assert lines[4] == cells("x 2 1 0 180 3.5% 4 924")
    assert lines[5] == cells("y - - - - - 4 0")


def test_a_long_name_and_every_cause_fit_eighty_columns() -> None:
    causes = dict.fromkeys((f"false_by_{cause}" for cause in FALSE_CAUSES), 22)
    told = {**KNOWN, **causes, "billed_phantom_tokens": 123_456, "overlap_ms": 99_999.0}
    lines = printed(tables.barge_in_table([finished("flight-change", **told)]))
    assert lines[4][:5] == cells("flight-change 2 1 22 backchannel")
    assert lines[7] == cells("22 unknown")


def test_two_runs_are_told_apart() -> None:
    lines = printed(tables.latency_table([finished("one"), finished("two")]))
    assert [line[0] for line in lines if line and line[0] in {"one", "two"}] == [
        "one",
        "two",
    ]


def test_json_has_null_for_what_is_missing() -> None:
    shown = tables.summary(finished("dentist"))
    assert shown["latency"][1]["uplink_ms"] is None
    assert shown["truncations"][0]["audio_end_ms"] is None
    assert shown["truncations"][0]["phantom_words"] == 9
    assert shown["barge_ins"][0]["outcome"] == "stopped"
    assert shown["playback"] == [{"underruns": None}]
    assert shown["stages"] == []
    assert (shown["summary"]["refused"], shown["summary"]["barge_ins"]) == (4, None)
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["name"], shown["folder"]) == ("dentist", str(Path("runs/0f")))


def test_the_whole_report(capsys: pytest.CaptureFixture[str]) -> None:
    tables.print_tables([finished("dentist"), finished("recipe")])
    text = capsys.readouterr().out
    assert "120 s of conversation in 0.5 s of computing." in text
    assert f"{Path('runs/0f')}  {Path('runs/x.png')}\n" in text
    assert "\x1b" not in text


def test_contrasts_show_only_what_was_heard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables.print_tables([finished("dentist"), finished("recipe")], waits_of=1)
    waits, ledger = capsys.readouterr().out.split("Interrupted answers")
    assert "recipe" not in waits
    assert "recipe" in ledger


def test_barge_ins_are_shown_if_there_are_any(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables.print_tables([finished("dentist"), finished("recipe", **KNOWN)])
    assert "Barge-ins" in capsys.readouterr().out
    tables.print_tables([finished("dentist", barge_ins=BARGE_INS.iloc[:0])])
    assert "Barge-ins" not in capsys.readouterr().out


def test_no_interruption_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    tables.print_tables([finished("dentist", TRUNCATIONS.iloc[:0])])
    assert "No answer was interrupted." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([None], ""),
        ([None, "too long"], 'a: a claim was refused, with "too long".'),
        (["no", None, "no"], 'a: 2 claims were refused, with "no".'),
        (["no", "nor"], 'a: 2 claims were refused, the first with "no".'),
    ],
)
def test_what_the_server_refused_is_told_in_its_words(
    said: list[str | None], told: str
) -> None:
    ledger = pd.DataFrame({"refused": pd.array(said, dtype="string")})
    run: Any = SimpleNamespace(truncations=ledger)
    assert tables.refusals(Finished("a", run, Path(), Path())) == told


def test_no_number_is_broken_where_a_terminal_is_narrow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    narrow = Console(file=io.StringIO(), width=20, force_terminal=False)
    monkeypatch.setattr(tables, "table_console", lambda: narrow)
    table = tables.plain_table("Numbers")
    for heading in "abcd":
        table.add_column(heading, justify="right", overflow="fold")
    table.add_row("12345.6", "23456.7", "34567.8", "45678.9")
    tables.print_table(table)
    assert isinstance(narrow.file, io.StringIO)
    assert "12345.6  23456.7  34567.8  45678.9" in narrow.file.getvalue()


def test_no_part_that_works_is_told_of() -> None:
    worked = pd.DataFrame({"stage": ["stt"], "problem": pd.array([None], "string")})
    assert tables.failures(finished("dentist", stages=worked)) == []


def test_each_part_that_failed_is_told_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problems = pd.array(["gone", None, "gone", "late", "no voice"], "string")
    stages = pd.DataFrame(
        {"stage": ["chat", "stt", "chat", "chat", "tts"], "problem": problems}
    )
    note = SimpleNamespace(data={"reason": "no file"})
    told = finished("dentist", stages=stages, notes=[note])
    assert tables.failures(told) == [
        "chat failed 3 times, first because gone",
        "tts failed once, because no voice",
        "semantic_vad took every turn for unfinished: no file",
    ]
    shown = tables.summary(told)
    assert shown["failures"] == tables.failures(told)
    assert shown["stages"][1] == {"stage": "stt", "problem": None}
    assert [row["stage"] for row in shown["stages"]] == list(stages["stage"])
    tables.print_tables([told])
    assert "dentist: chat failed 3 times, first because gone.\n" in (
        capsys.readouterr().out
    )
