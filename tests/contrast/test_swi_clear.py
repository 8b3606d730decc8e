from __future__ import annotations

import math

import numpy as np
import pytest

from arteriole.contrast.swi_clear import swi_clear, vein_mask
from arteriole.numerics.threads import set_threads, threads
from arteriole.units import hz_per_ppm

VOXEL = (0.5, 0.5, 2.0)
SHAPE = (64, 65, 12)
TE = (0.008, 0.016, 0.024)
PLANE = np.meshgrid(*[(np.arange(n) - n / 2 + 0.25) * 0.5 for n in SHAPE[:2]], indexing="ij")
R2 = PLANE[0] ** 2 + PLANE[1] ** 2
FAR = np.repeat((R2 > 36)[..., None], SHAPE[2], axis=2)
INSIDE = np.repeat((R2 <= 1)[..., None], SHAPE[2], axis=2)


def vein(angle_deg, *, background_hz=0.0, r2star=60.0):
    """Echoes of a long vein along the last axis, 1 mm in radius, B0 tilted (closed form)."""
    angle = math.radians(angle_deg)
    x, y = PLANE
    outer = 0.225 / R2 * (x**2 - y**2) / R2 * math.sin(angle) ** 2
    inner = 0.225 * (math.cos(angle) ** 2 - 1 / 3)
    field = np.where(R2 <= 1, inner, outer)[..., None] * hz_per_ppm(3.0) + background_hz
    rate = np.where(INSIDE, r2star, 20.0)
    signal = np.stack([np.exp(-t * rate + 2j * math.pi * field * t) for t in TE])
    return np.abs(signal), np.angle(signal)


def everywhere():
    return np.ones(SHAPE, dtype=bool)


def weigh(magnitude, phase, **more):
    given = {"mask": everywhere(), "voxel_size_mm": VOXEL} | more
    return swi_clear(magnitude, phase, TE, **given)


def test_vein_along_b0_is_dark_inside():
    swi = weigh(*vein(0))
    assert swi[INSIDE].mean() < 0.3 * np.median(swi[FAR])


def test_vein_across_b0_is_dark_in_the_lobes_that_face_b0():
    swi = weigh(*vein(90, r2star=20.0))
    ring = (R2 > 1) & (R2 < 3)
    facing = ring & (abs(PLANE[0]) > 2 * abs(PLANE[1]))
    assert swi[facing].mean() < 0.4 * np.median(swi[FAR])
    assert np.median(swi[INSIDE]) > 0.9 * np.median(swi[FAR])


def test_vein_at_the_magic_angle_is_darkened_by_t2star_alone():
    angle = math.degrees(math.acos(math.sqrt(1 / 3)))
    swi = weigh(*vein(angle))
    assert swi[INSIDE].mean() < 0.75 * np.median(swi[FAR])


def test_wraps_of_the_background_leave_no_line(rng):
    """CLEARSWI #15: a smooth field that wraps a dozen times by the last echo, with noise."""
    x = np.indices(SHAPE)[0] / SHAPE[0]
    magnitude, phase = vein(0, background_hz=500 * x**2 + 150 * x)
    assert np.abs(np.diff(phase[-1], axis=0)).max() > 4
    swi = weigh(magnitude, phase)
    plain = weigh(*vein(0))
    away = FAR.copy()
    away[:8] = away[-8:] = away[:, :8] = away[:, -8:] = False
    assert swi[away].min() > 0.7 * np.median(plain[FAR])
    assert swi[INSIDE].mean() < 0.4 * np.median(swi[FAR])


def test_sensitivity_leaves_no_line_at_the_border_of_the_mask():
    """CLEARSWI #14: uniform tissue under a coil that falls off twofold stays uniform."""
    # Voxels of 2 mm: the object is 110 mm wide, as a head, not 28 mm.
    y, x = PLANE[1][..., None], PLANE[0][..., None]
    coil = np.broadcast_to(np.exp(0.02 * x - 0.015 * y), SHAPE)
    mask = np.broadcast_to((R2 < 200)[..., None], SHAPE).copy()
    magnitude = np.stack([coil * mask * a for a in (1.0, 0.8, 0.6)])
    swi = weigh(magnitude, np.zeros((3, *SHAPE)), mask=mask, voxel_size_mm=(2.0, 2.0, 4.0))
    values = swi[mask]
    assert values.max() / values.min() < 1.35
    rim = mask & np.broadcast_to((R2 > 175)[..., None], SHAPE)
    assert abs(swi[rim].mean() / np.median(values) - 1) < 0.03


def test_unit_of_the_magnitude_does_not_matter():
    magnitude, phase = vein(0)
    np.testing.assert_allclose(weigh(magnitude * 4096, phase), weigh(magnitude, phase), rtol=1e-4)


def test_weights_fall_with_frequency_whatever_its_unit(rng):
    frequency = rng.normal(size=(9, 9, 9)).astype(np.float32)
    mask = np.ones(frequency.shape, dtype=bool)
    weights = vein_mask(frequency, mask)
    order = np.argsort(frequency.ravel())
    assert (np.diff(weights.ravel()[order]) <= 0).all()
    np.testing.assert_allclose(vein_mask(frequency * 50, mask), weights, rtol=1e-4)
    scale = np.median(frequency[frequency > 0]) * 2.5
    np.testing.assert_allclose(weights, (1 + np.tanh(1 - frequency / scale)) / 2, rtol=1e-5)
    assert (vein_mask(-abs(frequency), mask) == 1).all()


def test_outside_the_mask_is_zero_and_nan_counts_as_nothing():
    magnitude, phase = vein(0)
    phase[1, 3, 3, 3] = np.nan
    mask = everywhere()
    mask[:2] = False
    swi = weigh(magnitude, phase, mask=mask)
    assert swi.dtype == np.float32
    assert (swi[:2] == 0).all()
    assert np.isfinite(swi).all()


def test_threads_do_not_change_the_result():
    before, results = threads(), []
    try:
        for count in (1, 2):
            set_threads(count)
            results.append(weigh(*vein(30)))
    finally:
        set_threads(before)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mask": np.ones((2, 2, 2), dtype=bool)}, "expected"),
        ({"mask": np.zeros(SHAPE, dtype=bool)}, "holds no signal"),
        ({"strength": 0}, "must be positive"),
        ({"highpass_voxels": -1}, "must be positive"),
    ],
)
def test_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        weigh(*vein(0), **changes)
