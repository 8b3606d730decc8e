from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.fft import good_shape, irfft, rfft
from arteriole.numerics.spheres import (
    room_for_sphere,
    sphere_fits,
    sphere_kernel,
    sphere_spectrum,
)

VOXELS = [(1.0, 1.0, 1.0), (0.8, 0.8, 3.0), (2.0, 0.5, 1.0)]


def offsets(kernel, voxel):
    return np.ix_(*[(np.arange(n) - n // 2) * d for n, d in zip(kernel.shape, voxel, strict=True)])


@pytest.mark.parametrize("voxel", VOXELS)
@pytest.mark.parametrize("radius", [0.5, 1, 2, 3.3, 6, 12])
def test_moments_are_those_of_a_ball(radius, voxel):
    kernel = sphere_kernel(radius, voxel_size_mm=voxel)
    x, y, z = offsets(kernel, voxel)
    assert kernel.sum() == pytest.approx(1)
    for axis in (x, y, z):
        assert (kernel * axis**2).sum() == pytest.approx(radius**2 / 5)
        assert (kernel * axis).sum() == pytest.approx(0, abs=1e-12)
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1, ::-1])


@pytest.mark.parametrize("voxel", VOXELS)
def test_large_balls_keep_harmonics_of_degree_4(voxel):
    """Nothing makes this exact: within 1 % of the polynomial's size on the ball's edge."""
    kernel = sphere_kernel(9, voxel_size_mm=voxel)
    x, y, z = offsets(kernel, voxel)
    square = x**2 + y**2
    harmonic = 8 * z**4 - 24 * z**2 * square + 3 * square**2
    assert abs((kernel * harmonic).sum()) < 0.01 * 8 * 9**4


def test_reach_is_the_radius():
    kernel = sphere_kernel(5, voxel_size_mm=(1, 1, 1))
    x, y, z = offsets(kernel, (1, 1, 1))
    distance = np.sqrt(x**2 + y**2 + z**2)
    assert (kernel[distance < 4] > 0).all()
    assert not kernel[distance > 6].any()


def test_spectrum_is_that_of_the_kernel_around_the_first_voxel(rng):
    shape, voxel = (20, 18, 15), (1.0, 1.5, 2.0)
    volume = np.zeros(shape, np.float32)
    volume[10, 9, 7] = 1
    blurred = irfft(rfft(volume) * sphere_spectrum(4, shape, voxel_size_mm=voxel), shape)
    kernel = sphere_kernel(4, voxel_size_mm=voxel)
    a, b, c = (n // 2 for n in kernel.shape)
    np.testing.assert_allclose(
        blurred[10 - a : 11 + a, 9 - b : 10 + b, 7 - c : 8 + c], kernel, atol=1e-7
    )


def test_fits_counts_every_voxel_of_the_ball(rng):
    size, voxel = (15, 16, 14), (1.0, 1.0, 1.5)
    mask = np.zeros(size, bool)
    mask[1:, 1:-1, 1:-1] = rng.random((14, 14, 12)) > 0.02
    shape = good_shape(size, room_for_sphere(2, size, voxel_size_mm=voxel))
    spectrum = rfft(mask.astype(np.float32), shape)
    found = sphere_fits(spectrum, 2, shape, voxel_size_mm=voxel, crop=size)
    support = sphere_kernel(2, voxel_size_mm=voxel) != 0
    reach = [n // 2 for n in support.shape]
    wide = np.pad(mask, [(r, r) for r in reach])
    expected = np.array(
        [
            wide[tuple(slice(i, i + n) for i, n in zip(at, support.shape, strict=True))][
                support
            ].all()
            for at in np.ndindex(size)
        ]
    ).reshape(size)
    assert expected.any()
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("size", [(40, 40, 40), (40, 3, 1)])
def test_room_holds_the_ball(size):
    room = room_for_sphere(6, size, voxel_size_mm=(1, 1, 2))
    whole = tuple(n + r for n, r in zip(size, room, strict=True))
    kernel = sphere_kernel(6, voxel_size_mm=(1, 1, 2))
    assert all(n <= m for n, m in zip(kernel.shape, whole, strict=True))
    assert all(r >= n // 2 for r, n in zip(room, kernel.shape, strict=True))


def test_refuses_radius_and_grid():
    with pytest.raises(ValueError, match="positive radius, not 0 mm"):
        sphere_kernel(0, voxel_size_mm=(1, 1, 1))
    with pytest.raises(ValueError, match="exceeds the grid"):
        sphere_spectrum(5, (8, 8, 8), voxel_size_mm=(1, 1, 1))
