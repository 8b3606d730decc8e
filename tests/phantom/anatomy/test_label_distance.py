from __future__ import annotations

import numba
import numpy as np
import pytest
import scipy.ndimage

from arteriole.phantom.anatomy.label_distance import _squared, soft_distance, within_distance


def ball(radius: float, size: int = 40) -> np.ndarray:
    at = np.arange(size) - (size - 1) / 2
    return np.sqrt(at[:, None, None] ** 2 + at[:, None] ** 2 + at**2), radius


def fraction(level: np.ndarray) -> float:
    return float(np.clip(0.5 + level, 0, 1).sum(dtype=np.float64))


def test_squared_distances_are_exact(rng):
    mask = rng.uniform(size=(17, 23, 14)) > 0.97
    exact = scipy.ndimage.distance_transform_edt(~mask)
    np.testing.assert_allclose(np.sqrt(_squared(mask)), exact, rtol=1e-6)


def test_without_any_voxel_all_is_far():
    assert _squared(np.zeros((4, 5, 6), dtype=bool)).min() > 1e9


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_plane_lies_half_a_voxel_beyond_its_last_voxel(axis):
    mask = np.zeros((24, 24, 24), dtype=bool)
    mask[(slice(None),) * axis + (slice(0, 12),)] = True
    level = np.moveaxis(soft_distance(mask), axis, 0)[:, 12, 12]
    np.testing.assert_allclose(level, 11.5 - np.arange(24), atol=0.05)


@pytest.mark.parametrize("radius", [3.0, 6.3, 11.0])
def test_ball_keeps_its_radius(radius):
    distance, _ = ball(radius)
    level = soft_distance(distance <= radius)
    near = np.abs(distance - radius) < 2.0
    assert np.abs(level - (radius - distance))[near].max() < 0.75
    assert np.abs(level - (radius - distance))[near].mean() < 0.2
    assert fraction(level) == pytest.approx((distance <= radius).sum(), rel=0.04)


def test_steps_of_the_voxel_grid_are_smoothed():
    distance, radius = ball(11.0)
    level = soft_distance(distance <= radius)
    hard = np.where(distance <= radius, 0.5, -0.5)
    near = np.abs(distance - radius) < 0.5
    assert (level + distance - radius)[near].std() < 0.5 * (hard + distance - radius)[near].std()


def test_one_voxel_sheet_keeps_most_of_its_width():
    mask = np.zeros((30, 30, 30), dtype=bool)
    mask[15] = True
    kept = np.clip(0.5 + soft_distance(mask), 0, 1)[:, 15, 15].sum()
    assert 0.7 < kept < 1.05


def test_same_bytes_for_one_and_two_threads(rng):
    mask = scipy.ndimage.gaussian_filter(rng.normal(size=(40, 30, 35)), 2) > 0
    numba.set_num_threads(1)
    one = soft_distance(mask)
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    np.testing.assert_array_equal(one, soft_distance(mask))


def test_within_distance():
    mask = np.zeros((9, 9, 9), dtype=bool)
    mask[4, 4, 4] = True
    near = within_distance(mask, 2.0)
    assert near[4, 4, 6]
    assert near[5, 5, 5]
    assert not near[4, 6, 6]
    assert near.sum() == 33
