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
        Width of the Gaussian; anatomy much smaller stays in the image.
    rounds : int
        How often the level is smoothed again from what it left over, without the voxels that are
        off it (below 0.7 or above 1.4 of it).

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
    Each round multiplies the level by a normalised convolution, ``G * (m I / level) / G * m``. It
    does not fall off at the border of the mask, and the later rounds take out the slope that the
    first one misses there, so that dividing by the level draws no line along the border.
    """
    inside = mask & (magnitude > 0)
    if not inside.any():
        raise ValueError("the mask holds no signal")
    signal = np.asarray(magnitude, dtype=np.float32)
    typical = np.float32(np.median(signal[inside]))
    level = np.full(signal.shape, typical)
    for _ in range(rounds + 1):
        relative = signal / level
        kept = inside & (relative > 0.7) & (relative < 1.4)
        smooth = gaussian_inside(
            relative, kept.astype(np.float32), sigma_mm, voxel_size_mm=voxel_size_mm
        )
        level = level * np.where(smooth > 0, smooth, np.float32(1))
    return level
