"""How fast arriving audio is found: it is done on the loop of a live call."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support.driving import spoken
from voicelab.lab.drive.alignment import Alignment
from voicelab.lab.drive.reference import Reference

SENT_HZ, LEG_HZ, FRAME = 24_000, 16_000, 320


@pytest.mark.benchmark
def test_twenty_seconds_in_frames_of_20_ms(benchmark: BenchmarkFixture) -> None:
    items = [spoken(10.0, SENT_HZ, which) for which in range(2)]
    reference = Reference(SENT_HZ, LEG_HZ)
    for index, item in enumerate(items):
        reference.sent(f"item {index}", "r", item)
    arriving = reference.audio.astype("int16")

    def align() -> int:
        alignment = Alignment(reference)
        for start in range(0, len(arriving), FRAME):
            alignment.take(arriving[start : start + FRAME])
        alignment.settle()
        return alignment.expected

    assert benchmark(align) == len(arriving)
