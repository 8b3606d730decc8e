from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.surface import edge_contrast, grow_surface, icosphere, voxels_inside

SIZE = (2.0, 2.0, 3.0)
SHAPE = (50, 48, 34)
CENTRE = np.array([49.0, 47.0, 49.5])


def distance():
    grid = np.meshgrid(*[np.arange(n) * d for n, d in zip(SHAPE, SIZE, strict=True)], indexing="ij")
    return np.sqrt(sum((g - c) ** 2 for g, c in zip(grid, CENTRE, strict=True)))


def test_sphere_is_closed_and_outward():
    vertices, faces, neighbours = icosphere()
    assert vertices.shape == (2562, 3)
    assert faces.shape == (5120, 3)
    assert ((neighbours >= 0).sum(axis=1) == 6).sum() == 2550
    volume = np.linalg.det(vertices[faces]).sum() / 6
    assert volume == pytest.approx(4 / 3 * np.pi, rel=0.01)


def test_voxels_inside_a_sphere_are_those_nearer_than_its_radius():
    vertices, faces, _ = icosphere()
    inside = voxels_inside(CENTRE + 40 * vertices, faces, shape=SHAPE, voxel_size_mm=SIZE)
    away = np.abs(distance() - 40) > 0.2
    np.testing.assert_array_equal(inside[away], (distance() < 40)[away])


def test_voxels_inside_are_right_where_the_volume_cuts_the_surface():
    vertices, faces, _ = icosphere()
    low = voxels_inside(
        CENTRE + 60 * vertices - np.array([0, 0, 50]), faces, shape=SHAPE, voxel_size_mm=SIZE
    )
    grid = np.meshgrid(*[np.arange(n) * d for n, d in zip(SHAPE, SIZE, strict=True)], indexing="ij")
    moved = CENTRE - [0, 0, 50]
    away = np.sqrt(sum((g - c) ** 2 for g, c in zip(grid, moved, strict=True))) - 60
    np.testing.assert_array_equal(low[np.abs(away) > 0.3], (away < 0)[np.abs(away) > 0.3])


def test_surface_grows_to_the_rim_of_a_ball():
    image = np.where(distance() < 38, 100.0, np.where(distance() < 43, 5.0, 120.0))
    vertices, faces = grow_surface(
        image.astype(np.float32),
        centre_mm=CENTRE + np.array([6, -4, 3]),
        radius_mm=15.0,
        levels=(0.0, 10.0, 100.0),
        voxel_size_mm=SIZE,
    )
    radii = np.linalg.norm(vertices - CENTRE, axis=1)
    assert abs(np.median(radii) - 38) < 2.0
    assert radii.max() < 42
    contrast = edge_contrast(image.astype(np.float32), vertices, faces, voxel_size_mm=SIZE)
    assert contrast > 0.9


def test_contrast_is_low_where_there_is_no_rim():
    vertices, faces, _ = icosphere()
    image = np.full(SHAPE, 100.0, dtype=np.float32)
    contrast = edge_contrast(image, CENTRE + 30 * vertices, faces, voxel_size_mm=SIZE)
    assert contrast == pytest.approx(0, abs=1e-6)
