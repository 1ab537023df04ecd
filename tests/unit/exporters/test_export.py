"""Files appear whole, under safe names, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

import voicelab as vl
from tests.support.logs import one_answer
from tests.support.results import barge_in, make_run
from voicelab.errors import InputError
from voicelab.exporters import FORMATS, export
from voicelab.exporters.files import stem, write_all


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_twice_over(tmp_path: Path, to: str) -> None:
    run = make_run(barge_in())
    first = {file.name: file.read_bytes() for file in export(run, to, tmp_path)}
    again = {file.name: file.read_bytes() for file in export(run, to, tmp_path)}
    assert first == again
    assert {file.name for file in tmp_path.iterdir()} == set(first)


@pytest.mark.parametrize("to", FORMATS)
def test_what_a_client_alone_saw(tmp_path: Path, to: str) -> None:
    """Against a foreign server nobody tells the words, or what it scored."""
    log = one_answer(server=False)
    log.add(7000, "user", "turn.start", turn=1, kind="turn", text="", words=[])
    run = make_run(log, partial="the server hung up")
    assert all(file.stat().st_size for file in export(run, to, tmp_path))


def test_an_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        export(make_run(barge_in()), "textgird", tmp_path / "out")
    assert str(caught.value) == (
        "to: there is no format 'textgird'; give audacity, textgrid, rttm, perfetto "
        "or lhotse; did you mean textgrid?"
    )
    assert not (tmp_path / "out").exists()


def test_the_facade_takes_a_run_or_its_folder(tmp_path: Path) -> None:
    run = make_run(barge_in())
    folder = run.save(tmp_path / "runs")
    assert vl.export(run, "rttm", tmp_path / "a")[0].is_file()
    assert vl.export(str(folder), "rttm", str(tmp_path / "b"))[0].is_file()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dentist", "dentist-id"),
        ("\u00e9t\u00e9 \u65e5\u672c", "\u00e9t\u00e9 \u65e5\u672c-id"),
        ('../../a:b*"c"', "_.._a_b__c_-id"),
        ("..", "id"),
        ("\U0001f600" * 100, "\U0001f600" * 37 + "-id"),
    ],
)
def test_names_of_files(name: str, expected: str) -> None:
    assert stem(make_run(barge_in(), name=name, run_id="id")) == expected


def test_an_id_leads_nowhere_else() -> None:
    assert "/" not in stem(make_run(barge_in(), run_id="../../x"))


def fails(_: Path) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = {"a": lambda file: file.write_text("a"), "b": fails}
    with pytest.raises(InputError, match=r"out: nothing .* here \(No space left"):
        write_all(out, files)
    assert not out.exists()


def test_what_is_there_stays_if_it_fails(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    files = {"a": lambda file: file.write_text("new"), "b": fails}
    with pytest.raises(InputError):
        write_all(tmp_path, files)
    assert [file.name for file in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="nothing can be exported to here"):
        export(make_run(barge_in()), "rttm", tmp_path / "out")
