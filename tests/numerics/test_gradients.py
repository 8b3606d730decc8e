from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.gradients import divergence, gradient, gradient_power, per_mm
from arteriole.numerics.threads import set_threads, threads

SHAPE, VOXEL = (9, 10, 7), (0.8, 1.0, 3.0)


def test_is_the_forward_difference_per_mm(rng):
    volume = rng.standard_normal(SHAPE).astype(np.float32)
    found = gradient(volume, voxel_size_mm=VOXEL)
    for axis, d in enumerate(VOXEL):
        expected = (np.roll(volume, -1, axis) - volume) / d
        np.testing.assert_allclose(found[axis], expected, atol=1e-6)


def test_divergence_is_minus_the_adjoint(rng):
    volume = rng.standard_normal(SHAPE).astype(np.float32)
    vectors = rng.standard_normal((3, *SHAPE)).astype(np.float32)
    left = np.sum(gradient(volume, voxel_size_mm=VOXEL).astype(float) * vectors)
    right = -np.sum(volume.astype(float) * divergence(vectors, voxel_size_mm=VOXEL))
    assert left == pytest.approx(right, rel=1e-5)


@pytest.mark.parametrize("shape", [(8, 10, 6), (9, 11, 7)])
def test_power_is_that_of_minus_the_laplacian(shape, rng):
    volume = rng.standard_normal(shape).astype(np.float32)
    laplacian = divergence(gradient(volume, voxel_size_mm=VOXEL), voxel_size_mm=VOXEL)
    power = gradient_power(shape, voxel_size_mm=VOXEL)
    np.testing.assert_allclose(
        -np.fft.rfftn(laplacian), power * np.fft.rfftn(volume), atol=2e-3, rtol=1e-4
    )


def test_same_for_any_threads(rng):
    volume = rng.standard_normal(SHAPE).astype(np.float32)
    many = gradient(volume, voxel_size_mm=VOXEL)
    before = threads()
    try:
        set_threads(1)
        one = gradient(volume, voxel_size_mm=VOXEL)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(many, one)


def test_per_mm():
    np.testing.assert_allclose(per_mm((0.5, 1.0, 4.0)), (2.0, 1.0, 0.25))
