from __future__ import annotations

import math

import numpy as np
import pytest

from arteriole.contrast.swi_classic import highpass_homodyne, paramagnetic_mask, swi_classic
from arteriole.numerics.threads import set_threads, threads
from arteriole.units import hz_per_ppm

VOXEL = (0.5, 0.5, 2.0)
SHAPE = (64, 64, 12)
TE = 0.020


def vein_phase(angle_deg, *, radius_mm=1.0, chi_ppm=0.45, b0_tesla=3.0, te_s=TE):
    """Phase of a long vein along the last axis, B0 tilted towards the first (closed form)."""
    x, y = np.meshgrid(*[(np.arange(n) - n / 2 + 0.25) * 0.5 for n in SHAPE[:2]], indexing="ij")
    r2 = x**2 + y**2
    angle = math.radians(angle_deg)
    inside = r2 <= radius_mm**2
    outer = chi_ppm / 2 * radius_mm**2 / r2 * (x**2 - y**2) / r2 * math.sin(angle) ** 2
    inner = chi_ppm / 2 * (math.cos(angle) ** 2 - 1 / 3)
    field_hz = np.where(inside, inner, outer) * hz_per_ppm(b0_tesla)
    phase = 2 * math.pi * field_hz * te_s
    spread = [np.repeat(a[..., None], SHAPE[2], axis=2) for a in (phase, inside)]
    return spread[0], spread[1]


def wrap(phase):
    return np.angle(np.exp(1j * phase))


def weigh(magnitude, phase, **more):
    given = {"mask": np.ones(SHAPE, dtype=bool), "voxel_size_mm": VOXEL} | more
    return swi_classic(magnitude, phase, (TE,), **given)


@pytest.mark.parametrize("angle", [0, 30])
def test_vein_along_b0_is_dark_inside(angle):
    phase, inside = vein_phase(angle)
    swi = weigh(np.ones(SHAPE), phase)
    assert swi[inside].mean() < 0.45
    assert np.median(swi[~inside]) > 0.9


def test_vein_across_b0_is_dark_in_the_lobes_that_face_b0():
    phase, inside = vein_phase(90)
    swi = weigh(np.ones(SHAPE), phase)
    x, y = np.meshgrid(*[(np.arange(n) - n / 2 + 0.25) * 0.5 for n in SHAPE[:2]], indexing="ij")
    ring = (x**2 + y**2 > 1) & (x**2 + y**2 < 4)
    facing, across = ring & (abs(x) > 2 * abs(y)), ring & (abs(y) > 2 * abs(x))
    assert swi[facing].mean() < 0.4
    assert swi[across].mean() > 0.9
    assert swi[inside].mean() > 0.9


def test_vein_at_the_magic_angle_has_no_phase_of_its_own():
    phase, inside = vein_phase(math.degrees(math.acos(math.sqrt(1 / 3))))
    assert np.abs(phase[inside]).max() < 1e-9
    swi = weigh(np.ones(SHAPE), phase)
    assert 0.7 < swi[inside].mean() <= 1.0


def test_sign_of_phase_decides():
    phase, inside = vein_phase(0)
    assert weigh(np.ones(SHAPE), -phase)[inside].mean() > 0.95


def test_smooth_background_over_wraps_leaves_no_line():
    x = np.indices(SHAPE)[0] * 0.5
    background = 0.2 * x + 0.003 * x**2
    vein, inside = vein_phase(0)
    swi = weigh(np.ones(SHAPE), wrap(vein + background))
    away = ~inside
    away[:10] = away[-10:] = False
    away[26:38, 26:38] = False
    assert swi[away].min() > 0.75
    assert swi[inside].mean() < 0.45


def test_highpass_of_constant_phase_is_zero():
    for value in (-3.0, 0.0, 2.0):
        local = highpass_homodyne(np.full(SHAPE, 7.0), np.full(SHAPE, value), voxel_size_mm=VOXEL)
        np.testing.assert_allclose(local, 0, atol=1e-5)


def test_odd_sizes_and_every_slice_axis(rng):
    phase = rng.normal(0, 0.3, (17, 21, 9))
    for axis in range(3):
        moved = np.moveaxis(phase, 2, axis)
        sizes = np.insert([0.7, 0.7], axis, 2.0)
        local = highpass_homodyne(
            np.ones(moved.shape), moved, voxel_size_mm=tuple(sizes), slice_axis=axis
        )
        if axis == 0:
            first = np.moveaxis(local, 0, 2)
        np.testing.assert_allclose(np.moveaxis(local, axis, 2), first, atol=1e-6)


def test_vendor_filtered_phase_is_used_as_it_is():
    phase, _ = vein_phase(0)
    swi = weigh(np.full(SHAPE, 3.0), phase, filtered_phase=True)
    np.testing.assert_allclose(swi, 3 * paramagnetic_mask(phase), rtol=1e-6)


def test_mask_follows_the_formula():
    phase = np.array([-3.0, 0.0, math.pi / 2, math.pi, 4.0])
    np.testing.assert_allclose(paramagnetic_mask(phase), [1, 1, 1 / 16, 0, 0], atol=1e-6)


def test_all_echoes_add_up():
    phase, _ = vein_phase(0)
    one = weigh(np.ones(SHAPE), phase)
    two = swi_classic(
        np.ones((2, *SHAPE)),
        np.stack([phase, phase]),
        (TE / 2, TE),
        mask=np.ones(SHAPE, dtype=bool),
        voxel_size_mm=VOXEL,
        echoes="all",
    )
    np.testing.assert_allclose(two, 2 * one, rtol=1e-6)


def test_threads_do_not_change_the_result(rng):
    phase = rng.normal(0, 1, SHAPE).astype(np.float32)
    before, results = threads(), []
    try:
        for count in (1, 2):
            set_threads(count)
            results.append(weigh(np.ones(SHAPE, dtype=np.float32), phase))
    finally:
        set_threads(before)
    np.testing.assert_array_equal(*results)


def test_outside_the_mask_is_zero_and_nan_counts_as_nothing():
    phase, _ = vein_phase(0)
    phase[0, 0, 0] = np.nan
    mask = np.ones(SHAPE, dtype=bool)
    mask[5] = False
    swi = weigh(np.ones(SHAPE), phase, mask=mask)
    assert swi.dtype == np.float32
    assert (swi[5] == 0).all()
    assert swi[0, 0, 0] == 0
    assert np.isfinite(swi).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mask": np.ones((2, 2, 2), dtype=bool)}, "expected"),
        ({"highpass_mm": 0}, "highpass_mm > 0"),
        ({"echoes": "first"}, "'first'"),
        ({"power": 0}, "power >= 1"),
    ],
)
def test_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        weigh(np.ones(SHAPE), np.zeros(SHAPE), **changes)
