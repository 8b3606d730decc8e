from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid, Volume


def rotation(axis: str, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turns = {
        "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }
    return np.array(turns[axis])


SAGITTAL = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float)
CORONAL = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], dtype=float)


@pytest.mark.parametrize("voxel", [(1, 1, 1), (0.8, 0.8, 3.0), (2.0, 0.5, 1.0)])
@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        (np.eye(3), (0, 0, 1)),
        (np.diag([-1, -1, 1]), (0, 0, 1)),
        (np.diag([1, 1, -1]), (0, 0, -1)),
        (SAGITTAL, (0, 1, 0)),
        (CORONAL, (0, 1, 0)),
        (rotation("x", 32.5), (0, np.sin(np.radians(32.5)), np.cos(np.radians(32.5)))),
        (rotation("y", 35.0), (-np.sin(np.radians(35)), 0, np.cos(np.radians(35)))),
    ],
    ids=["axial", "LPS", "flipped", "sagittal", "coronal", "oblique-x", "oblique-y"],
)
def test_field_direction_is_that_of_the_bore_in_voxel_axes(axes, voxel, expected):
    grid = Grid.from_voxel_size((8, 9, 10), voxel, axes)
    np.testing.assert_allclose(grid.b0_direction, expected, atol=1e-12)


def test_field_direction_of_uk_biobank_swi_is_not_that_of_the_inverse_affine():
    """Inverting the scaled affine is 34.8 degrees wrong on 0.8 x 0.8 x 3 mm at 32.5 degrees."""
    grid = Grid.from_voxel_size((8, 8, 8), (0.8, 0.8, 3.0), rotation("x", 32.5))
    wrong = np.linalg.inv(grid.affine[:3, :3]) @ [0, 0, 1]
    apart = np.degrees(np.arccos(wrong @ grid.b0_direction / np.linalg.norm(wrong)))
    assert apart > 30
    back = grid.rotation @ grid.b0_direction
    np.testing.assert_allclose(back, [0, 0, 1], atol=1e-12)


def test_sheared_affine_gives_the_nearest_rotation():
    affine = np.eye(4)
    affine[0, 1] = 0.02
    direction = Grid((4, 4, 4), affine).b0_direction
    np.testing.assert_allclose(direction, (0, 0, 1), atol=1e-12)


def test_world_and_voxel_are_inverse(rng):
    grid = Grid.from_voxel_size((8, 9, 10), (0.8, 1.0, 3.0), rotation("y", 20))
    points = rng.normal(size=(5, 7, 3))
    np.testing.assert_allclose(grid.to_voxel(grid.to_world(points)), points, atol=1e-12)


def test_centred_grid_has_its_middle_at_the_origin():
    grid = Grid.from_voxel_size((9, 9, 9), (1, 2, 3))
    np.testing.assert_allclose(grid.to_world([4, 4, 4]), 0, atol=1e-12)


def test_fits_sees_shape_and_place():
    grid = Grid((4, 4, 4), np.eye(4))
    moved = np.eye(4)
    moved[0, 3] = 0.5
    assert grid.fits(Grid((4, 4, 4), np.eye(4)))
    assert not grid.fits(Grid((4, 4, 5), np.eye(4)))
    assert not grid.fits(Grid((4, 4, 4), moved))


def test_volume_of_a_voxel():
    assert Grid.from_voxel_size((2, 2, 2), (0.8, 0.8, 3)).voxel_volume_mm3 == pytest.approx(1.92)


@pytest.mark.parametrize(
    ("shape", "affine", "message"),
    [
        ((4, 4), np.eye(4), "three positive sizes"),
        ((4, 0, 4), np.eye(4), "three positive sizes"),
        ((4, 4, 4), np.eye(3), "4 x 4"),
        ((4, 4, 4), np.full((4, 4), np.nan), "finite"),
        ((4, 4, 4), np.diag([1.0, 0.0, 1.0, 1.0]), "no inverse"),
    ],
)
def test_refuses(shape, affine, message):
    with pytest.raises(ValueError, match=message):
        Grid(shape, affine)


def test_a_volume_fits_its_grid():
    grid = Grid.from_voxel_size((2, 3, 4), (1.0, 1.0, 3.0))
    assert Volume(np.zeros((2, 3, 4), np.uint8), grid).grid is grid
    with pytest.raises(ValueError, match=r"\(2, 3, 4, 1\) on a grid of \(2, 3, 4\)"):
        Volume(np.zeros((2, 3, 4, 1)), grid)
