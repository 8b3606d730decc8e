from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.field.lbv import remove_background_lbv
from arteriole.numerics.threads import set_threads, threads
from simulated_fields import nrmse, positions, slope, sphere_field, textured_head, turned

SHAPE, VOXEL = (48, 49, 40), (1.5, 1.5, 2.0)


def brain(shape=SHAPE, voxel=VOXEL, radius=30.0):
    x, y, z = positions(shape, voxel)
    return np.asarray(x**2 + y**2 + z**2 < radius**2)


@pytest.mark.parametrize("voxel", [(1.5, 1.5, 2.0), (0.8, 0.8, 3.0), (3.0, 0.7, 1.1)])
def test_harmonic_fields_vanish(voxel):
    """Polynomials that solve Laplace's equation also solve the discrete one: 0.01 % may stay."""
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
        local, kept = remove_background_lbv(field, mask, voxel_size_mm=voxel)
        assert np.abs(local[kept]).max() < 1e-4 * np.ptp(field[mask])


def test_constant_vanishes():
    local, kept = remove_background_lbv(
        np.full(SHAPE, 300.0, np.float32), brain(), voxel_size_mm=VOXEL
    )
    assert np.abs(local[kept]).max() < 1e-3


@pytest.mark.parametrize(("centre", "tilt"), [((0, 42.0, 0), 0), ((25.0, 0, 33.0), 35)])
def test_source_outside_the_mask_vanishes(centre, tilt):
    """Air beside the brain: 99 % of its field goes, whatever the direction of B0."""
    field = sphere_field(SHAPE, VOXEL, turned(tilt), radius_mm=9, chi_ppm=9.4, centre_mm=centre)
    mask = brain()
    local, kept = remove_background_lbv(field, mask, voxel_size_mm=VOXEL)
    assert np.std(local[kept]) < 0.01 * np.std(field[mask])


def test_source_inside_stays():
    field = sphere_field(SHAPE, VOXEL, (0, 0, 1), radius_mm=4, chi_ppm=1)
    local, kept = remove_background_lbv(field, brain(), voxel_size_mm=VOXEL)
    x, y, z = positions(SHAPE, VOXEL)
    near = kept & (x**2 + y**2 + z**2 < 14**2)
    assert 0.95 < slope(local, field, near) < 1.02
    assert nrmse(local, field, near) < 0.05


def test_field_that_is_zero_at_the_boundary_stays_as_it_is():
    """The identity of the method: u with zero boundary plus anything harmonic gives u back."""
    x, y, z = positions(SHAPE, VOXEL)
    inside = np.maximum(1 - (x**2 + y**2 + z**2) / 26.0**2, 0) ** 2
    field = (inside + 0.3 * x - 0.02 * (x**2 - y**2)).astype(np.float32)
    local, kept = remove_background_lbv(field, brain(), voxel_size_mm=VOXEL, tolerance=1e-6)
    assert np.abs(local - inside)[kept].max() < 2e-5


def test_solves_laplace_in_a_ragged_mask(rng):
    """Bays, spikes and loose pieces: the equation holds in every voxel that was kept."""
    mask = brain() & (scipy.ndimage.gaussian_filter(rng.standard_normal(SHAPE), 2) > -0.03)
    mask[2:6, 3:9, 2:8] = True
    mask = scipy.ndimage.binary_fill_holes(mask)
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_lbv(field, mask, voxel_size_mm=VOXEL, tolerance=1e-6)
    background = np.where(kept, field - local, field).astype(float)
    laplacian = np.zeros(SHAPE)
    for axis, d in enumerate(VOXEL):
        sides = np.roll(background, 1, axis) + np.roll(background, -1, axis)
        laplacian += (sides - 2 * background) / d**2
    assert np.abs(laplacian[kept]).max() < 1e-4


def test_holes_are_crossed(rng):
    """Without signal in the middle the local field around is what it is with signal there."""
    x, y, z = positions(SHAPE, VOXEL)
    hole = np.asarray(x**2 + (y - 4) ** 2 + z**2 < 9.0**2)
    field = rng.standard_normal(SHAPE).astype(np.float32)
    given = {"voxel_size_mm": VOXEL, "tolerance": 1e-6}
    whole, kept = remove_background_lbv(field, brain(), **given)
    crossed, left = remove_background_lbv(field, brain() & ~hole, **given)
    np.testing.assert_array_equal(left, kept & ~hole)
    np.testing.assert_allclose(crossed[left], whole[left], atol=1e-4)


@pytest.mark.parametrize("voxel", [(1.5, 1.5, 1.5), (0.8, 0.8, 3.0)])
def test_a_few_steps_are_enough(voxel):
    """Six steps of conjugate gradients leave what sixty leave, to 0.1 %."""
    shape = (64, 61, 28)
    x, y, z = positions(shape, voxel)
    mask = np.asarray(x**2 + y**2 + (1.4 * z) ** 2 < 24.0**2)
    mask &= ~np.asarray((x - 8) ** 2 + y**2 + 0 * z < 5.0**2)
    field = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    given = {"voxel_size_mm": voxel, "tolerance": 1e-7}
    few, kept = remove_background_lbv(field, mask, iterations=6, **given)
    many, _ = remove_background_lbv(field, mask, iterations=60, **given)
    assert nrmse(few, many, kept) < 1e-3


def test_textured_head():
    """Local field within the stated error, most of the mask kept."""
    head = textured_head((64, 64, 56), (1.5, 1.5, 1.5), (0, 0, 1))
    local, kept = remove_background_lbv(head.total_ppm, head.mask, voxel_size_mm=(1.5,) * 3)
    assert kept.sum() > 0.88 * head.mask.sum()
    assert nrmse(local, head.local_ppm, kept) < 0.40
    assert slope(local, head.local_ppm, kept) > 0.9


def test_is_linear_and_blind_to_what_lies_outside(rng):
    mask = brain()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_lbv(field, mask, voxel_size_mm=VOXEL)
    other, _ = remove_background_lbv(np.where(mask, 2 * field, np.nan), mask, voxel_size_mm=VOXEL)
    np.testing.assert_allclose(other, 2 * local, atol=2e-5)
    assert not local[~kept].any()
    assert (kept <= mask).all()
    assert local.dtype == np.float32


def test_place_in_the_volume_does_not_matter(rng):
    """A mask that touches the volume's edge loses its layer there as elsewhere."""
    mask = brain(radius=80.0)
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_lbv(field, mask, voxel_size_mm=VOXEL)
    assert mask.all()
    assert kept.sum() == 46 * 47 * 38
    wide = ((5, 0), (0, 9), (3, 4))
    far, far_kept = remove_background_lbv(
        np.pad(field, wide), np.pad(mask, wide), voxel_size_mm=VOXEL
    )
    inner = (slice(5, None), slice(0, -9), slice(3, -4))
    np.testing.assert_array_equal(far[inner], local)
    np.testing.assert_array_equal(far_kept[inner], kept)


def test_same_for_float64_and_any_threads(rng):
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, _ = remove_background_lbv(field, brain(), voxel_size_mm=VOXEL)
    double, _ = remove_background_lbv(field.astype(float), brain(), voxel_size_mm=VOXEL)
    np.testing.assert_allclose(double, local, atol=2e-5)
    before = threads()
    try:
        set_threads(1)
        single, _ = remove_background_lbv(field, brain(), voxel_size_mm=VOXEL)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(single, local)


def test_peels_layers():
    mask = np.zeros((20, 20, 20), bool)
    mask[3:17, 3:17, 3:17] = True
    _, kept = remove_background_lbv(
        np.zeros(mask.shape, np.float32), mask, voxel_size_mm=(1, 1, 1), peel=2
    )
    expected = np.zeros_like(mask)
    expected[6:14, 6:14, 6:14] = True
    np.testing.assert_array_equal(kept, expected)


def test_peels_only_noise_where_it_is_known(rng):
    """A cap of phase noise goes by layers, quiet voxels beside it and noisy ones inside stay."""
    mask = brain()
    x, y, z = positions(SHAPE, VOXEL)
    cap = mask & np.asarray(y + 0 * x + 0 * z > 24)
    spot = mask & np.asarray(x**2 + y**2 + z**2 < 4.0**2)
    noise = np.where(cap | spot, 5.0, 0.01).astype(np.float32)
    field = (0.1 * x + 0.2 * z + noise * rng.standard_normal(SHAPE)).astype(np.float32)
    given = {"voxel_size_mm": VOXEL}
    plain, _ = remove_background_lbv(field, mask, **given)
    local, kept = remove_background_lbv(field, mask, peel=8, noise=noise, **given)
    _, expected = remove_background_lbv(field, mask & ~cap, **given)
    np.testing.assert_array_equal(kept, expected)
    ring = kept & ~spot
    assert np.std(local[ring]) < 0.02 < np.std(plain[ring])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peel": -1}, "not negative"),
        ({"iterations": 0}, "steps positive"),
        ({"tolerance": 0.0}, "between 0 and 1"),
        ({"noise": np.ones((2, 2, 2))}, "field's shape"),
        ({"noise": np.full(SHAPE, np.nan)}, "is finite"),
        ({"noise": np.ones(SHAPE), "noise_limit": 0}, "limit of noise"),
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
        remove_background_lbv(given.pop("field"), given.pop("mask"), **given)


def test_refuses_a_mask_without_inside():
    mask = np.zeros(SHAPE, bool)
    mask[:, :, 20:22] = True
    with pytest.raises(ValueError, match="no inside left once 1 layers"):
        remove_background_lbv(np.zeros(SHAPE), mask, voxel_size_mm=VOXEL)
