from __future__ import annotations

import numpy as np
import pytest

from arteriole.contrast.minip import (
    minimum_intensity_projection,
    projection_axis,
    slices_of,
)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_slice_is_the_minimum_of_its_slab(rng, axis):
    swi = rng.uniform(1, 2, (9, 11, 8)).astype(np.float32)
    out = minimum_intensity_projection(swi, thickness_mm=10, spacing_mm=2, axis=axis)
    assert out.shape == swi.shape
    for k in range(swi.shape[axis]):
        slab = swi.take(range(max(0, k - 2), min(swi.shape[axis], k + 3)), axis=axis)
        np.testing.assert_array_equal(out.take(k, axis=axis), slab.min(axis=axis))


def test_what_is_outside_the_mask_darkens_nothing(rng):
    mask = np.zeros((12, 12, 12), dtype=bool)
    mask[3:9, 3:9, 3:9] = True
    swi = np.where(mask, 5.0, 0.1).astype(np.float32)
    out = minimum_intensity_projection(swi, thickness_mm=7, spacing_mm=1, axis=2, mask=mask)
    np.testing.assert_array_equal(out, np.where(mask, 5.0, 0.0))
    masked = minimum_intensity_projection(
        np.where(mask, 5.0, 0.0), thickness_mm=7, spacing_mm=1, axis=2
    )
    np.testing.assert_array_equal(masked, out)


@pytest.mark.parametrize(
    ("thickness", "spacing", "slices"),
    [(14, 2, 7), (14, 3, 5), (14, 1, 15), (1, 3, 1), (8, 2, 5), (9, 3, 3), (0.1, 3, 1)],
)
def test_slabs_have_an_odd_number_of_slices(thickness, spacing, slices):
    assert slices_of(thickness, spacing) == slices


def test_projects_along_the_thickest_voxels_and_head_foot_in_a_tie():
    assert projection_axis((0.8, 0.8, 3.0)) == 2
    assert projection_axis((2.0, 0.8, 0.8)) == 0
    assert projection_axis((1.0, 1.0, 1.0), head_foot=1) == 1
    assert projection_axis((1.0, 1.0, 0.5), head_foot=2) == 1
    assert projection_axis((1.0, 1.0, 0.999), head_foot=2) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axis": 3}, "axis 0, 1 or 2"),
        ({"thickness_mm": 0}, "positive"),
        ({"spacing_mm": -1}, "positive"),
        ({"mask": np.ones((2, 2, 2), dtype=bool)}, "mask has shape"),
    ],
)
def test_refuses(changes, message):
    given = {"thickness_mm": 5.0, "spacing_mm": 1.0, "axis": 2} | changes
    with pytest.raises(ValueError, match=message):
        minimum_intensity_projection(np.ones((3, 3, 3)), **given)
