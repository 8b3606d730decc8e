"""How streaky a susceptibility map is, from its spectrum alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import frequencies, good_shape, padded, rfft
from arteriole.numerics.morphology import bounding_box

Size3 = tuple[float, float, float]

_CONE = 0.1
"""Half width, in values of the dipole kernel, of the cone where noise is amplified."""
_BESIDE = 0.25
"""Outer limit of the neighbouring angles the cone is compared with."""
_SHELLS = 12


def streak_index(
    chi_ppm: NDArray[np.float32],
    mask: NDArray[np.bool_],
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
) -> float:
    """Return the power of chi near the magic angle relative to that beside it.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, any unit.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.

    Returns
    -------
    float
        Dimensionless, positive: 1 without streaks, above 1 with streaks, below 1 where an
        inversion left the cone empty.

    Raises
    ------
    ValueError
        If shapes differ, chi is not finite or is constant in the mask, or the mask is too small
        to have shells in k-space.

    Notes
    -----
    Streaks lie where ``|D| < 0.1``. In each of 12 shells of spatial frequency between 0.15 and 1
    times the highest Nyquist frequency, the mean power there is divided by the geometric mean of
    the powers at ``-0.25 <= D < -0.1`` and ``0.1 <= D < 0.25``, on either side of the cone, so
    that an even trend with angle (thick slices) cancels; the index is the geometric mean over
    the shells that hold all three.
    Textured heads without streaks gave 0.9 to 1.2; long veins along the magic angle give more.
    """
    if chi_ppm.shape != mask.shape or chi_ppm.ndim != 3:
        raise ValueError(f"chi {chi_ppm.shape} and mask {mask.shape} must share one 3-D shape")
    box = bounding_box(mask)
    values = chi_ppm[mask]
    if not np.isfinite(values).all() or values.min() == values.max():
        raise ValueError("chi must be finite and vary in the mask")
    middle = values.mean(dtype=np.float64)
    inside = np.where(mask[box], chi_ppm[box] - middle, 0).astype(np.float32)
    shape = good_shape(inside.shape)
    power = np.abs(rfft(padded(inside, shape))) ** 2
    angle = dipole_kernel(shape, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction)
    kx, ky, kz = frequencies(shape, voxel_size_mm)
    shell = _shell(np.sqrt(kx**2 + ky**2 + kz**2), 0.5 / min(voxel_size_mm))
    cone, inner, outer = (
        _mean_by_shell(power, shell, (angle >= low) & (angle < high) & (shell >= 0))
        for low, high in ((-_CONE, _CONE), (-_BESIDE, -_CONE), (_CONE, _BESIDE))
    )
    used = (cone > 0) & (inner > 0) & (outer > 0)
    if not used.any():
        raise ValueError(f"a mask of {inside.shape} voxels is too small for a streak index")
    return float(np.exp(np.mean(np.log(cone[used] / np.sqrt(inner[used] * outer[used])))))


def _shell(frequency: NDArray[np.float64], nyquist: float) -> NDArray[np.int64]:
    """Number the shells of spatial frequency from 0; -1 is outside all of them."""
    place = (frequency / nyquist - 0.15) / 0.85 * _SHELLS
    number = np.floor(place).astype(np.int64)
    return np.where((number >= 0) & (number < _SHELLS), number, -1)


def _mean_by_shell(
    power: NDArray[np.float32], shell: NDArray[np.int64], where: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the mean power of the chosen frequencies in each shell, 0 for an empty one."""
    numbers = shell[where]
    total = np.bincount(numbers, weights=power[where], minlength=_SHELLS)
    count = np.bincount(numbers, minlength=_SHELLS)
    return np.asarray(total / np.maximum(count, 1))
