from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.ct_image import add_headrest, harden, reconstruct, transfer


def blurred(slices, kernel="soft", noise_hu=0.0, rng=None):
    return reconstruct(slices, pixel_mm=0.5, kernel=kernel, noise_hu=noise_hu, rng=rng)


@pytest.mark.parametrize("kernel", ["soft", "bone"])
def test_a_point_keeps_its_sum_and_spreads_by_its_transfer(kernel):
    point = np.zeros((65, 64, 1), dtype=np.float32)
    point[32, 32] = 1000.0
    seen = blurred(point, kernel)
    assert seen.sum() == pytest.approx(1000.0, rel=1e-3)
    line = seen[:, :, 0].sum(axis=1)
    f = 0.4
    wave = np.cos(2.0 * np.pi * f * 0.5 * (np.arange(65) - 32))
    assert (line * wave).sum() / 1000.0 == pytest.approx(float(transfer(f, kernel)), rel=0.02)


def test_soft_kernel_is_a_gaussian_of_its_width():
    # exp(-(f/f0)^2) is the transform of a Gaussian of sigma 1 / (sqrt(2) pi f0)
    edge = np.zeros((64, 64, 1), dtype=np.float32)
    edge[32:] = 100.0
    slope = np.diff(blurred(edge)[:, 32, 0])[20:44]
    at = 0.5 * np.arange(20, 44)
    middle = (slope * at).sum() / slope.sum()
    sigma = np.sqrt((slope * (at - middle) ** 2).sum() / slope.sum())
    assert sigma == pytest.approx(1 / (np.sqrt(2) * np.pi * 0.43), rel=0.02)


def test_bone_kernel_overshoots_and_soft_does_not():
    edge = np.zeros((64, 64, 1), dtype=np.float32)
    edge[16:48] = 100.0
    assert blurred(edge, "bone").max() > 104.0
    assert blurred(edge).max() < 100.5


def test_noise_has_its_standard_deviation_and_little_at_low_frequencies(rng):
    noise = blurred(np.zeros((128, 120, 4), dtype=np.float32), noise_hu=5.0, rng=rng)
    assert noise.std() == pytest.approx(5.0, rel=0.03)
    blocks = noise.reshape(8, 16, 8, 15, 4).mean(axis=(1, 3))
    assert blocks.std() < 0.25 * 5.0 / np.sqrt(4)


def test_bar_between_two_bones_and_none_beside_one():
    slices = np.zeros((100, 40, 1), dtype=np.float32)
    slices[10:40, 15:25], slices[60:90, 15:25] = 1300.0, 1300.0
    before = slices.copy()
    harden(slices, pixel_mm=1.0, hu_per_mm=0.5)
    # 30 mm of 1300 HU on either side: 30 mm of bone above 300 HU, 7 mm corrected
    assert (before - slices)[50, 20, 0] == pytest.approx(0.5 * (30.0 - 7.0), rel=0.02)
    assert abs((before - slices)[50, 5, 0]) < 0.01
    assert abs((before - slices)[3, 20, 0]) < 0.01


def test_headrest_replaces_air_only():
    axis = np.arange(-128.0, 128.0, 2.0)
    slices = np.full((128, 128, 1), -1000.0, dtype=np.float32)
    slices[50:70, 4:20] = 40.0
    before = slices.copy()
    add_headrest(slices, axis, axis, back_mm=-100.0, radius_mm=95.0)
    assert (slices != before).sum() > 100
    np.testing.assert_array_equal(slices[50:70, 4:20], before[50:70, 4:20])
    assert set(np.unique(slices[slices != before])) == {-940.0, -250.0}
