from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.shapes import ellipsoid, intersection, smoothstep, tube, union


def points(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.uniform(-20, 20, 500).astype(np.float32) for _ in range(3)]


def test_sphere_is_exact(rng):
    x, y, z = points(rng)
    depth = ellipsoid(x, y, z, (1, 2, 3), (6, 6, 6))
    exact = 6 - np.sqrt((x - 1) ** 2 + (y - 2) ** 2 + (z - 3) ** 2)
    np.testing.assert_allclose(depth, exact, atol=1e-4)


def test_ellipsoid_is_zero_on_its_surface_with_unit_slope(rng):
    direction = rng.normal(size=(3, 200))
    direction /= np.linalg.norm(direction, axis=0)
    radii = np.array([10.0, 6.0, 4.0])
    on = direction * radii[:, None]
    normal = direction / radii[:, None]
    normal /= np.linalg.norm(normal, axis=0)
    for step in (0.0, 0.1):
        at = (on - step * normal).astype(np.float32)
        np.testing.assert_allclose(ellipsoid(*at, (0, 0, 0), tuple(radii)), step, atol=0.01)


def test_tube_tapers_and_has_round_ends():
    at = np.array([[0, 0, 5], [0, 0, -1], [3, 0, 10]], dtype=np.float32).T
    depth = tube(*at, [(0, 0, 0), (0, 0, 10)], [2.0, 4.0])
    np.testing.assert_allclose(depth, [3.0, 1.0, 1.0], atol=1e-5)


def test_union_and_intersection_meet_their_hard_forms_away_from_the_crease():
    a = np.array([5.0, -3.0, 1.0], dtype=np.float32)
    b = np.array([-5.0, 4.0, 1.0], dtype=np.float32)
    np.testing.assert_allclose(union(a, b, 2.0), [5, 4, 1.5])
    np.testing.assert_allclose(intersection(a, b, 2.0), [-5, -3, 0.5])
    np.testing.assert_allclose(union(a, b), np.maximum(a, b))


def test_smoothstep_goes_from_zero_to_one():
    steps = smoothstep(np.array([-1.0, 0.0, 1.0, 2.0, 9.0]), 0.0, 2.0)
    np.testing.assert_allclose(steps, [0, 0, 0.5, 1, 1])


def test_refuses_a_tube_of_one_point():
    with pytest.raises(ValueError, match="two points"):
        tube(*(np.zeros(1, dtype=np.float32),) * 3, [(0, 0, 0)], [1.0])
