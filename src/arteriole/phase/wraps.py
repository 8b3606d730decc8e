"""How many wraps unwrapping has left."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange


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
    Not every such pair is an error: beside air the phase itself may jump by more than pi. Of noise
    that is spread evenly over a turn one pair in four is.
    """
    if unwrapped.ndim not in (3, 4) or unwrapped.shape[-3:] != mask.shape:
        raise ValueError(f"mask has shape {mask.shape}, phase {unwrapped.shape}")
    echoes = unwrapped.reshape(-1, *mask.shape)
    inside = np.ascontiguousarray(mask)
    counts = np.array([_count(np.ascontiguousarray(echo), inside) for echo in echoes])
    jumps, pairs = counts.reshape(-1, 2).sum(axis=0)
    return float(jumps / pairs) if pairs else 0.0


def _count(echo: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return jumps and pairs of one echo."""
    slabs = np.zeros((echo.shape[0], 2), dtype=np.int64)
    _count_slabs(echo, mask, slabs)
    return np.asarray(slabs.sum(axis=0))


@kernel(parallel=True)
def _count_slabs(echo: NDArray[Any], mask: NDArray[np.bool_], slabs: NDArray[np.int64]) -> None:
    """Count jumps and pairs from each voxel to the next along the axes, slab by slab."""
    nx, ny, nz = echo.shape
    for x in prange(nx):
        jumps, pairs = 0, 0
        for y in range(ny):
            for z in range(nz):
                if not mask[x, y, z]:
                    continue
                here = echo[x, y, z]
                if x + 1 < nx and mask[x + 1, y, z]:
                    pairs += 1
                    jumps += abs(echo[x + 1, y, z] - here) > math.pi
                if y + 1 < ny and mask[x, y + 1, z]:
                    pairs += 1
                    jumps += abs(echo[x, y + 1, z] - here) > math.pi
                if z + 1 < nz and mask[x, y, z + 1]:
                    pairs += 1
                    jumps += abs(echo[x, y, z + 1] - here) > math.pi
        slabs[x, 0], slabs[x, 1] = jumps, pairs
