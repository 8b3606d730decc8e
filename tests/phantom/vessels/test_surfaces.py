from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.surfaces import (
    PARENCHYMA,
    depth_in_any,
    on_ray,
    settled,
    taken,
    uphill,
)


def ball(points):
    return (20.0 - np.linalg.norm(points, axis=-1)).astype(np.float32)


def shell(rng, low, high, n=200):
    u = rng.normal(size=(n, 3))
    return u / np.linalg.norm(u, axis=1, keepdims=True) * rng.uniform(low, high, (n, 1))


def test_uphill_is_the_inward_normal_of_a_ball(rng):
    points = shell(rng, 12.0, 26.0)
    expected = -points / np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose(uphill(ball, points), expected, atol=1e-3)


def test_uphill_is_zero_where_a_lattice_ends():
    def cut(points):
        return np.where(points[:, 0] > 0, 3.0, -1000.0).astype(np.float32)

    np.testing.assert_array_equal(uphill(cut, np.array([[0.1, 0.0, 0.0]])), 0.0)


def test_settled_brings_points_between_two_depths_and_leaves_the_others(rng):
    points = shell(rng, 15.0, 24.0)
    moved = settled(ball, points, low_mm=-1.0, high_mm=0.5, steps=6)
    depth = ball(moved)
    assert depth.min() > -1.01
    assert depth.max() < 0.51
    there = (ball(points) > -1.0) & (ball(points) < 0.5)
    np.testing.assert_array_equal(moved[there], points[there])


def test_on_ray_finds_the_surface_within_reach(rng):
    points = shell(rng, 14.0, 27.0)
    found = on_ray(ball, points, np.zeros((1, 3)), depth_mm=-1.0)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 21.0, atol=0.26)
    far = np.array([[0.0, 0.0, 60.0]])
    np.testing.assert_array_equal(on_ray(ball, far, np.zeros((1, 3)), depth_mm=-1.0), far)
    mixed = np.array([[0.0, 0.0, 25.0], [0.0, 0.0, 60.0], [0.0, 27.0, 0.0]])
    moved = on_ray(ball, mixed, np.zeros((1, 3)), depth_mm=-1.0)
    np.testing.assert_allclose(moved[1], [0.0, 0.0, 55.0], atol=0.3)


def test_depth_in_any_is_the_deepest_and_taken_splits(anatomy):
    points = np.array([(30.0, 0.0, 30.0), (0.0, -25.0, -28.0), (0.0, 0.0, 160.0)])
    depth = depth_in_any(anatomy, (*PARENCHYMA, "nothing of this name"))(points)
    assert depth[2] == -1000.0
    assert depth[1] == pytest.approx(anatomy["brainstem"].depth(points)[1])
    one, two = taken(anatomy, [points[:1], points[1:]])
    np.testing.assert_allclose(np.concatenate([one, two]), anatomy.frame.to_world(points))
