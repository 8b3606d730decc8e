"""Tubes, balls, sheets and noise of known size in a map of susceptibility."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.numerics.threads import set_threads
from arteriole.regions.veins import find_veins

SHAPE, VOXEL = (48, 52, 40), (0.8, 1.0, 1.25)


def axes():
    return np.ix_(*[(np.arange(n) - (n - 1) / 2) * d for n, d in zip(SHAPE, VOXEL, strict=True)])


def tube(direction, radius_mm, offset=(0.0, 0.0, 0.0)):
    """Squared distance from a line, and a Gaussian tube of that radius around it."""
    unit = np.asarray(direction, float) / np.linalg.norm(direction)
    away = [x - o for x, o in zip(axes(), offset, strict=True)]
    along = sum(x * u for x, u in zip(away, unit, strict=True))
    square = sum(x**2 for x in away) - along**2
    return square, np.exp(-square / radius_mm**2).astype(np.float32)


@pytest.fixture
def mask():
    inside = np.zeros(SHAPE, bool)
    inside[3:-3, 3:-3, 3:-3] = True
    return inside


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("radius_mm", [1.0, 1.5, 2.2])
def test_a_gaussian_tube_has_its_height(mask, axis, radius_mm):
    """Its axis on voxel centres; differences over whole voxels make thin tubes low."""
    square, shape = tube(np.eye(3)[axis], radius_mm, offset=np.array(VOXEL) / 2)
    veins = find_veins(0.4 * shape, mask, voxel_size_mm=VOXEL, radii_mm=(radius_mm,))
    middle = (square < 1e-6) & scipy.ndimage.binary_erosion(mask, iterations=6)
    low = {1.0: 0.65, 1.5: 0.8, 2.2: 0.9}[radius_mm]
    assert low * 0.4 < veins.contrast_ppm[middle].min()
    assert veins.contrast_ppm[middle].max() < 1.05 * 0.4
    assert veins.mask[middle].all()
    assert (veins.radius_mm[middle] == radius_mm).all()
    assert not veins.mask[square > (2 * radius_mm + 1.5) ** 2].any()


@pytest.mark.parametrize("direction", [(1, 1, 1), (0.2, 1, -0.6), (1, 0, 0.4)])
def test_a_tube_of_any_direction_is_found(mask, direction):
    square, shape = tube(direction, 1.5)
    veins = find_veins(0.4 * shape, mask, voxel_size_mm=VOXEL)
    core = (square < 0.7**2) & scipy.ndimage.binary_erosion(mask, iterations=6)
    assert core.sum() > 5
    assert veins.mask[core].all()
    assert not veins.mask[square > 4.5**2].any()


def test_a_vein_below_the_least_chi_is_not_one(mask):
    _, shape = tube((1, 1, 0), 1.5)
    assert not find_veins(0.08 * shape, mask, voxel_size_mm=VOXEL).mask.any()
    lower = find_veins(0.08 * shape, mask, voxel_size_mm=VOXEL, least_chi_ppm=0.025)
    assert lower.mask.any()


def test_balls_sheets_and_dark_tubes_are_no_veins(mask):
    x, y, z = axes()
    ball = np.exp(-(x**2 + y**2 + z**2) / 2.0**2)
    sheet = np.exp(-(x**2) / 1.5**2) + 0 * (y + z)
    _, shape = tube((0, 1, 0), 1.5)
    for other in (ball, sheet, -shape):
        found = find_veins((0.5 * other).astype(np.float32), mask, voxel_size_mm=VOXEL)
        assert not found.mask.any()


def test_a_short_piece_is_no_vein(mask):
    _, shape = tube((0, 1, 0), 1.5)
    _, y, _ = axes()
    piece = 0.5 * shape * np.exp(-((y / 4.0) ** 4))
    found = find_veins(piece.astype(np.float32), mask, voxel_size_mm=VOXEL, least_mm=20.0)
    assert not found.mask.any()


def test_noise_has_no_veins_and_zero_of_chi_does_not_matter(mask, rng):
    noise = scipy.ndimage.gaussian_filter(rng.standard_normal(SHAPE), 1.0).astype(np.float32)
    noise *= np.float32(0.02 / noise.std())
    assert not find_veins(noise, mask, voxel_size_mm=VOXEL).mask.any()
    _, shape = tube((1, 0, 1), 1.5)
    one, two = (
        find_veins(noise + 0.4 * shape + np.float32(c), mask, voxel_size_mm=VOXEL).mask
        for c in (0.0, 0.05)
    )
    assert (one ^ two).sum() <= 0.01 * one.sum()


def test_any_number_of_threads_gives_the_same(mask, rng):
    _, shape = tube((1, 2, 1), 1.5)
    chi = (0.4 * shape + 0.02 * rng.standard_normal(SHAPE)).astype(np.float32)
    found = []
    for count in (1, 2):
        set_threads(count)
        found.append(find_veins(chi, mask, voxel_size_mm=VOXEL))
    np.testing.assert_array_equal(found[0].contrast_ppm, found[1].contrast_ppm)
    np.testing.assert_array_equal(found[0].mask, found[1].mask)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mask": np.ones((2, 2, 2), bool)}, "share one 3-D shape"),
        ({"least_chi_ppm": 0.0}, "are positive"),
        ({"radii_mm": (1.0, -1.0)}, "are positive"),
    ],
)
def test_refuses(mask, change, message):
    given = {"mask": mask} | change
    with pytest.raises(ValueError, match=message):
        find_veins(np.zeros(SHAPE, np.float32), given.pop("mask"), voxel_size_mm=VOXEL, **given)
