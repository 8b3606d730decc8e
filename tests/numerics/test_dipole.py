from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from simulated_fields import sphere, sphere_field, turned


@pytest.mark.parametrize("shape", [(16, 18, 20), (15, 17, 19)])
def test_values_lie_between_those_along_and_across_the_field(shape):
    kernel = dipole_kernel(shape, voxel_size_mm=(1, 1, 1))
    assert kernel.shape == (*shape[:2], shape[2] // 2 + 1)
    assert kernel.dtype == np.float32
    assert kernel[0, 0, 0] == 0
    np.testing.assert_allclose(kernel[0, 0, 1:], -2 / 3, atol=1e-6)
    np.testing.assert_allclose(kernel[1:, :, 0], 1 / 3, atol=1e-6)


def test_sign_of_the_direction_does_not_matter():
    b0 = turned(35)
    one = dipole_kernel((10, 12, 14), voxel_size_mm=(1, 2, 3), b0_direction=b0)
    other = dipole_kernel((10, 12, 14), voxel_size_mm=(1, 2, 3), b0_direction=tuple(-b for b in b0))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("voxel", [(1.0, 1.0, 1.0), (0.8, 0.8, 2.0)])
@pytest.mark.parametrize("degrees", [0, 35])
def test_sphere_against_its_closed_form(voxel, degrees):
    """Field of a sphere of 1 ppm beyond two voxels from its edge: within 0.015 ppm."""
    shape, b0 = (80, 80, 48), turned(degrees)
    chi = sphere(shape, voxel, radius_mm=6)
    kernel = dipole_kernel(shape, voxel_size_mm=voxel, b0_direction=b0)
    field = irfft(rfft(chi) * kernel, shape)
    expected = sphere_field(shape, voxel, b0, radius_mm=6, chi_ppm=1)
    clear = (sphere(shape, voxel, radius_mm=6 + 2 * max(voxel)) == 0) & (
        sphere(shape, voxel, radius_mm=18) > 0
    )
    assert np.abs(field - expected)[clear].max() < 0.015
    assert expected[clear].max() > 0.1
