from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import voicelab as vl
from tests.support.results import make_run
from tests.support.runs import bundled
from voicelab.budgets import reading
from voicelab.errors import InputError, RunFormatError
from voicelab.lab.experiment import run_scenario
from voicelab.reports import report, writing
from voicelab.reports.page import page as pieces_of
from voicelab.result import Run, load_run

MB = 1_000_000


def headings(file: Path) -> list[str]:
    return re.findall(r"<h2 id=[^>]*>(\S+) ", file.read_text("utf-8"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "page.html"
    return report(make_run(), file).read_text("utf-8")


def test_a_conversation_of_a_minute_is_small_and_the_same_again(tmp_path: Path) -> None:
    runs = [run_scenario(bundled("dentist"), tmp_path / name) for name in ("a", "b")]
    first, again = (
        report(run, tmp_path / f"{place}.html").read_bytes()
        for place, run in enumerate(runs)
    )
    assert len(first) < 3 * MB
    assert first == again, "though one took longer to run than the other"


def test_nothing_is_fetched(page: str) -> None:
    for name in ("src", "href"):
        targets = re.findall(rf'\s{name}="([^"]*)"', page)
        assert targets
        assert all(target.startswith(("data:", "#")) for target in targets)
    assert "url(" not in page
    assert "@import" not in page


def test_only_its_own_program_may_run(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (program,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = hashlib.sha256(program.encode()).digest()
    allowed = f"script-src &#x27;sha256-{base64.b64encode(digest).decode()}&#x27;"
    rules = policy.split("; ")
    assert "default-src &#x27;none&#x27;" in rules
    assert allowed in rules
    assert "unsafe" not in policy
    assert "http" not in policy


def test_it_is_shown_whom_it_is_about(page: str) -> None:
    assert "<title>voicelab: a &lt;test&gt;</title>" in page
    assert '<html lang="en">' in page


def test_runs_of_a_folder_stand_by_name_and_seed(tmp_path: Path) -> None:
    for run_id, name, seed in (("1", "b", 1), ("2", "a", 10), ("3", "a", 9)):
        make_run(run_id=run_id, name=name, seed=seed).save(tmp_path)
    page = report(tmp_path, tmp_path / "page.html", sound="none")
    text = page.read_text("utf-8")
    assert headings(page) == ["a", "a", "b"]
    assert text.index("<small>3</small>") < text.index("<small>2</small>")
    assert "<title>3 runs</title>" in text


def test_the_page_of_many_runs_is_never_held_whole() -> None:
    runs = [make_run(run_id=f"{number}", seed=number) for number in range(2)]
    pieces = pieces_of(runs, sound="none")
    sections = [piece for piece in pieces if piece.startswith("<section class=")]
    assert [text.count("<small>") for text in sections] == [1, 1]


def test_each_run_is_shown_once_in_the_order_given(tmp_path: Path) -> None:
    folder = make_run(run_id="1", name="b").save(tmp_path)
    other = make_run(run_id="2", name="a")
    page = report([folder, other, str(folder)], tmp_path / "x.html", sound="none")
    assert headings(page) == ["b", "a"]


def test_from_python(tmp_path: Path) -> None:
    file = vl.report(make_run(), str(tmp_path / "page.html"), sound="none")
    assert file == tmp_path / "page.html"
    assert "<audio" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("runs", "out", "says"),
    [
        ([], "x.html", "there is no run to report on"),
        (["nowhere"], "x.html", "nowhere"),
        ([], "nowhere/x.html", "nowhere: there is no such folder; make it"),
        ([], ".", "this is a folder; name a file in it"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, runs: list[str], out: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        report([tmp_path / run for run in runs], tmp_path / out)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_of_sound(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not as 'wav'"):
        report(make_run(), tmp_path / "x.html", sound="wav")


def test_a_damaged_run_leaves_the_old_page(tmp_path: Path) -> None:
    folder = make_run().save(tmp_path / "runs")
    page = report(folder, tmp_path / "x.html", sound="none")
    before = page.read_bytes()
    (folder / "events.jsonl").write_text("broken\n")
    with pytest.raises(RunFormatError, match=r"events\.jsonl:1"):
        report(folder, page, sound="none")
    assert page.read_bytes() == before


def test_a_full_disk_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "x.html"
    page.write_text("old")

    def full(*_: object, **__: object) -> Iterator[str]:
        yield "half of it"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "page", full)
    with pytest.raises(InputError, match=r"x\.html: .*No space left on device"):
        report(make_run(), page, sound="none")
    assert page.read_text() == "old"
    assert list(tmp_path.iterdir()) == [page]


def test_no_wall_clock_and_no_path_is_told(tmp_path: Path) -> None:
    run = load_run(make_run(wall_s=123.456, real_time_factor=77.7).save(tmp_path))
    text = report(run, tmp_path / "x.html", sound="none").read_text("utf-8")
    assert "123.456" not in text
    assert "77.7" not in text
    assert str(tmp_path) not in text


def test_a_source_is_a_run_or_a_path() -> None:
    assert reading.Source == Run | Path | str
