"""How much each voxel of a field counts in an inversion, and how noisy the field is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


def weighted_data(
    field_ppm: Float32, mask: Mask, noise_ppm: Float32 | None
) -> tuple[Float32, float]:
    """Return how much each voxel counts, and the typical noise of the field, ppm.

    Parameters
    ----------
    field_ppm : ndarray, float, (x, y, z)
        Field, ppm.
    mask : ndarray, bool, (x, y, z)
        Where the field is valid.
    noise_ppm : ndarray, float, (x, y, z) or None
        Standard deviation of the field, ppm; None: the same everywhere, and estimated.

    Returns
    -------
    trust : ndarray, float32, (x, y, z)
        Inverse variance relative to that of the median noise, at most 4; 0 outside the mask.
    noise : float
        Median noise in the mask, ppm.

    Raises
    ------
    ValueError
        If shapes differ or the noise is not finite or negative in the mask.
    """
    if noise_ppm is None:
        return mask.astype(np.float32), estimated_noise(field_ppm, mask)
    if noise_ppm.shape != mask.shape:
        raise ValueError(f"noise {noise_ppm.shape} and mask {mask.shape} must share one shape")
    inside = noise_ppm[mask]
    if not np.isfinite(inside).all() or inside.min() < 0:
        raise ValueError("noise is finite and not negative everywhere in the mask")
    typical = float(np.median(inside))
    if typical == 0:
        return mask.astype(np.float32), 0.0
    ratio = typical / np.maximum(np.where(mask, noise_ppm, typical), 0.5 * typical)
    return np.where(mask, ratio**2, 0).astype(np.float32), typical


def estimated_noise(field: Float32, mask: Mask) -> float:
    """Return the noise of a field from mixed differences over cubes of 8 voxels in the mask."""
    signed = np.where(mask, field, 0).astype(np.float32)
    whole = mask
    for axis in range(3):
        signed = np.diff(signed, axis=axis)
        n = whole.shape[axis]
        whole = whole.take(range(n - 1), axis) & whole.take(range(1, n), axis)
    if not whole.any():
        return 0.0
    # 0.6745: median of |x| for a normal x; a mixed difference has 8 times the variance.
    return float(np.median(np.abs(signed[whole]))) / (0.6745 * 8.0**0.5)
