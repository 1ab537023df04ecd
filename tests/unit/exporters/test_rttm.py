"""RTTM, read into pyannote's `Annotation`."""

from __future__ import annotations

from pathlib import Path

from pyannote.core import Annotation, Segment

from tests.support.logs import LogBuilder
from tests.support.results import barge_in, make_run
from voicelab.exporters import export

FIELDS = 10


def read_rttm(file: Path) -> dict[str, Annotation]:
    """Read as pyannote.database does: split at spaces, by file and channel."""
    found: dict[str, Annotation] = {}
    for line in file.read_text("utf-8").splitlines():
        fields = line.split(" ")
        assert len(fields) == FIELDS, line
        kind, uri, channel, start, length, *_, speaker, na, last = fields
        assert (kind, na, last) == ("SPEAKER", "<NA>", "<NA>")
        assert channel in {"1", "2"}
        segment = Segment(float(start), float(start) + float(length))
        annotation = found.setdefault(uri, Annotation(uri=uri))
        annotation[segment, channel] = speaker
    return found


def spans(annotation: Annotation, speaker: str) -> list[tuple[float, float]]:
    timeline = annotation.label_timeline(speaker)
    return [(round(each.start, 3), round(each.end, 3)) for each in timeline]


def test_who_spoke_when(tmp_path: Path) -> None:
    truth, server = export(make_run(barge_in(), name="a b"), "rttm", tmp_path)
    ((uri, annotation),) = read_rttm(truth).items()
    assert uri == "a_b-0123456789ab"
    assert annotation.labels() == ["agent", "caller"]
    assert spans(annotation, "caller") == [
        (0.2, 1.0),
        (2.3, 2.5),
        (3.09, 4.0),
        (6.8, 7.0),
    ]
    assert spans(annotation, "agent") == [(2.09, 3.242), (5.09, 6.59)]
    (heard,) = read_rttm(server).values()
    assert spans(heard, "caller") == [(0.224, 1.524), (3.104, 4.5)]
    assert server.name == "a b-0123456789ab.server.rttm"


def test_channels_are_counted_from_one(tmp_path: Path) -> None:
    truth, _ = export(make_run(barge_in()), "rttm", tmp_path)
    found = {tuple(line.split()[2:8:5]) for line in truth.read_text().splitlines()}
    assert found == {("1", "caller"), ("2", "agent")}


def test_silence_is_an_empty_file(tmp_path: Path) -> None:
    (truth,) = export(make_run(LogBuilder()), "rttm", tmp_path)
    assert truth.read_text() == ""


def test_less_than_a_millisecond_is_left_out(tmp_path: Path) -> None:
    log = LogBuilder()
    log.caller(0, 100, 100.3)
    log.caller(1, 200, 201)
    (truth,) = export(make_run(log), "rttm", tmp_path)
    assert [line.split()[3:5] for line in truth.read_text().splitlines()] == [
        ["0.200", "0.001"]
    ]
