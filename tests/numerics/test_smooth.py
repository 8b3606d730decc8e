from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.smooth import gaussian, gaussian_inside

SHAPE, VOXEL = (31, 31, 15), (1.0, 1.0, 2.0)


def test_width_is_in_millimetres():
    volume = np.zeros(SHAPE, np.float32)
    volume[15, 15, 7] = 1
    blurred = gaussian(volume, 3.0, voxel_size_mm=VOXEL)
    for axis, d in enumerate(VOXEL):
        line = blurred.sum(axis=tuple(a for a in range(3) if a != axis))
        place = (np.arange(line.size) - line.size // 2) * d
        assert np.sqrt((line * place**2).sum() / line.sum()) == pytest.approx(3, rel=0.05)
    assert blurred.sum() == pytest.approx(1, abs=1e-4)


def test_one_width_an_axis(rng):
    volume = rng.standard_normal(SHAPE)
    blurred = gaussian(volume, (2.0, 0.0, 0.0), voxel_size_mm=VOXEL)
    assert blurred[:, 3, 4].std() < 0.7 * volume[:, 3, 4].std()
    np.testing.assert_allclose(
        blurred.mean(0), gaussian(blurred, 1e-9, voxel_size_mm=VOXEL).mean(0)
    )


def test_complex_is_real_and_imaginary(rng):
    volume = (rng.standard_normal(SHAPE) + 1j * rng.standard_normal(SHAPE)).astype(np.complex64)
    blurred = gaussian(volume, 2.0, voxel_size_mm=VOXEL)
    assert blurred.dtype == np.complex64
    np.testing.assert_array_equal(blurred.imag, gaussian(volume.imag, 2.0, voxel_size_mm=VOXEL))


def test_inside_a_mask_the_outside_does_not_count(rng):
    mask = np.zeros(SHAPE, bool)
    mask[5:20, 5:20, 3:12] = True
    volume = np.where(mask, np.float32(7), rng.standard_normal(SHAPE).astype(np.float32) * 100)
    smooth = gaussian_inside(volume, mask, 2.0, voxel_size_mm=VOXEL)
    np.testing.assert_allclose(smooth[mask], 7, rtol=1e-4)
    assert smooth.dtype == volume.dtype
    nothing = gaussian_inside(volume, np.zeros(SHAPE, bool), 2.0, voxel_size_mm=VOXEL)
    assert not nothing.any()
