from __future__ import annotations

import numpy as np
import pytest

from arteriole.field.resharp import remove_background_resharp
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
        local, kept = remove_background_resharp(field, mask, voxel_size_mm=voxel)
        assert np.abs(local[kept]).max() < 1e-3 * np.ptp(field[mask])


def test_constant_vanishes():
    local, kept = remove_background_resharp(
        np.full(SHAPE, 300.0, np.float32), brain(), voxel_size_mm=VOXEL
    )
    assert np.abs(local[kept]).max() < 1e-3


@pytest.mark.parametrize("centre", [(0, 42.0, 0), (25.0, 0, 33.0)])
def test_source_outside_the_mask_vanishes(centre):
    """Air beside the brain: 99 % of its field goes."""
    field = sphere_field(SHAPE, VOXEL, (0, 0, 1), radius_mm=9, chi_ppm=9.4, centre_mm=centre)
    mask = brain()
    local, kept = remove_background_resharp(field, mask, voxel_size_mm=VOXEL)
    assert np.std(local[kept]) < 0.01 * np.std(field[mask])


def test_source_inside_stays():
    field = sphere_field(SHAPE, VOXEL, (0, 0, 1), radius_mm=4, chi_ppm=1)
    local, kept = remove_background_resharp(field, brain(), voxel_size_mm=VOXEL)
    x, y, z = positions(SHAPE, VOXEL)
    near = kept & (x**2 + y**2 + z**2 < 14**2)
    assert 0.9 < slope(local, field, near) < 1.05


def test_textured_head():
    """Local field within the stated error, most of the mask kept."""
    head = textured_head((64, 64, 56), (1.5, 1.5, 1.5), (0, 0, 1))
    local, kept = remove_background_resharp(head.total_ppm, head.mask, voxel_size_mm=(1.5,) * 3)
    assert kept.sum() > 0.5 * head.mask.sum()
    assert nrmse(local, head.local_ppm, kept) < 0.36
    assert slope(local, head.local_ppm, kept) > 0.8


def test_is_linear_and_blind_to_what_lies_outside(rng):
    mask = brain()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_resharp(field, mask, voxel_size_mm=VOXEL)
    other, _ = remove_background_resharp(
        np.where(mask, 2 * field, np.nan), mask, voxel_size_mm=VOXEL
    )
    np.testing.assert_allclose(other, 2 * local, atol=2e-5)
    assert not local[~kept].any()
    assert (kept <= mask).all()
    assert local.dtype == np.float32


def test_place_in_the_volume_does_not_matter(rng):
    mask = brain()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_resharp(field, mask, voxel_size_mm=VOXEL)
    wide = ((5, 0), (0, 9), (3, 4))
    far, far_kept = remove_background_resharp(
        np.pad(field, wide), np.pad(mask, wide), voxel_size_mm=VOXEL
    )
    inner = (slice(5, None), slice(0, -9), slice(3, -4))
    np.testing.assert_array_equal(far[inner], local)
    np.testing.assert_array_equal(far_kept[inner], kept)


def test_same_for_float64_and_any_threads(rng):
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, _ = remove_background_resharp(field, brain(), voxel_size_mm=VOXEL)
    double, _ = remove_background_resharp(field.astype(float), brain(), voxel_size_mm=VOXEL)
    np.testing.assert_allclose(double, local, atol=2e-5)
    before = threads()
    try:
        set_threads(1)
        single, _ = remove_background_resharp(field, brain(), voxel_size_mm=VOXEL)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(single, local)


def test_one_radius_keeps_what_its_ball_fits_into():
    mask = brain()
    zeros = np.zeros(SHAPE, np.float32)
    _, kept = remove_background_resharp(zeros, mask, voxel_size_mm=VOXEL, radius_mm=8)
    x, y, z = positions(SHAPE, VOXEL)
    radius = np.sqrt(x**2 + y**2 + z**2)
    assert kept[radius < 20].all()
    assert not kept[radius > 24].any()


def test_several_radii_keep_more_of_the_mask():
    """A head with air outside: as good as one radius in its middle, with a third more voxels."""
    voxel = (1.5, 1.5, 1.5)
    head = textured_head((64, 64, 56), voxel, (0, 0, 1))
    one, one_kept = remove_background_resharp(head.total_ppm, head.mask, voxel_size_mm=voxel)
    many, many_kept = remove_background_resharp(
        head.total_ppm, head.mask, voxel_size_mm=voxel, radius_mm=12, smallest_mm=2
    )
    assert many_kept.sum() > 1.3 * one_kept.sum()
    assert nrmse(many, head.local_ppm, one_kept) < nrmse(one, head.local_ppm, one_kept) + 0.03


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius_mm": 0}, "must be positive"),
        ({"tikhonov": -1.0}, "must be positive"),
        ({"smallest_mm": 9.0}, "smallest radius"),
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
        remove_background_resharp(given.pop("field"), given.pop("mask"), **given)


def test_refuses_a_mask_too_thin_for_any_ball():
    mask = np.zeros(SHAPE, bool)
    mask[:, :, 20] = True
    with pytest.raises(ValueError, match="no ball of 6"):
        remove_background_resharp(np.zeros(SHAPE), mask, voxel_size_mm=VOXEL)


def test_small_balls_give_the_same_with_and_without_a_transform(monkeypatch, rng):
    field, mask = rng.standard_normal(SHAPE).astype(np.float32), brain()
    given = {"voxel_size_mm": VOXEL, "radius_mm": 8.0, "smallest_mm": 2.0, "iterations": 5}
    results = []
    for most in (0.0, 1e9):
        monkeypatch.setattr("arteriole.field.resharp._PRODUCTS_OF_A_TRANSFORM", most)
        results.append(remove_background_resharp(field, mask, **given))
    (transformed, kept), (summed, kept_too) = results
    assert np.array_equal(kept, kept_too)
    assert np.abs(transformed - summed).max() < 1e-4 * transformed.std()
