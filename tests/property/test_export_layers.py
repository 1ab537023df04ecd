"""Whatever marks there are, tiers tile and threads hold no two at once."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from praatio import textgrid as praat

from voicelab.exporters.lanes import Lane, Mark, layers
from voicelab.exporters.textgrid import grid
from voicelab.units import NS_PER_MS

END_NS = 1000 * NS_PER_MS
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    start_ms = draw(st.integers(0, 998))
    end_ms = draw(st.integers(start_ms + 1, 1000))
    return Mark(start_ms * NS_PER_MS, end_ms * NS_PER_MS, draw(TEXT))


@given(st.lists(marks(), max_size=30))
def test_layers_hold_every_mark_once_and_apart(given_marks: list[Mark]) -> None:
    rows = layers(given_marks)
    placed = [mark for row in rows for mark in row]
    assert sorted(map(repr, placed)) == sorted(map(repr, given_marks))
    for row in rows:
        ends = [mark.end_ns for mark in row[:-1]]
        starts = [mark.start_ns for mark in row[1:]]
        assert all(end <= start for end, start in zip(ends, starts, strict=True))


@given(st.lists(marks(), max_size=12))
def test_praat_gets_back_what_was_given(given_marks: list[Mark]) -> None:
    text = grid([Lane("x", tuple(given_marks))], END_NS)
    found = opened(text)
    told = [
        (round(e.start * 1000), round(e.end * 1000), e.label)
        for tier in found.tiers
        for e in tier.entries
        if e.label
    ]
    expected = [
        (m.start_ns // NS_PER_MS, m.end_ns // NS_PER_MS, m.text) for m in given_marks
    ]
    assert sorted(told) == sorted(expected)
    for tier in found.tiers:
        edges = [(entry.start, entry.end) for entry in tier.entries]
        assert (edges[0][0], edges[-1][1]) == (0, 1)
        assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]]


def opened(text: str) -> praat.Textgrid:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.TextGrid"
        file.write_text(text, "utf-8")
        return praat.openTextgrid(
            str(file), includeEmptyIntervals=True, reportingMode="error"
        )
