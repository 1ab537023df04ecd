from __future__ import annotations

import numpy as np
import pytest
from matplotlib.transforms import Bbox

from voicelab.plot.places import Block, Crowd, along, around, clear_of

ROOM = Bbox([[0.0, 0.0], [300.0, 200.0]])
POINT = np.array([150.0, 100.0])


def test_points_are_counted_between_corners() -> None:
    crowd = Crowd(ROOM)
    crowd.add(np.array([(10.5, 10.5), (20.5, 10.5), (10.5, 30.5), (-5, 10), (999, 1)]))
    low = np.array([(10, 10), (0, 0), (11, 11), (-50, -50)])
    high = np.array([(20, 10), (299, 199), (19, 29), (5, 5)])
    assert crowd.within(low, high).tolist() == [2, 3, 0, 0]


def test_places_are_inside_and_off_the_point() -> None:
    places = around(POINT, Block("text", (40.0,), 10.0), ROOM, 6.0, 1.0)
    assert len(places.low) > 100
    assert (places.low >= 0).all()
    assert (places.high <= (300, 200)).all()
    assert places.distances().min() == pytest.approx(10)
    assert (places.high - places.low == (40, 10)).all()


def test_a_text_larger_than_the_axes_has_no_place() -> None:
    places = around(POINT, Block("text", (400.0,), 10.0), ROOM, 0.0, 1.0)
    assert not len(places.low)
    assert not len(along((POINT, POINT), Block("text", (400.0,), 9.0), ROOM, 1.0).low)


def test_taken_places_are_left_out() -> None:
    places = around(POINT, Block("text", (40.0,), 10.0), ROOM, 0.0, 1.0)
    right = clear_of(places, [Bbox([[0, 0], [150, 200]])], 2.0)
    assert 0 < len(right.low) < len(places.low)
    assert (right.low[:, 0] > 152).all()


def test_a_leader_meets_the_nearest_line_of_a_text() -> None:
    block = Block("a long line\nshort", (60.0, 20.0), 20.0)
    places = around(POINT, block, ROOM, 0.0, 1.0)
    ends = places.ends(block)
    sides = places.sides()
    level_left = np.flatnonzero((sides == (-1, 0)).all(axis=1))[0]
    assert ends[level_left, 0] == places.high[level_left, 0]
    below_right = np.flatnonzero((sides == (1, 1)).all(axis=1))[0]
    assert ends[below_right].tolist() == places.low[below_right].tolist()
    leaders = places.leaders(block)
    assert (leaders[:, 0] == POINT).all()
    assert np.allclose(leaders[:, -1], ends)


def test_along_a_line_the_right_end_is_preferred() -> None:
    ends = (np.array([0.0, 100.0]), np.array([300.0, 100.0]))
    places = along(ends, Block("text", (40.0,), 10.0), ROOM, 3.0)
    best = int(np.argmin(places.rank))
    assert places.low[best].tolist() == [260, 103]
    assert set(places.low[:, 1]) == {103, 87}
