"""How many wraps unwrapping has left."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def wraps_left(unwrapped: NDArray[np.float32], *, mask: NDArray[np.bool_]) -> float:
    """Return the fraction of neighbouring voxel pairs in the mask more than half a turn apart.

    Parameters
    ----------
    unwrapped : ndarray, (x, y, z) or (e, x, y, z)
        Unwrapped phase, rad; pairs of all echoes count.
    mask : ndarray, bool, (x, y, z)
        Both voxels of a pair lie in it.

    Returns
    -------
    float
        Fraction in [0, 1]; 0 when the mask holds no pair.

    Raises
    ------
    ValueError
        If the mask does not fit the phase.

    Notes
    -----
    Not every such pair is an error: beside air the phase itself may jump by more than pi.
    """
    if unwrapped.ndim not in (3, 4) or unwrapped.shape[-3:] != mask.shape:
        raise ValueError(f"mask has shape {mask.shape}, phase {unwrapped.shape}")
    jumps, pairs = 0, 0
    for echo in unwrapped.reshape(-1, *mask.shape):
        for axis in range(3):
            both = _later(mask, axis) & _earlier(mask, axis)
            apart = np.abs(_later(echo, axis) - _earlier(echo, axis))
            jumps += int(np.count_nonzero(both & (apart > np.pi)))
            pairs += int(np.count_nonzero(both))
    return jumps / pairs if pairs else 0.0


def _later(volume: NDArray[Any], axis: int) -> NDArray[Any]:
    return np.moveaxis(volume, axis, 0)[1:]


def _earlier(volume: NDArray[Any], axis: int) -> NDArray[Any]:
    return np.moveaxis(volume, axis, 0)[:-1]
