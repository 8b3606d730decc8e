from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.morphology import (
    bounding_box,
    closed,
    dilate,
    distance_inside,
    erode,
    fill_holes,
    largest_component,
    opened,
)
from simulated_fields import positions

SHAPE, VOXEL = (40, 40, 20), (1.0, 1.0, 2.0)


def ball(radius):
    x, y, z = positions(SHAPE, VOXEL)
    return np.asarray(x**2 + y**2 + z**2 < radius**2)


def test_radii_are_in_millimetres():
    erosion = erode(ball(15), 5, voxel_size_mm=VOXEL)
    assert (erosion <= ball(11)).all()
    assert (ball(8) <= erosion).all()
    growth = dilate(ball(8), 4, voxel_size_mm=VOXEL)
    assert (growth <= ball(12)).all()
    assert (ball(10) <= growth).all()


def test_volume_edge_counts_as_outside():
    full = np.ones(SHAPE, bool)
    distance = distance_inside(full, voxel_size_mm=VOXEL)
    assert distance.dtype == np.float32
    assert distance[0, 20, 10] == 1
    assert distance[20, 20, 0] == 2
    assert not erode(full, 2, voxel_size_mm=VOXEL)[1].any()


def test_opening_takes_bridges_and_closing_gaps():
    mask = ball(8)
    bridge = mask.copy()
    bridge[20, 20:, 10] = True
    np.testing.assert_array_equal(
        opened(bridge, 3, voxel_size_mm=VOXEL), opened(mask, 3, voxel_size_mm=VOXEL)
    )
    gap = np.ones(SHAPE, bool)
    gap[20, :, :] = False
    assert closed(gap, 2, voxel_size_mm=VOXEL)[3:-3, 3:-3, 3:-3].all()
    assert (closed(mask, 3, voxel_size_mm=VOXEL) >= mask).all()


def test_empty_masks_stay_empty():
    empty = np.zeros(SHAPE, bool)
    for change in (erode, dilate, opened, closed):
        assert not change(empty, 2, voxel_size_mm=VOXEL).any()
    assert not largest_component(empty).any()


def test_holes_and_components():
    shell = ball(12) & ~ball(6)
    np.testing.assert_array_equal(fill_holes(shell), ball(12))
    islands = ball(6)
    islands[0, 0, 0] = True
    np.testing.assert_array_equal(largest_component(islands), ball(6))


def test_bounding_box_is_the_smallest():
    mask = np.zeros(SHAPE, bool)
    mask[3, 10, 4] = mask[7, 8, 19] = True
    assert bounding_box(mask) == (slice(3, 8), slice(8, 11), slice(4, 20))
    with pytest.raises(ValueError, match="empty"):
        bounding_box(np.zeros(SHAPE, bool))
