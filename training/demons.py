"""Demons registration of several channels at once, on one grid."""

from __future__ import annotations

import numba
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

Channels = NDArray[np.float32]


def register_channels(
    fixed: Channels,
    moving: Channels,
    *,
    start: NDArray[np.float32],
    iterations: int = 60,
    smooth_voxels: float = 1.5,
    update_voxels: float = 1.0,
) -> NDArray[np.float32]:
    """Return displacements (x, y, z, 3), voxels: ``moving`` at x + u(x) looks like ``fixed`` at x.

    Parameters
    ----------
    fixed, moving : ndarray, float32, (x, y, z, c)
        Channels on one grid; each counts by its own scale.
    start : ndarray, float32, (x, y, z, 3)
        Displacements to begin with, voxels.
    iterations : int
        Steps, each of at most half a voxel before smoothing.
    smooth_voxels, update_voxels : float
        Widths of the Gaussian over the displacements and over each update.

    Notes
    -----
    The symmetric force of all channels, ``sum (F - M) J / (sum |J|^2 + sum (F - M)^2)`` with J the
    mean gradient of both, is composed with what was found before (compositive demons).

    References
    ----------
    Vercauteren 2009, doi:10.1016/j.neuroimage.2008.10.040.
    """
    u = start.copy()
    warped = np.empty_like(moving)
    update = np.empty_like(u)
    for _ in range(iterations):
        warp(moving, u, warped)
        _force(fixed, warped, update)
        update = _smooth(update, update_voxels)
        moved = np.empty_like(u)
        warp(u, update, moved)
        u = _smooth(moved + update, smooth_voxels)
    return u


def least_jacobian(u: NDArray[np.float32]) -> float:
    """Return the smallest determinant of x + u(x) inside the grid."""
    rows = [np.stack(np.gradient(u[..., a]), axis=-1) for a in range(3)]
    matrix = np.stack(rows, axis=-2) + np.eye(3, dtype=np.float32)
    return float(np.linalg.det(matrix)[2:-2, 2:-2, 2:-2].min())


def _smooth(field: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    for a in range(3):
        field[..., a] = scipy.ndimage.gaussian_filter(field[..., a], width, truncate=3)
    return field


@numba.njit(cache=True)
def warp(volume, u, out):  # type: ignore[no-untyped-def]
    """Sample channels linearly at x + u(x); the border goes on."""
    nx, ny, nz, nc = volume.shape
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                p = min(max(i + u[i, j, k, 0], np.float32(0)), np.float32(nx - 1.001))
                q = min(max(j + u[i, j, k, 1], np.float32(0)), np.float32(ny - 1.001))
                r = min(max(k + u[i, j, k, 2], np.float32(0)), np.float32(nz - 1.001))
                x, y, z = int(p), int(q), int(r)
                a, b, c = p - x, q - y, r - z
                for n in range(nc):
                    low = (
                        volume[x, y, z, n] * (1 - a) * (1 - b)
                        + volume[x + 1, y, z, n] * a * (1 - b)
                        + volume[x, y + 1, z, n] * (1 - a) * b
                        + volume[x + 1, y + 1, z, n] * a * b
                    )
                    high = (
                        volume[x, y, z + 1, n] * (1 - a) * (1 - b)
                        + volume[x + 1, y, z + 1, n] * a * (1 - b)
                        + volume[x, y + 1, z + 1, n] * (1 - a) * b
                        + volume[x + 1, y + 1, z + 1, n] * a * b
                    )
                    out[i, j, k, n] = low * (1 - c) + high * c


@numba.njit(cache=True)
def _force(fixed, warped, out):  # type: ignore[no-untyped-def]
    nx, ny, nz, nc = fixed.shape
    out[...] = 0
    for i in range(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                sx, sy, sz, below = 0.0, 0.0, 0.0, 1e-6
                for n in range(nc):
                    off = fixed[i, j, k, n] - warped[i, j, k, n]
                    gx = 0.25 * (
                        fixed[i + 1, j, k, n]
                        - fixed[i - 1, j, k, n]
                        + warped[i + 1, j, k, n]
                        - warped[i - 1, j, k, n]
                    )
                    gy = 0.25 * (
                        fixed[i, j + 1, k, n]
                        - fixed[i, j - 1, k, n]
                        + warped[i, j + 1, k, n]
                        - warped[i, j - 1, k, n]
                    )
                    gz = 0.25 * (
                        fixed[i, j, k + 1, n]
                        - fixed[i, j, k - 1, n]
                        + warped[i, j, k + 1, n]
                        - warped[i, j, k - 1, n]
                    )
                    sx += off * gx
                    sy += off * gy
                    sz += off * gz
                    below += gx * gx + gy * gy + gz * gz + off * off
                out[i, j, k, 0] = sx / below
                out[i, j, k, 1] = sy / below
                out[i, j, k, 2] = sz / below
