from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.lesions.apparent import apparent_diameter_mm, with_apparent
from arteriole.phantom.lesions.lesion import LesionTruth


def spot(voxel_size, width_mm, centre=(0.4, -0.3, 0.6), depth=0.9):
    """Make a Gaussian hole in an even image; its half depth lies at ``width_mm`` diameter."""
    grid = Grid.from_voxel_size((41, 43, 35), voxel_size)
    points = grid.to_world(np.stack(np.indices(grid.shape), axis=-1))
    square = ((points - np.array(centre)) ** 2).sum(axis=-1)
    image = 100.0 * (1.0 - depth * 0.5 ** (square / (0.5 * width_mm) ** 2))
    return image.astype(np.float32), grid, centre


@pytest.mark.parametrize("width", [3.0, 4.5, 7.0])
def test_sphere_has_its_width(width):
    image, grid, centre = spot((0.8, 0.8, 0.8), width)
    seen = apparent_diameter_mm(image, grid, centre, source_diameter_mm=0.6 * width)
    assert seen == pytest.approx(width, rel=0.08)


def test_thick_slices_are_measured_in_plane():
    image, grid, _ = spot((0.8, 0.8, 3.0), 4.0, centre=(0.0, 0.0, 0.0))
    seen = apparent_diameter_mm(image, grid, (0.0, 0.0, 0.0), source_diameter_mm=2.5)
    assert seen == pytest.approx(4.0, rel=0.08)


def test_does_not_depend_on_the_scale():
    image, grid, centre = spot((1.0, 1.0, 1.0), 4.0)
    one, ten = (
        apparent_diameter_mm(np.float32(f) * image, grid, centre, source_diameter_mm=3.0)
        for f in (1, 10)
    )
    assert one == pytest.approx(ten)


def test_shift_of_the_dark_spot_is_followed():
    image, grid, centre = spot((1.0, 1.0, 1.0), 4.0)
    off = (centre[0] + 1.0, centre[1], centre[2])
    seen = apparent_diameter_mm(image, grid, off, source_diameter_mm=3.0)
    assert seen == pytest.approx(4.0, rel=0.1)


@pytest.mark.parametrize("depth", [0.0, 0.05])
def test_faint_is_not_visible(depth):
    image, grid, centre = spot((1.0, 1.0, 1.0), 4.0, depth=depth)
    assert apparent_diameter_mm(image, grid, centre, source_diameter_mm=3.0) is None


def test_dark_without_end_is_no_spot():
    image, grid, centre = spot((1.0, 1.0, 1.0), 4.0)
    image[20:22] = 0.0
    assert apparent_diameter_mm(image, grid, centre, source_diameter_mm=3.0) is None


def test_outside_the_image_is_not_visible():
    image, grid, _ = spot((1.0, 1.0, 1.0), 4.0)
    assert apparent_diameter_mm(image, grid, (500.0, 0, 0), source_diameter_mm=3.0) is None


def test_rows_of_seen_kinds_are_filled():
    image, grid, centre = spot((1.0, 1.0, 1.0), 4.0)
    one = LesionTruth("microbleed", centre, 2.5, 1.0, "thalamus", "left", "deep")
    other = replace(one, kind="hyperintensity")
    seen, left = with_apparent((one, other), image, grid)
    assert seen.apparent_diameter_mm == pytest.approx(4.0, rel=0.1)
    assert left is other


def test_refuses_an_image_off_the_grid():
    image, grid, centre = spot((1.0, 1.0, 1.0), 4.0)
    with pytest.raises(ValueError, match=r"the image has shape \(40, 43, 35\), the grid \(41, 43"):
        apparent_diameter_mm(image[1:], grid, centre, source_diameter_mm=2.0)
