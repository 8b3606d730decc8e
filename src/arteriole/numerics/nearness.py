"""Which voxels lie within a short distance of a mask, without the distances of all others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

Mask = NDArray[np.bool_]

_FAR = np.float32(1e30)


def within(mask: Mask, radius_mm: float, *, voxel_size_mm: tuple[float, float, float]) -> Mask:
    """Tell which voxels (x, y, z) have a voxel of the mask at most ``radius_mm`` away.

    The same as thresholding an exact Euclidean distance transform; only neighbours within the
    radius are looked at, which is faster as long as it is some ten voxels at most.
    """
    reach = [int(radius_mm / d * (1 + 1e-6)) for d in voxel_size_mm]
    steps = np.asarray(voxel_size_mm, dtype=np.float32)
    square = np.empty(mask.shape, dtype=np.float32)
    across = np.empty(mask.shape, dtype=np.float32)
    near = np.empty(mask.shape, dtype=np.bool_)
    _along_z(mask, steps[2], square)
    _along_y(square, reach[1], steps[1], across)
    _along_x(across, reach[0], steps[0], np.float32(radius_mm**2 * (1 + 1e-5)), near)
    return near


@kernel(parallel=True)
def _along_z(mask: Mask, step: np.float32, square: NDArray[np.float32]) -> None:
    """Set the squared distance to the nearest voxel of the mask on the same line."""
    size = mask.shape[2]
    for i in prange(mask.shape[0]):
        for j in range(mask.shape[1]):
            since = 1 << 30
            for k in range(size):
                since = 0 if mask[i, j, k] else since + 1
                square[i, j, k] = _FAR if since > size else (since * step) ** 2
            since = 1 << 30
            for k in range(size - 1, -1, -1):
                since = 0 if mask[i, j, k] else since + 1
                if since <= size:
                    square[i, j, k] = min(square[i, j, k], (since * step) ** 2)


@kernel(parallel=True)
def _along_y(
    square: NDArray[np.float32], reach: int, step: np.float32, out: NDArray[np.float32]
) -> None:
    """Take the least sum of squares over the neighbours along y."""
    last = square.shape[1] - 1
    for i in prange(square.shape[0]):
        for j in range(square.shape[1]):
            row = out[i, j]
            row[:] = _FAR
            for t in range(max(j - reach, 0), min(j + reach, last) + 1):
                more = ((t - j) * step) ** 2
                source = square[i, t]
                for k in range(row.size):
                    row[k] = min(row[k], source[k] + more)


@kernel(parallel=True)
def _along_x(
    square: NDArray[np.float32],
    reach: int,
    step: np.float32,
    limit: np.float32,
    near: Mask,
) -> None:
    """Take the least sum of squares along x, and compare it with the squared radius."""
    last = square.shape[0] - 1
    for j in prange(square.shape[1]):
        row = np.empty(square.shape[2], dtype=np.float32)
        for i in range(square.shape[0]):
            row[:] = _FAR
            for t in range(max(i - reach, 0), min(i + reach, last) + 1):
                more = ((t - i) * step) ** 2
                source = square[t, j]
                for k in range(row.size):
                    row[k] = min(row[k], source[k] + more)
            for k in range(row.size):
                near[i, j, k] = row[k] <= limit
