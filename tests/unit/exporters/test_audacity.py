"""Audacity's label tracks, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.logs import LogBuilder
from tests.support.results import barge_in, make_run
from voicelab.errors import InputError
from voicelab.exporters import export
from voicelab.exporters.audacity import labels
from voicelab.exporters.lanes import Mark

STEM = "a _test_-0123456789ab"

GOLDEN = {
    "caller-turns": (
        "0.200000\t1.000000\tHello there\n"
        "3.090000\t4.000000\tturn 2\n"
        "6.800000\t7.000000\tturn 3\n"
    ),
    "caller-backchannels": "2.300000\t2.500000\tbackchannel 1\n",
    "caller-words": "0.200000\t0.600000\tHello\n0.620000\t1.000000\tthere\n",
    "caller-as-the-server-heard": (
        "0.224000\t1.524000\tuser-0\n3.104000\t4.500000\tuser-1\n"
    ),
    "agent-heard": "2.090000\t3.242000\tone\n5.090000\t6.590000\tone two three\n",
    "agent-words": (
        "2.090000\t3.090000\tone\n"
        "5.090000\t5.590000\tone\n"
        "5.590000\t6.090000\ttwo\n"
        "6.090000\t6.590000\tthree\n"
    ),
    "overlap": "2.300000\t2.500000\toverlap\n3.090000\t3.242000\toverlap\n",
    "events": (
        "1.560000\t1.560000\tendpoint\n"
        "3.214000\t3.214000\tinterruption, claims 1200 ms\n"
        "4.560000\t4.560000\tendpoint\n"
    ),
}


def test_one_file_a_lane(tmp_path: Path) -> None:
    files = export(make_run(barge_in()), "audacity", tmp_path)
    assert [file.name for file in files] == [f"{STEM}.{lane}.txt" for lane in GOLDEN]
    for file, text in zip(files, GOLDEN.values(), strict=True):
        assert file.read_bytes() == text.encode()


def test_a_label_is_one_line_in_utf_8(tmp_path: Path) -> None:
    log = LogBuilder()
    log.caller(0, 100, 200, words=[('caf\u00e9\t"x"\n\u65e5', 0, 100)])
    files = export(make_run(log), "audacity", tmp_path)
    expected = '0.100000\t0.200000\tcaf\u00e9 "x" \u65e5\n'
    assert [file.read_bytes() for file in files] == [expected.encode()] * 2


def test_a_point_has_equal_times() -> None:
    assert labels([Mark(1_500, 1_500, "x")]) == "0.000002\t0.000002\tx\n"


def test_nobody_spoke(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing that audacity could show"):
        export(make_run(LogBuilder()), "audacity", tmp_path / "out")
    assert not (tmp_path / "out").exists()
