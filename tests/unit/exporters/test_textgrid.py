"""TextGrids, opened by praatio."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from praatio import textgrid as praat
from praatio.data_classes.interval_tier import IntervalTier
from praatio.data_classes.point_tier import PointTier
from praatio.data_classes.textgrid import Textgrid

from tests.support.results import barge_in, make_run
from voicelab.exporters import export
from voicelab.exporters.lanes import Lane, Mark, run_lanes
from voicelab.exporters.textgrid import grid


def opened(file: Path) -> Textgrid:
    return praat.openTextgrid(
        str(file), includeEmptyIntervals=True, reportingMode="error"
    )


def written(tmp_path: Path, lanes: Iterable[Lane], end_ns: int) -> Textgrid:
    file = tmp_path / "x.TextGrid"
    file.write_text(grid(lanes, end_ns), "utf-8")
    return opened(file)


def test_praat_reads_what_the_run_holds(tmp_path: Path) -> None:
    run = make_run(barge_in(), name='caf\u00e9 "d\u00e9j\u00e0"')
    (file,) = export(run, "textgrid", tmp_path)
    found = opened(file)
    assert (found.minTimestamp, found.maxTimestamp) == (0, 8)
    expected = {lane.name: lane for lane in run_lanes(run)}
    assert set(found.tierNames) == set(expected)
    for tier in found.tiers:
        told = [
            (mark.start_ns / 1e9, mark.end_ns / 1e9, mark.text)
            for mark in expected[tier.name].marks
        ]
        if isinstance(tier, PointTier):
            assert [(p.time, p.label) for p in tier.entries] == [
                (start, text) for start, _, text in told
            ]
        else:
            assert [tuple(entry) for entry in tier.entries if entry.label] == told


def test_intervals_tile_the_recording(tmp_path: Path) -> None:
    (file,) = export(make_run(barge_in()), "textgrid", tmp_path)
    for tier in opened(file).tiers:
        if isinstance(tier, IntervalTier):
            edges = [(entry.start, entry.end) for entry in tier.entries]
            assert edges[0][0] == 0
            assert edges[-1][1] == 8
            assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]]


def test_overlapping_marks_have_tiers_of_their_own(tmp_path: Path) -> None:
    marks = (Mark(0, 2_000, "a"), Mark(1_000, 3_000, "b"), Mark(2_000, 4_000, "c"))
    found = written(tmp_path, [Lane("x", marks)], 4_000)
    assert found.tierNames == ("x", "x (2)")
    first, second = found.tiers
    assert [entry.label for entry in first.entries] == ["a", "c"]
    assert [entry.label for entry in second.entries] == ["", "b", ""]


def test_quotation_marks_and_other_scripts(tmp_path: Path) -> None:
    text = 'he said "no" \u2014 \u65e5\u672c\u8a9e \U0001f600 ""'
    found = written(tmp_path, [Lane('a "b"', (Mark(0, 5, text),))], 10)
    (tier,) = found.tiers
    assert tier.name == 'a "b"'
    assert tier.entries[0].label == text


def test_points_at_one_instant_are_one(tmp_path: Path) -> None:
    marks = (Mark(5, 5, "a"), Mark(5, 5, "b"), Mark(7, 7, "c"))
    (tier,) = written(tmp_path, [Lane("x", marks, is_points=True)], 10).tiers
    assert [(p.time, p.label) for p in tier.entries] == [(5e-9, "a; b"), (7e-9, "c")]


def test_instants_are_exact() -> None:
    text = grid([Lane("x", (Mark(1, 1_000_000_000, "a"),))], 3_333_333_333_333)
    assert "xmin = 0.000000001\n" in text
    assert "xmax = 1\n" in text
    assert "xmax = 3333.333333333\n" in text
