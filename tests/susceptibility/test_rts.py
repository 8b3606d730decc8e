from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.susceptibility.rts import invert_rts
from simulated_fields import nrmse, positions, textured_head

SHAPE, VOXEL = (60, 60, 52), (1.5, 1.5, 1.5)


@pytest.fixture(scope="module")
def head():
    return textured_head(SHAPE, VOXEL, (0, 0, 1))


def test_smooth_susceptibility_comes_back_from_its_own_kernel():
    """Noise-free, smooth, periodic, all of it known: within 5 %."""
    shape = (48, 48, 48)
    x, y, z = positions(shape, (1, 1, 1))
    chi = 0.1 * np.exp(-(x**2 + y**2 + 1.5 * z**2) / (2 * 6**2)).astype(np.float32)
    kernel = dipole_kernel(shape, voxel_size_mm=(1, 1, 1))
    field, mask = irfft(rfft(chi) * kernel, shape), np.ones(shape, bool)
    found = invert_rts(
        field, mask, voxel_size_mm=(1, 1, 1), weight=1e-6, pad_mm=0, iterations=200, tolerance=1e-4
    )
    assert nrmse(found, chi, mask) < 0.05


def test_known_frequencies_are_kept_and_the_cone_is_filled(rng):
    """Texture, all of it known: off the cone within 5 %, in it better than nothing."""
    shape, voxel = (40, 40, 40), (1.0, 1.0, 1.0)
    x, y, z = positions(shape, voxel)
    boxes = (abs(x) < 8) & (abs(y) < 6) & (abs(z) < 9)
    chi = (0.1 * boxes + 0.01 * gaussian_filter(rng.normal(size=shape), 2)).astype(np.float32)
    kernel = dipole_kernel(shape, voxel_size_mm=voxel)
    found = invert_rts(
        irfft(rfft(chi) * kernel, shape),
        np.ones(shape, bool),
        voxel_size_mm=voxel,
        weight=1e-5,
        pad_mm=0,
    )
    truth, rest = np.abs(rfft(chi - chi.mean())), np.abs(rfft(found - chi))
    rest[0, 0, 0] = 0
    known, cone = np.abs(kernel) > 0.15, np.abs(kernel) < 0.1
    assert np.linalg.norm(rest[known]) < 0.05 * np.linalg.norm(truth[known])
    assert np.linalg.norm(rest[cone]) < 0.7 * np.linalg.norm(truth[cone])


def test_accuracy_on_a_textured_head(head, rng):
    field = head.local_ppm + rng.normal(0, 0.001, SHAPE).astype(np.float32)
    chi = invert_rts(field, head.mask, voxel_size_mm=VOXEL)
    assert nrmse(chi, head.chi_ppm, head.mask) < 0.5


def test_more_steps_fit_better(head):
    errors = [
        nrmse(
            invert_rts(head.local_ppm, head.mask, voxel_size_mm=VOXEL, first_steps=n),
            head.chi_ppm,
            head.mask,
        )
        for n in (4, 20)
    ]
    assert errors[1] < 0.95 * errors[0]


def test_twice_the_field_and_weight_is_twice_the_susceptibility(head):
    one, two = (
        invert_rts(n * head.local_ppm, head.mask, voxel_size_mm=VOXEL, weight=n * 1e-3)
        for n in (1, 2)
    )
    np.testing.assert_allclose(two, 2 * one, atol=1e-4)


def test_noise_map_keeps_a_bleed_from_streaking(head, rng):
    x, y, z = positions(SHAPE, VOXEL)
    distance = (x - 6) ** 2 + (y + 9) ** 2 + (z - 3) ** 2
    bad, around = distance < 5**2, head.mask & (distance > 7**2) & (distance < 20**2)
    field = np.where(bad, rng.uniform(-0.4, 0.4, SHAPE), head.local_ppm).astype(np.float32)
    noise = np.where(bad, 0.2, 1e-3).astype(np.float32)
    plain, told = (
        nrmse(invert_rts(field, head.mask, voxel_size_mm=VOXEL, noise_ppm=n), head.chi_ppm, around)
        for n in (None, noise)
    )
    assert told < 0.6 * plain


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": 0.0}, "weights are positive"),
        ({"threshold": 0.7}, "between 0 and 2/3"),
        ({"first_steps": 0}, "takes a step at least"),
        ({"noise_ppm": np.full(SHAPE, np.nan)}, "finite"),
    ],
)
def test_refuses(head, change, message):
    with pytest.raises(ValueError, match=message):
        invert_rts(head.local_ppm, head.mask, voxel_size_mm=VOXEL, **change)


def test_empty_field_is_empty():
    mask = np.ones((20, 20, 20), bool)
    assert not invert_rts(np.full(mask.shape, 0.5), mask, voxel_size_mm=VOXEL).any()
