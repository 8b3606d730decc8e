"""The unit dipole kernel in Fourier space."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.fft import Shape3, frequencies


def dipole_kernel(
    shape: Shape3,
    *,
    voxel_size_mm: tuple[float, float, float],
    b0_direction: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> NDArray[np.float32]:
    """Return the dipole kernel over the half spectrum of a real volume.

    Parameters
    ----------
    shape : tuple of 3 int
        Shape of the (padded) volume.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.

    Returns
    -------
    ndarray, float32, (nx, ny, nz // 2 + 1)
        ``D = 1/3 - (k.b)^2 / |k|^2``, dimensionless, in [-2/3, 1/3]; 0 at k = 0, so that the mean
        field over the padded volume is zero.

    References
    ----------
    Salomir 2003, doi:10.1002/cmr.b.10083; Marques & Bowtell 2005, doi:10.1002/cmr.b.20034.
    """
    kx, ky, kz = frequencies(shape, voxel_size_mm)
    along = kx * b0_direction[0] + ky * b0_direction[1] + kz * b0_direction[2]
    square: NDArray[Any] = kx**2 + ky**2 + kz**2
    square[0, 0, 0] = 1.0
    kernel = 1.0 / 3.0 - along**2 / square
    kernel[0, 0, 0] = 0.0
    return kernel.astype(np.float32)
