from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.numerics.nearness import within
from arteriole.numerics.threads import set_threads, threads


@pytest.mark.parametrize("voxel", [(1.0, 1.0, 1.0), (0.8, 0.8, 3.0), (2.0, 0.5, 1.25)])
@pytest.mark.parametrize("radius", [0.3, 1.0, 2.51, 4.0, 9.7])
def test_is_a_thresholded_distance_transform(voxel, radius, rng):
    mask = rng.random((23, 31, 17)) > 0.995
    distance = scipy.ndimage.distance_transform_edt(~mask, sampling=voxel)
    expected = distance <= radius * (1 + 1e-6)
    np.testing.assert_array_equal(within(mask, radius, voxel_size_mm=voxel), expected)


def test_nothing_is_near_an_empty_mask_and_all_of_a_full_one():
    empty = np.zeros((5, 6, 7), bool)
    assert not within(empty, 50.0, voxel_size_mm=(1, 1, 1)).any()
    assert within(~empty, 0.0, voxel_size_mm=(1, 1, 1)).all()


def test_threads_do_not_matter(rng):
    mask = rng.random((23, 31, 17)) > 0.99
    before = threads()
    results = []
    for count in (1, 2):
        set_threads(count)
        results.append(within(mask, 3.0, voxel_size_mm=(1, 1, 2)))
    set_threads(before)
    np.testing.assert_array_equal(*results)
