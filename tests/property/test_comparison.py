"""What is found quickly is what is found by looking at every pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicelab.calibration.sample import Sample
from voicelab.metrics.comparison.moments import Moment, Stream
from voicelab.metrics.comparison.order import Placed, inversions
from voicelab.record.log_reader import Event

PLACES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


def placed(places: list[tuple[int, int]]) -> list[Placed]:
    moment = Moment(0, Event(0, 0, "client", "error", None, {}), "x", "x")
    return [Placed(at_a, at_b, moment, moment) for at_a, at_b in places]


@given(PLACES, st.integers(1, 10))
def test_inversions(places: list[tuple[int, int]], apart: int) -> None:
    every = placed(places)
    found = list(inversions(every, apart=apart))
    for first, second in found:
        assert second.at_a - first.at_a >= apart
        assert first.at_b - second.at_b >= apart
    late = {
        id(second)
        for first in every
        for second in every
        if second.at_a - first.at_a >= apart and first.at_b - second.at_b >= apart
    }
    assert len(found) == len(late)
    assert {id(second) for _, second in found} == late


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50)), min_size=1, max_size=9),
    st.data(),
)
def test_when_a_position_had_passed(
    pieces: list[tuple[int, int]], data: st.DataObject
) -> None:
    sizes, gaps = np.array(pieces, dtype=np.int64).T
    stream = Stream(np.cumsum(sizes), np.cumsum(gaps))
    position = data.draw(st.integers(1, stream.length))
    simple = next(
        t_ns
        for end, t_ns in zip(stream.ends, stream.t_ns, strict=True)
        if end >= position
    )
    assert stream.passed_ns(np.array([position])) == [simple]


VALUES = st.lists(st.integers(1, 30).map(float), min_size=1, max_size=15)


@given(VALUES, VALUES)
def test_shares_are_the_product_limit(values: list[float], cut: list[float]) -> None:
    """By the definition: of those still waiting, the share that waits on."""
    points, below = Sample(values, cut).shares()
    waiting_on = 1.0
    for point, share in zip(points, below, strict=True):
        at_risk = sum(v >= point for v in values) + sum(c >= point for c in cut)
        waiting_on *= 1 - values.count(float(point)) / at_risk
        assert abs((1 - share) - waiting_on) < 1e-12
