"""Dipole inversion with a quadratic gradient penalty, in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.gradients import gradient_power
from arteriole.susceptibility.whole_volume import Size3, filter_field

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


def invert_l2(
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 5e-3,
    pad_mm: float = 20.0,
) -> Float32:
    """Return the susceptibility (ppm) of least squared misfit and squared gradient.

    Parameters
    ----------
    field_ppm : ndarray, float, (x, y, z)
        Local field, ppm of B0, finite inside the mask.
    mask : ndarray, bool, (x, y, z)
        Where the local field is valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    weight : float
        Weight of the squared gradient, mm2, positive; independent of units and voxel size.
    pad_mm : float
        Zeros beyond the mask's box, mm.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Susceptibility, ppm, 0 outside the mask, its zero arbitrary.

    Raises
    ------
    ValueError
        If shapes differ, the field is not finite in the mask, or the weight is not positive.

    Notes
    -----
    ``chi = F^-1 [ D F f / (D^2 + weight |G|^2) ]`` with G the spectrum of forward differences per
    mm. Small things are underestimated, the more the larger the weight. The field outside the
    mask is taken for zero, which it is not.

    References
    ----------
    Bilgic 2014, doi:10.1002/mrm.25029.
    """
    if not weight > 0:
        raise ValueError(f"the weight is positive, not {weight}")

    def inverse(shape: tuple[int, int, int]) -> Float32:
        dipole = dipole_kernel(shape, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction)
        power = gradient_power(shape, voxel_size_mm=voxel_size_mm)
        power *= np.float32(weight)
        power += dipole**2
        power[0, 0, 0] = 1.0
        return dipole / power

    return filter_field(field_ppm, mask, inverse, voxel_size_mm=voxel_size_mm, pad_mm=pad_mm)
