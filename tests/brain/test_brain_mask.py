from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.brain.mask import brain_mask
from arteriole.numerics.threads import set_threads, threads

TE = (0.005, 0.015)
VOXEL = (4.0, 4.0, 4.0)
SHAPE = (47, 55, 45)


def ellipsoid(grid, radii, centre=(0, 0, 0)):
    return sum(((g - c) / r) ** 2 for g, r, c in zip(grid, radii, centre, strict=True)) <= 1


def head(shape=SHAPE, voxel=VOXEL, *, snr=30.0, seed=0, low_mm=-200.0, high_mm=200.0):
    """Scalp (bright fat), dark skull, brain with ventricles and a bridge to the orbits.

    Returns the clean first echo, both echoes with noise, and the brain. ``low_mm`` and
    ``high_mm`` cut the volume along its last axis.
    """
    rng = np.random.default_rng(seed)
    places = [(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, voxel, strict=True)]
    places[2] = places[2][(places[2] > low_mm) & (places[2] < high_mm)]
    grid = np.meshgrid(*places, indexing="ij")
    volume = np.zeros(grid[0].shape)
    volume[ellipsoid(grid, (85, 103, 83))] = 1.6
    volume[ellipsoid(grid, (78, 96, 76))] = 0.06
    for side in (-1, 1):
        volume[ellipsoid(grid, (16, 16, 16), (side * 32, 88, -30))] = 1.1
        volume[ellipsoid(grid, (4, 30, 4), (side * 25, 70, -28))] = 1.0
    brain = ellipsoid(grid, (72, 90, 70))
    volume[brain] = 1.0
    for side in (-1, 1):
        volume[ellipsoid(grid, (8, 30, 12), (side * 12, 0, 8))] = 0.6
    volume *= np.exp(0.006 * grid[1] + 0.004 * grid[0])
    return volume, noisy(volume, snr, rng), brain


def noisy(volume, snr, rng):
    echoes = np.stack([volume, volume * 0.7])
    noise = rng.normal(0, 1 / snr, (2, *echoes.shape))
    return np.abs(echoes + noise[0] + 1j * noise[1]).astype(np.float32)


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def test_brain_in_a_head_is_found_without_orbits_or_holes():
    _, magnitude, brain = head()
    mask = brain_mask(magnitude, TE, voxel_size_mm=VOXEL)
    assert mask.dtype == np.bool_
    assert dice(mask, brain) > 0.97
    assert (mask & ~brain).sum() < 0.015 * brain.sum()
    assert (scipy.ndimage.binary_fill_holes(mask) == mask).all()
    assert scipy.ndimage.label(mask)[1] == 1


def test_thick_slices_and_odd_sizes():
    voxel = (1.6, 1.7, 4.0)
    _, magnitude, brain = head((111, 125, 45), voxel)
    assert dice(brain_mask(magnitude, TE, voxel_size_mm=voxel), brain) > 0.97


def test_axis_order_does_not_matter():
    _, magnitude, _ = head()
    mask = brain_mask(magnitude, TE, voxel_size_mm=VOXEL)
    turned = brain_mask(magnitude.transpose(0, 3, 1, 2), TE, voxel_size_mm=VOXEL)
    assert dice(turned.transpose(1, 2, 0), mask) > 0.99


@pytest.mark.parametrize(("low", "high"), [(-30, 200), (-200, 20), (-25, 25)])
def test_view_that_cuts_the_head(low, high):
    _, magnitude, brain = head(low_mm=low, high_mm=high)
    mask = brain_mask(magnitude, TE, voxel_size_mm=VOXEL)
    assert dice(mask, brain) > 0.96
    # The mask goes right up to the cut.
    for k in (0, -1):
        if brain[..., k].sum() > 500:
            assert mask[..., k].sum() > 0.9 * brain[..., k].sum()


def test_bleeds_and_veins_leave_no_holes(rng):
    volume, _, brain = head()
    centre = np.array(volume.shape) // 2
    away = np.indices(volume.shape) - centre[:, None, None, None]

    def ball(at, radius):
        return sum((a - c) ** 2 for a, c in zip(away, at, strict=True)) <= radius**2

    # 4 mm voxels: a deep bleed of 20 mm, one of 12 mm at the surface, a vein that reaches it.
    deep, shallow = ball((6, 6, 2), 2.5), ball((16, 0, 0), 1.5)
    vein = (away[0] < 0) & (away[0] > -16) & (away[1] == 0) & (away[2] == 4)
    lesions = (deep | shallow | vein) & brain
    mask = brain_mask(noisy(np.where(lesions, 0.05, volume), 30, rng), TE, voxel_size_mm=VOXEL)
    assert mask[deep | vein].all()
    # A bleed that touches the skull keeps its outermost part outside.
    assert mask[shallow & brain].mean() > 0.7
    assert dice(mask, brain) > 0.97


def test_brain_stripped_before_keeps_its_outline():
    _, magnitude, brain = head()
    mask = brain_mask(magnitude * brain, TE, voxel_size_mm=VOXEL)
    assert dice(mask, brain) > 0.995


def test_air_zeroed_by_the_scanner_is_not_taken_for_stripping():
    volume, magnitude, brain = head()
    mask = brain_mask(magnitude * (volume > 0), TE, voxel_size_mm=VOXEL)
    assert dice(mask, brain) > 0.97


def test_crop_without_skull_gives_the_region_with_signal():
    _, magnitude, _ = head()
    crop = magnitude[:, 17:30, 20:37, 17:27]
    assert brain_mask(crop, TE, voxel_size_mm=VOXEL).mean() > 0.99


def test_noise_of_a_late_echo_and_nan_do_no_harm():
    volume, _, brain = head()
    magnitude = noisy(volume, 8, np.random.default_rng(3))
    magnitude[0, 22, 22, 22] = np.nan
    assert dice(brain_mask(magnitude, TE, voxel_size_mm=VOXEL), brain) > 0.96
    assert dice(brain_mask(magnitude[1:], TE[1:], voxel_size_mm=VOXEL), brain) > 0.96


def test_unit_type_and_threads_do_not_change_the_result():
    _, magnitude, _ = head()
    before, masks = threads(), []
    try:
        for count, values in ((1, magnitude), (2, magnitude * 1024), (2, magnitude.astype(float))):
            set_threads(count)
            masks.append(brain_mask(values, TE, voxel_size_mm=VOXEL))
    finally:
        set_threads(before)
    np.testing.assert_array_equal(masks[0], masks[1])
    np.testing.assert_array_equal(masks[0], masks[2])


def test_refuses_noise(rng):
    noise = np.abs(rng.normal(size=(2, 40, 40, 30)) + 1j * rng.normal(size=(2, 40, 40, 30)))
    with pytest.raises(ValueError, match="is noise"):
        brain_mask(noise, TE, voxel_size_mm=(1, 1, 1))


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_refuses_constants(value):
    with pytest.raises(ValueError, match="everywhere: there is no head"):
        brain_mask(np.full((2, 8, 8, 8), value), TE, voxel_size_mm=(1, 1, 1))


@pytest.mark.parametrize(
    ("shape", "voxel", "message"),
    [((3, 8, 8, 8), (1, 1, 1), "for 2 echo times"), ((2, 8, 8, 8), (1, 0, 1), "positive lengths")],
)
def test_refuses_shapes(shape, voxel, message):
    with pytest.raises(ValueError, match=message):
        brain_mask(np.ones(shape), TE, voxel_size_mm=voxel)
