from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.painting.lesion_labels import lesion_labels
from arteriole.phantom.painting.lesion_map import lesion_map


def ball(z: float, diameter: float) -> Lesion:
    return Lesion(
        LesionTruth("microbleed", (0.0, 0.0, z), diameter, 1.0, "thalamus", "left", "deep")
    )


def test_near_cubes_are_those_of_the_lesion_map():
    grid = Grid.from_voxel_size((40, 40, 30), (1.0, 1.0, 1.2))
    lesions = [ball(0.0, 9.0), ball(12.0, 3.0)]
    np.testing.assert_array_equal(lesion_labels(lesions, grid), lesion_map(lesions, grid))


def test_thick_voxels_are_marked_where_half_is_filled():
    grid = Grid.from_voxel_size((41, 41, 9), (1.0, 1.0, 6.0))
    found = lesion_labels([ball(0.0, 14.0)], grid)
    # the slice at 0 holds all of the ball's middle 6 mm; those at +-6 only its caps of 4 mm
    assert found[20, 20].tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    assert (found[:, :, 4] == 1).sum() == pytest.approx(np.pi * 49.0, rel=0.08)


def test_a_lesion_thinner_than_half_a_slice_keeps_a_voxel():
    grid = Grid.from_voxel_size((21, 21, 9), (1.0, 1.0, 6.0))
    found = lesion_labels([ball(0.5, 2.0)], grid)
    assert found.max() == 1
    assert set(np.argwhere(found)[:, 2].tolist()) == {4}
