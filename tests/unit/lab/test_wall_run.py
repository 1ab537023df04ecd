"""What runs on the wall clock have in common."""

from __future__ import annotations

from array import array
from io import BytesIO

from voicelab.audio.formats import AudioFormat
from voicelab.clock import VirtualLoop, timebase
from voicelab.lab.conversation import Taped
from voicelab.lab.wall_run import lateness, stamped
from voicelab.record.recorder import Recorder


def test_a_name_holds_the_time_of_day() -> None:
    assert stamped("abc", "2026-11-21T08:09:10.123Z") == "abc-20261121T080910.123Z"


def test_lateness_is_told_in_milliseconds() -> None:
    loop = VirtualLoop()
    pcm = AudioFormat.PCM
    recorder = Recorder(timebase(loop), BytesIO(), uplink=pcm, downlink=pcm)
    loop.close()
    recorder.discard()
    late = Taped(recorder, 1, array("q", [0, 1_000_000, 5_000_000]))
    assert lateness(late) == {"n": 3, "p50": 1.0, "p99": 4.92, "max": 5.0}
    assert lateness(Taped(recorder, 1, array("q"))) == {"n": 0}
