"""Smooth sensitivity of receive coils, from the magnitude of the brain itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.smooth import gaussian_inside

Size3 = tuple[float, float, float]


def sensitivity(
    magnitude: NDArray[Any],
    mask: NDArray[np.bool_],
    *,
    voxel_size_mm: Size3,
    sigma_mm: float = 15.0,
    rounds: int = 2,
) -> NDArray[np.float32]:
    """Return the smooth local level of the signal of brain tissue.

    Parameters
    ----------
    magnitude : ndarray, (x, y, z)
        Signal, any unit, not negative.
    mask : ndarray of bool, (x, y, z)
        Mostly brain.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    sigma_mm : float
        Width of the Gaussian.
    rounds : int
        How often voxels off the level (below 0.7 or above 1.4 of it) are left out.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Level in the unit of the magnitude, positive everywhere: beyond the reach of the Gaussian
        it is the median of the mask.

    Raises
    ------
    ValueError
        If the mask holds no signal.

    Notes
    -----
    A normalised convolution, ``G * (m I) / G * m``, does not fall off at the border of the mask,
    so dividing by it draws no line there.
    """
    inside = mask & (magnitude > 0)
    if not inside.any():
        raise ValueError("the mask holds no signal")
    signal = np.asarray(magnitude, dtype=np.float32)
    typical = np.float32(np.median(signal[inside]))
    level = np.full(signal.shape, typical)
    for _ in range(rounds + 1):
        kept = inside & (signal > 0.7 * level) & (signal < 1.4 * level)
        smooth = gaussian_inside(
            signal, kept.astype(np.float32), sigma_mm, voxel_size_mm=voxel_size_mm
        )
        level = np.where(smooth > 0, smooth, typical)
    return level
