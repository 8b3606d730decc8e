"""Noise of a magnitude image: from air, or from inside where air is missing or was zeroed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 4
"""Voxels along each side of the blocks that are tried for being air."""

RAYLEIGH = (0.46, 0.59)
"""Standard deviation over mean of air lies about 0.5227; blocks of 64 voxels scatter so far."""


def noise_sigma(magnitude: NDArray[Any], *, mask: NDArray[np.bool_] | None = None) -> float:
    """Estimate the standard deviation of the noise of each channel of the complex signal.

    Parameters
    ----------
    magnitude : ndarray, (x, y, z) or (e, x, y, z)
        Signal, any unit, not negative; of several echoes the last is used, where noise matters.
    mask : ndarray of bool, (x, y, z), optional
        Brain: never taken for air, and where to look when there is no air; all voxels with
        signal unless given.

    Returns
    -------
    float
        In the unit of the magnitude; 0 for an image without noise.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no signal.

    Notes
    -----
    Air has a Rayleigh distribution: standard deviation over mean is 0.5227, which picks blocks of
    air without a threshold; there ``sigma^2 = mean(m^2) / 2``, and of all blocks the median is
    taken. Where a scanner zeroed the air or there are under 20 such blocks, the median absolute
    difference across both diagonals, ``|m00 - m01 - m10 + m11| / 2``, gives the noise inside.

    Images combined from many coils as the root of the sum of squares have air that is not
    Rayleigh: they are estimated inside. Interpolation by zero-filling makes the estimate inside
    too small.

    References
    ----------
    Gudbjartsson & Patz 1995, doi:10.1002/mrm.1910340618; Immerkaer 1996,
    doi:10.1006/cviu.1996.0060.
    """
    volume = magnitude[-1] if magnitude.ndim == 4 else magnitude
    if volume.ndim != 3 or (mask is not None and mask.shape != volume.shape):
        shape = None if mask is None else mask.shape
        raise ValueError(f"a magnitude of 3 or 4 axes and its mask, not {magnitude.shape}, {shape}")
    volume = np.nan_to_num(np.asarray(volume, dtype=np.float32), posinf=0.0, neginf=0.0)
    if not volume.any():
        raise ValueError("the magnitude is zero everywhere")
    air = _air(volume, mask)
    return air if air is not None else _inside(volume, volume > 0 if mask is None else mask)


def _air(volume: NDArray[np.float32], mask: NDArray[np.bool_] | None) -> float | None:
    """Return the noise of blocks that look like air, or None where they are too few."""
    tiles = _tiles(volume)
    if tiles is None:
        return None
    mean, std = tiles.mean(axis=1), tiles.std(axis=1)
    like = (mean > 0) & (std > RAYLEIGH[0] * mean) & (std < RAYLEIGH[1] * mean)
    like &= (tiles > 0).all(axis=1)
    if mask is not None:
        inside = _tiles(mask.astype(np.float32))
        like &= True if inside is None else inside.max(axis=1) == 0
    # Edges of tissue mimic air by chance, never at the darkest level.
    dark = like & (mean < 0.25 * np.percentile(volume, 98))
    if dark.sum() < 20:
        return None
    return float(np.median(np.sqrt(np.square(tiles[dark]).mean(axis=1) / 2)))


def _tiles(volume: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return whole blocks as rows, or None where the volume is smaller than one."""
    counts = [n // BLOCK for n in volume.shape]
    if min(counts) == 0:
        return None
    whole = volume[tuple(slice(c * BLOCK) for c in counts)]
    split = whole.reshape(counts[0], BLOCK, counts[1], BLOCK, counts[2], BLOCK)
    return split.transpose(0, 2, 4, 1, 3, 5).reshape(-1, BLOCK**3)


def _inside(volume: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Return the noise from differences across both diagonals of the first two axes."""
    crossed = volume[1:, 1:] - volume[1:, :-1] - volume[:-1, 1:] + volume[:-1, :-1]
    whole = mask[1:, 1:] & mask[1:, :-1] & mask[:-1, 1:] & mask[:-1, :-1]
    if not whole.any():
        raise ValueError("there is neither air nor tissue of two voxels across to see noise in")
    return float(np.median(np.abs(crossed[whole])) / (2 * 0.6745))
