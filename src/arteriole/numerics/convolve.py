"""Separable convolution of volumes, threaded, in the precision of the volume."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange


def gaussian_taps(sigma: float, dtype: Any) -> NDArray[Any]:
    """Return a Gaussian of ``sigma`` voxels, cut at four sigma, of sum one."""
    reach = int(4.0 * sigma + 0.5)
    place = np.arange(-reach, reach + 1, dtype=np.float64)
    taps = np.exp(-0.5 * np.square(place / sigma)) if reach else np.ones(1)
    return np.asarray(taps / taps.sum(), dtype=dtype)


def convolve(volume: NDArray[Any], taps: tuple[NDArray[Any], ...]) -> NDArray[Any]:
    """Convolve a real volume (x, y, z) along each axis in turn with an odd number of taps.

    The nearest voxel goes on past the edges. Each voxel is summed by one thread in one order:
    results do not depend on the number of threads.
    """
    out = np.ascontiguousarray(volume)
    for along, weights in zip((_along_x, _along_y, _along_z), taps, strict=True):
        if weights.size > 1:
            new = np.empty_like(out)
            along(out, weights, new)
            out = new
    return out.copy() if out is volume else out


# In all three the innermost loop runs over z, which lies contiguous in memory.


@kernel(parallel=True)
def _along_x(volume: NDArray[Any], taps: NDArray[Any], out: NDArray[Any]) -> None:
    reach = taps.size // 2
    last = volume.shape[0] - 1
    for j in prange(volume.shape[1]):
        for i in range(volume.shape[0]):
            row = out[i, j]
            row[:] = 0
            for t in range(taps.size):
                weight = taps[t]
                source = volume[min(max(i + t - reach, 0), last), j]
                for k in range(row.size):
                    row[k] += weight * source[k]


@kernel(parallel=True)
def _along_y(volume: NDArray[Any], taps: NDArray[Any], out: NDArray[Any]) -> None:
    reach = taps.size // 2
    last = volume.shape[1] - 1
    for i in prange(volume.shape[0]):
        for j in range(volume.shape[1]):
            row = out[i, j]
            row[:] = 0
            for t in range(taps.size):
                weight = taps[t]
                source = volume[i, min(max(j + t - reach, 0), last)]
                for k in range(row.size):
                    row[k] += weight * source[k]


@kernel(parallel=True)
def _along_z(volume: NDArray[Any], taps: NDArray[Any], out: NDArray[Any]) -> None:
    reach = taps.size // 2
    size = volume.shape[2]
    for i in prange(volume.shape[0]):
        line = np.empty(size + 2 * reach, dtype=volume.dtype)
        for j in range(volume.shape[1]):
            row = out[i, j]
            row[:] = 0
            line[:reach] = volume[i, j, 0]
            line[reach : reach + size] = volume[i, j]
            line[reach + size :] = volume[i, j, size - 1]
            for t in range(taps.size):
                weight = taps[t]
                for k in range(size):
                    row[k] += weight * line[k + t]
