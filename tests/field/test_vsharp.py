from __future__ import annotations

import numpy as np
import pytest

from arteriole.field.vsharp import remove_background_vsharp
from arteriole.numerics.threads import set_threads, threads
from simulated_fields import nrmse, positions, slope, sphere_field, textured_head

SHAPE, VOXEL = (48, 49, 40), (1.5, 1.5, 2.0)


def brain(shape=SHAPE, voxel=VOXEL, radius=30.0):
    x, y, z = positions(shape, voxel)
    return np.asarray(x**2 + y**2 + z**2 < radius**2)


@pytest.mark.parametrize("voxel", [(1.5, 1.5, 2.0), (0.8, 0.8, 3.0)])
def test_harmonic_fields_vanish(voxel):
    """Polynomials that solve Laplace's equation are background: 0.1 % may stay."""
    shape = (60, 61, 24)
    x, y, z = positions(shape, voxel)
    mask = brain(shape, voxel, 22.0)
    for field in (
        0 * x + 0 * y + z,
        x**2 + y**2 - 2 * z**2,
        x * y + 0 * z,
        x**3 - 3 * x * y**2 + 0 * z,
    ):
        field = (field + np.zeros(shape)).astype(np.float32)
        local, kept = remove_background_vsharp(field, mask, voxel_size_mm=voxel)
        assert np.abs(local[kept]).max() < 1e-3 * np.ptp(field[mask])


def test_constant_vanishes():
    local, kept = remove_background_vsharp(
        np.full(SHAPE, 300.0, np.float32), brain(), voxel_size_mm=VOXEL
    )
    assert np.abs(local[kept]).max() < 1e-3


@pytest.mark.parametrize("centre", [(0, 42.0, 0), (25.0, 0, 33.0)])
def test_source_outside_the_mask_vanishes(centre):
    """Air beside the brain: 99 % of its field goes."""
    field = sphere_field(SHAPE, VOXEL, (0, 0, 1), radius_mm=9, chi_ppm=9.4, centre_mm=centre)
    mask = brain()
    local, kept = remove_background_vsharp(field, mask, voxel_size_mm=VOXEL)
    assert np.std(local[kept]) < 0.01 * np.std(field[mask])


def test_source_inside_stays():
    field = sphere_field(SHAPE, VOXEL, (0, 0, 1), radius_mm=4, chi_ppm=1)
    local, kept = remove_background_vsharp(field, brain(), voxel_size_mm=VOXEL)
    x, y, z = positions(SHAPE, VOXEL)
    near = kept & (x**2 + y**2 + z**2 < 14**2)
    assert 0.9 < slope(local, field, near) < 1.05


def test_textured_head():
    """Local field within the stated error, most of the mask kept."""
    head = textured_head((64, 64, 56), (1.5, 1.5, 1.5), (0, 0, 1))
    local, kept = remove_background_vsharp(head.total_ppm, head.mask, voxel_size_mm=(1.5,) * 3)
    assert kept.sum() > 0.88 * head.mask.sum()
    assert nrmse(local, head.local_ppm, kept) < 0.48


def test_is_linear_and_blind_to_what_lies_outside(rng):
    mask = brain()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_vsharp(field, mask, voxel_size_mm=VOXEL)
    other, _ = remove_background_vsharp(
        np.where(mask, 2 * field, np.nan), mask, voxel_size_mm=VOXEL
    )
    np.testing.assert_allclose(other, 2 * local, atol=2e-5)
    assert not local[~kept].any()
    assert (kept <= mask).all()
    assert local.dtype == np.float32


def test_place_in_the_volume_does_not_matter(rng):
    mask = brain()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_vsharp(field, mask, voxel_size_mm=VOXEL)
    wide = ((5, 0), (0, 9), (3, 4))
    far, far_kept = remove_background_vsharp(
        np.pad(field, wide), np.pad(mask, wide), voxel_size_mm=VOXEL
    )
    inner = (slice(5, None), slice(0, -9), slice(3, -4))
    np.testing.assert_array_equal(far[inner], local)
    np.testing.assert_array_equal(far_kept[inner], kept)


def test_same_for_float64_and_any_threads(rng):
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, _ = remove_background_vsharp(field, brain(), voxel_size_mm=VOXEL)
    double, _ = remove_background_vsharp(field.astype(float), brain(), voxel_size_mm=VOXEL)
    np.testing.assert_allclose(double, local, atol=2e-5)
    before = threads()
    try:
        set_threads(1)
        single, _ = remove_background_vsharp(field, brain(), voxel_size_mm=VOXEL)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(single, local)


def test_mask_loses_one_voxel_at_the_smallest_radius():
    mask = np.zeros((20, 20, 20), bool)
    mask[3:17, 3:17, 3:17] = True
    _, kept = remove_background_vsharp(
        np.zeros(mask.shape, np.float32), mask, voxel_size_mm=(1, 1, 1), radii_mm=(4, 1)
    )
    expected = np.zeros_like(mask)
    expected[4:16, 4:16, 4:16] = True
    np.testing.assert_array_equal(kept, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radii_mm": (1, 4)}, "large to small"),
        ({"radii_mm": (4, 0)}, "positive"),
        ({"threshold": 0.0}, "between 0 and 1"),
        ({"mask": np.zeros(SHAPE, bool)}, "empty"),
        ({"mask": np.ones((4, 4, 4), bool)}, "share one 3-D shape"),
        ({"mask": np.ones(SHAPE)}, "boolean"),
        ({"field": np.full(SHAPE, np.nan)}, "not finite"),
        ({"voxel_size_mm": (1, 0, 1)}, "positive lengths"),
    ],
)
def test_refuses(change, message):
    given = {"field": np.zeros(SHAPE), "mask": brain(), "voxel_size_mm": VOXEL} | change
    with pytest.raises(ValueError, match=message):
        remove_background_vsharp(given.pop("field"), given.pop("mask"), **given)


def test_refuses_a_mask_too_thin_for_any_ball():
    mask = np.zeros(SHAPE, bool)
    mask[:, :, 20] = True
    with pytest.raises(ValueError, match="no ball of 1"):
        remove_background_vsharp(np.zeros(SHAPE), mask, voxel_size_mm=VOXEL)
