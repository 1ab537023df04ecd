from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import numpy as np
import pytest

from tests.support.logs import LogBuilder
from tests.support.results import MANIFEST, barge_in, make_run, stereo
from voicelab.errors import InputError, RunFormatError
from voicelab.result import Run, load_run

TABLES = (
    "events",
    "appends",
    "turns",
    "latency",
    "stage_latency",
    "endpointing",
    "floor",
    "latency_definitions",
    "audio_agreement",
    "truncations",
    "barge_ins",
    "playback",
    "overlap",
    "vad",
    "speech_rate",
    "usage",
)


@pytest.mark.parametrize("name", TABLES)
def test_tables_keep_their_columns_when_nothing_happened(name: str) -> None:
    full, empty = getattr(make_run(), name), getattr(make_run(LogBuilder()), name)
    assert len(full)
    assert list(full.columns) == list(empty.columns)
    assert list(full.dtypes) == list(empty.dtypes)


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_made_once(name: str) -> None:
    run = make_run()
    assert getattr(run, name) is getattr(run, name)


def test_events_and_frames_together_are_the_log() -> None:
    run = make_run()
    lines = barge_in().build().count(b"\n")
    assert len(run.events) + len(run.appends) == lines
    assert run.events.columns.tolist() == [
        "seq",
        "t_ns",
        "lane",
        "type",
        "item_id",
        "data",
    ]
    assert run.appends.lane.value_counts().to_dict() == {"client": 400, "server": 400}


def test_it_says_what_it_is() -> None:
    run = make_run()
    assert (run.name, run.run_id, run.manifest) == (
        "a <test>",
        "0123456789ab",
        MANIFEST,
    )
    assert repr(run) == "<Run a <test> 0123456789ab turns=3 truncations=1>"


def test_it_says_if_it_was_broken_off() -> None:
    run = make_run(partial="the server hung up")
    assert repr(run).endswith("truncations=1 partial>")
    assert "partial the server hung up" in run._repr_html_()


def test_what_the_manifest_calls_unobserved_is_missing_in_the_tables() -> None:
    seen, told = make_run(), make_run(unobserved=["uplink", "player", "ear"])
    assert seen.truncations.heard_ms[0] == 1152
    assert told.truncations.heard_ms.isna().all()
    assert told.playback.played_ms.isna().all()
    assert len(told.barge_ins)
    assert told.barge_ins.outcome.isna().all()
    assert (len(seen.overlap), len(told.overlap)) == (1, 0)
    assert (seen.summary.barge_ins, told.summary.barge_ins) == (1, None)
    assert told.latency.dtypes.to_list() == seen.latency.dtypes.to_list()
    assert "1152" not in told._repr_html_()


def test_of_a_live_run_a_notebook_shows_what_can_be_seen_from_outside() -> None:
    run = make_run(clock="wall", live={"url": "ws://h/v1"})
    shown = run._repr_html_().replace("<wbr>", "")
    assert "ttfb_observed_ms" in shown
    assert "server_ttfb_ms" not in shown
    assert "server ws://h/v1" in shown


def test_a_notebook_shows_both_tables() -> None:
    shown = make_run()._repr_html_().replace("<wbr>", "")
    assert "a &lt;test&gt;" in shown
    for part in ("seed 7", "endpointing_delay_ms", "truncation_error_ms", "8.0 s"):
        assert part in shown
    assert "Interrupted" not in make_run(LogBuilder())._repr_html_()


def test_a_saved_run_is_the_same_run(tmp_path: Path) -> None:
    run = make_run()
    folder = run.save(tmp_path / "new" / "runs")
    assert folder == tmp_path / "new" / "runs" / run.run_id
    assert {file.name for file in folder.parent.iterdir()} == {run.run_id}
    again = load_run(folder)
    assert again.manifest == run.manifest
    assert again.latency.equals(run.latency)
    assert (again.audio == run.audio).all()
    assert isinstance(again.audio, np.memmap)


def test_saving_from_folder_to_folder_keeps_every_byte(tmp_path: Path) -> None:
    first = make_run().save(tmp_path / "a")
    second = load_run(first).save(tmp_path / "b")
    for file in first.iterdir():
        assert (second / file.name).read_bytes() == file.read_bytes()


def test_saving_where_it_lies_changes_nothing(tmp_path: Path) -> None:
    folder = make_run().save(tmp_path)
    before = (folder / "events.jsonl").stat()
    assert load_run(folder).save(tmp_path) == folder
    assert (folder / "events.jsonl").stat().st_ino == before.st_ino


def test_saving_again_replaces(tmp_path: Path) -> None:
    folder = make_run().save(tmp_path)
    (folder / "stray").write_text("x")
    make_run().save(tmp_path)
    assert not (folder / "stray").exists()


def test_a_run_that_cannot_be_saved_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be saved"):
        make_run().save(tmp_path / "file" / "runs")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_broken_log_is_told_when_it_is_read(tmp_path: Path) -> None:
    folder = make_run().save(tmp_path)
    with (folder / "events.jsonl").open("ab") as log:
        log.write(b'{"seq":')
    with pytest.raises(RunFormatError, match=r"events\.jsonl:\d+"):
        _ = load_run(folder).latency


def test_another_schema_is_refused() -> None:
    with pytest.raises(RunFormatError, match="schema version 99"):
        Run({**MANIFEST, "schema_version": 99}, b"", stereo(0))


def test_a_temporary_folder_lives_as_long_as_the_run(tmp_path: Path) -> None:
    keeper = tempfile.TemporaryDirectory(dir=tmp_path)
    run = load_run(make_run().save(keeper.name))
    run.keep_alive(keeper)
    home = Path(keeper.name)
    del keeper
    gc.collect()
    assert len(run.latency) == 3
    del run
    gc.collect()
    assert not home.exists()
