from __future__ import annotations

import numpy as np

from arteriole.phantom.vessels.routing import least_deep, routed


def wall(points):
    """A wall across x = 0, 4 mm thick, with a gap of 4 mm about y = 6."""
    solid = 2.0 - np.abs(points[:, 0])
    gap = np.abs(points[:, 1] - 6.0) - 2.0
    return np.minimum(solid, gap).astype(np.float32)


COURSE = np.array([(-10.0, 0.0, 0.0), (10.0, 0.0, 0.0)])


def test_a_way_takes_the_gap_within_its_reach():
    way = routed(wall, COURSE, reach_mm=9.0)
    np.testing.assert_array_equal(way[[0, -1]], COURSE)
    assert wall(way).max() < 0.0
    crossing = way[np.abs(way[:, 0]) < 1.5]
    assert len(crossing)
    assert np.abs(crossing[:, 1] - 6.0).max() < 2.0


def test_a_way_keeps_to_its_course_without_tissue():
    course = np.array([(0.0, 0.0, 0.0), (7.0, 3.0, 2.0), (12.0, 9.0, 2.0)])
    way = routed(lambda p: np.full(len(p), -9.0, dtype=np.float32), course, reach_mm=5.0)
    length = np.linalg.norm(np.diff(way, axis=0), axis=1).sum()
    straight = np.linalg.norm(np.diff(course, axis=0), axis=1).sum()
    assert length < 1.15 * straight
    ends = np.linalg.norm(way[:, None] - course, axis=2).min(axis=0)
    assert ends.max() < 2.0


def test_a_way_goes_through_where_no_gap_is_in_reach():
    way = routed(wall, COURSE, reach_mm=3.0)
    assert np.abs(way[:, 1]).max() <= 3.8
    assert wall(way).max() > 1.0


def test_same_way_each_time():
    one, two = (routed(wall, COURSE, reach_mm=9.0) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_ends_go_to_the_nearest_free_place_or_the_freest():
    points = np.array([(1.0, 0.0, 0.0), (5.0, 0.0, 0.0), (0.2, 6.0, 0.0)])
    moved = least_deep(wall, points, reach_mm=4.0, margin_mm=0.5)
    assert wall(moved).max() <= -0.3
    np.testing.assert_allclose(moved[1:], points[1:], atol=0.5)
    assert np.linalg.norm(moved - points, axis=1).max() <= 4.01
    stuck = least_deep(wall, np.array([(0.0, 0.0, 0.0)]), reach_mm=1.0, margin_mm=0.5)
    np.testing.assert_allclose(np.abs(stuck[0, 0]), 1.0, atol=0.3)
