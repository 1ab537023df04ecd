"""How fast an operating curve is: 1,000 settings over an hour of scored audio.

All statistics are included; no two settings share a delay. Wanted: at most 10 s.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from voicelab.curves.conversations import find_conversations
from voicelab.curves.corpus import Corpus
from voicelab.curves.curve import Curve, Scored
from voicelab.curves.grid import Condition, make_grid
from voicelab.curves.hearing import hear, score
from voicelab.scenario import scenario_names
from voicelab.units import NS_PER_S

SILENCES_MS = range(200, 1200, 20)
THRESHOLDS = np.linspace(0.2, 0.9, 20)
HOUR_S = 3600

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def hour() -> Corpus:
    """An hour of the bundled conversations, again and again, with their statistics."""
    found = find_conversations(scenario_names())
    heard = [hear(each, Condition(), max(SILENCES_MS)) for each in found]
    known = [(one, score(frames, "silero")) for one, frames in heard]
    once_s = sum(one.recording_ns for one, _ in known) / NS_PER_S
    count = round(HOUR_S / once_s * len(known))
    many = list(islice(cycle(known), count))
    named = [
        replace(one, conversation=f"{number}") for number, (one, _) in enumerate(many)
    ]
    return Corpus(named, [scores for _, scores in many], max(SILENCES_MS))


def test_a_thousand_settings_over_an_hour(
    benchmark: BenchmarkFixture, hour: Corpus
) -> None:
    grid = make_grid("silero", THRESHOLDS.tolist(), SILENCES_MS, (300,))
    table = benchmark(lambda: Curve(grid, [Scored("silero", hour)]).table)
    assert len(table) == 1000
