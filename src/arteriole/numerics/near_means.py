"""Weighted means over small neighbourhoods of some voxels, without a transform; and their adjoint.

For the small balls at the rim of a mask: few voxels, few neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_BLOCK = 4096


class NearMeans:
    """The linear map from a volume to its means around some voxels, and its adjoint.

    Parameters
    ----------
    weights : ndarray, (2a + 1, 2b + 1, 2c + 1)
        Symmetric weights around the middle voxel.
    where : ndarray, bool, (x, y, z)
        Voxels around which means are taken, one or more. All their neighbours lie in the volume.

    Raises
    ------
    ValueError
        If a neighbour lies outside the volume.
    """

    def __init__(self, weights: NDArray[Any], where: Mask) -> None:
        nonzero = np.argwhere(weights != 0)
        self.weights = weights[tuple(nonzero.T)].astype(np.float32)
        steps = nonzero - np.array(weights.shape) // 2
        places = np.argwhere(where)
        reach = steps.max(axis=0)
        low, high = places.min(axis=0), places.max(axis=0)
        if (low < reach).any() or (high >= np.array(where.shape) - reach).any():
            raise ValueError(f"neighbours of {low} to {high} lie outside of {where.shape} voxels")
        lengths = np.array([where.shape[1] * where.shape[2], where.shape[2], 1])
        self.places = (places @ lengths).astype(np.int32)
        self.steps = (steps @ lengths).astype(np.int32)
        # Slabs so thick that the neighbours of one reach into the next, and no farther.
        thick = max(8, 2 * int(reach[0]))
        starts = np.arange(0, where.shape[0] + thick, thick)
        self.slabs: Int64 = np.searchsorted(places[:, 0], starts)

    @staticmethod
    def work(weights: NDArray[Any], where: Mask) -> int:
        """Return the number of products that all means take."""
        return int(np.count_nonzero(weights)) * int(np.count_nonzero(where))

    def subtract(self, volume: Float32, out: Float32) -> None:
        """Subtract from ``out`` the means of the volume, at the voxels they belong to."""
        _subtract_means(volume.ravel(), self.places, self.steps, self.weights, out.reshape(-1))

    def subtract_adjoint(self, values: Float32, out: Float32) -> None:
        """Subtract from ``out`` the adjoint of the means, of the values at the voxels alone."""
        for first in (0, 1):
            _subtract_adjoint(
                values.ravel(), self.places, self.steps, self.weights, self.slabs, first,
                out.reshape(-1),
            )  # fmt: skip


@kernel(parallel=True)
def _subtract_means(
    volume: Float32, places: Int32, steps: Int32, weights: Float32, out: Float32
) -> None:
    count = places.size
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        for p in range(block * _BLOCK, min((block + 1) * _BLOCK, count)):
            here, total = places[p], np.float32(0)
            for s in range(weights.size):
                total += weights[s] * volume[here + steps[s]]
            out[here] -= total


@kernel(parallel=True)
def _subtract_adjoint(
    values: Float32,
    places: Int32,
    steps: Int32,
    weights: Float32,
    slabs: Int64,
    first: int,
    out: Float32,
) -> None:
    """Spread the values of every other slab: what two slabs at a time write is disjoint."""
    for pair in prange((slabs.size - first) // 2):
        slab = 2 * pair + first
        for p in range(slabs[slab], slabs[slab + 1]):
            here = places[p]
            value = values[here]
            for s in range(weights.size):
                out[here + steps[s]] -= weights[s] * value
