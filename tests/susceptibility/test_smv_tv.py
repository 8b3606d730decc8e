from __future__ import annotations

import numpy as np
import pytest

from arteriole.field.resharp import remove_background_resharp
from arteriole.numerics.threads import set_threads, threads
from arteriole.susceptibility.smv_tv import invert_smv_tv
from simulated_fields import nrmse, positions, textured_head, turned

SHAPE, VOXEL = (60, 60, 52), (1.5, 1.5, 1.5)


@pytest.fixture(scope="module")
def head():
    return textured_head(SHAPE, VOXEL, (0, 0, 1))


def test_harmonic_fields_are_not_seen(head):
    """A field of sources outside, ten times as strong as the local one, changes chi by 1 %."""
    x, y, z = positions(SHAPE, VOXEL)
    rest = (x**2 + y**2 - 2 * z**2 + 20 * z).astype(np.float32)
    rest *= 10 * head.local_ppm[head.mask].std() / rest[head.mask].std()
    without, with_it = (
        invert_smv_tv(f, head.mask, voxel_size_mm=VOXEL, noise_factor=0, weight=1e-4)
        for f in (head.local_ppm, head.local_ppm + rest)
    )
    assert nrmse(with_it, without, head.mask) < 0.01


def test_total_field_needs_no_removal(head):
    """With a head's air around it chi has 4 % more error than from the true local field."""
    local, total = (
        nrmse(invert_smv_tv(f, head.mask, voxel_size_mm=VOXEL), head.chi_ppm, head.mask)
        for f in (head.local_ppm, head.total_ppm)
    )
    assert total < 1.04 * local
    assert total < 0.53


def test_local_field_with_its_rim_gives_the_same_as_the_total_field(head):
    local, kept = remove_background_resharp(
        head.total_ppm,
        head.mask,
        voxel_size_mm=VOXEL,
        radius_mm=12,
        smallest_mm=1.5,
        keep_rim=True,
    )
    assert (kept == head.mask).all()
    total, again = (
        invert_smv_tv(f, head.mask, voxel_size_mm=VOXEL, noise_factor=0)
        for f in (head.total_ppm, local)
    )
    assert nrmse(again, total, head.mask) < 0.05


def test_twice_the_field_and_weight_is_twice_the_susceptibility(head):
    options = {"voxel_size_mm": VOXEL, "noise_factor": 0.0}
    one = invert_smv_tv(head.local_ppm, head.mask, weight=2e-4, **options)
    two = invert_smv_tv(2 * head.local_ppm, head.mask, weight=4e-4, **options)
    np.testing.assert_allclose(two, 2 * one, atol=1e-4)


def test_oblique_is_as_good_as_axial(head):
    tilted = textured_head(SHAPE, VOXEL, turned(35))
    errors = [
        nrmse(
            invert_smv_tv(h.total_ppm, h.mask, voxel_size_mm=VOXEL, b0_direction=b),
            h.chi_ppm,
            h.mask,
        )
        for h, b in ((head, (0.0, 0.0, 1.0)), (tilted, turned(35)))
    ]
    assert errors[1] < 1.05 * errors[0]


def test_odd_shape_and_thick_slices():
    shape, voxel = (61, 59, 25), (1.5, 1.5, 3.0)
    one = textured_head(shape, voxel, (0, 0, 1))
    chi = invert_smv_tv(one.total_ppm, one.mask, voxel_size_mm=voxel)
    assert chi.shape == shape
    assert chi.dtype == np.float32
    assert not chi[~one.mask].any()
    assert nrmse(chi, one.chi_ppm, one.mask) < 0.65


def test_same_for_one_and_two_threads(head):
    before = threads()
    results = []
    for count in (1, 2):
        set_threads(count)
        results.append(invert_smv_tv(head.total_ppm, head.mask, voxel_size_mm=VOXEL, iterations=5))
    set_threads(before)
    np.testing.assert_array_equal(*results)


def test_double_precision_is_taken(head):
    options = {"voxel_size_mm": VOXEL, "iterations": 5}
    single = invert_smv_tv(head.local_ppm, head.mask, **options)
    double = invert_smv_tv(head.local_ppm.astype(np.float64), head.mask, **options)
    np.testing.assert_allclose(double, single, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": 0.0}, "weights are positive"),
        ({"noise_factor": -1.0}, "weights are positive"),
        ({"radii_mm": ()}, "from large to small"),
        ({"radii_mm": (2.0, 4.0)}, "from large to small"),
        ({"noise_ppm": np.ones((3, 3, 3))}, "share one shape"),
        ({"noise_ppm": np.full(SHAPE, np.nan)}, "finite"),
    ],
)
def test_refuses(head, change, message):
    with pytest.raises(ValueError, match=message):
        invert_smv_tv(head.local_ppm, head.mask, voxel_size_mm=VOXEL, **change)


def test_mask_too_thin_for_a_ball(head):
    thin = np.zeros(SHAPE, bool)
    thin[30] = head.mask[30]
    with pytest.raises(ValueError, match=r"no ball of 1\.5 mm fits"):
        invert_smv_tv(head.local_ppm, thin, voxel_size_mm=VOXEL)


def test_empty_field_is_empty():
    mask = np.ones((24, 24, 24), bool)
    field = np.full(mask.shape, 0.5)
    assert not invert_smv_tv(field, mask, voxel_size_mm=VOXEL, radii_mm=(3.0,)).any()
