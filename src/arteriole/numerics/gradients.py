"""Finite differences per millimetre on a periodic (padded) grid, and their spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.fft import Shape3, frequencies
from arteriole.numerics.jit import kernel, prange

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]


def gradient(volume: Float32, *, voxel_size_mm: Size3) -> Float32:
    """Return the forward differences of a periodic volume.

    Parameters
    ----------
    volume : ndarray, float32, (x, y, z)
        Any unit.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.

    Returns
    -------
    ndarray, float32, (3, x, y, z)
        ``(volume[i + 1] - volume[i]) / d`` along each axis, unit per mm; the last voxel meets the
        first.
    """
    out = np.empty((3, *volume.shape), dtype=np.float32)
    _gradient(np.ascontiguousarray(volume, dtype=np.float32), per_mm(voxel_size_mm), out)
    return out


def divergence(vectors: Float32, *, voxel_size_mm: Size3) -> Float32:
    """Return the divergence by backward differences: minus the adjoint of `gradient`.

    Parameters
    ----------
    vectors : ndarray, float32, (3, x, y, z)
        A vector in each voxel, any unit.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Unit per mm.
    """
    out = np.empty(vectors.shape[1:], dtype=np.float32)
    add_divergence(np.ascontiguousarray(vectors, np.float32), per_mm(voxel_size_mm), 1.0, out)
    return out


def gradient_power(shape: Shape3, *, voxel_size_mm: Size3) -> Float32:
    """Return what ``-divergence(gradient(.))`` multiplies the half spectrum by, 1/mm2.

    It is the sum over axes of ``(2 sin(pi k d) / d)^2`` for frequencies k in cycles/mm.
    """
    axes = frequencies(shape, voxel_size_mm)
    parts = [
        (2.0 * np.sin(np.pi * k * d) / d) ** 2 for k, d in zip(axes, voxel_size_mm, strict=True)
    ]
    total: NDArray[Any] = parts[0] + parts[1] + parts[2]
    return total.astype(np.float32)


def per_mm(voxel_size_mm: Size3) -> Float32:
    """Return one over the voxel sizes as the kernels take them, 1/mm."""
    return (1.0 / np.asarray(voxel_size_mm, dtype=np.float64)).astype(np.float32)


@kernel(parallel=True)
def _gradient(volume: Float32, inverse: Float32, out: Float32) -> None:
    nx, ny, nz = volume.shape
    for i in prange(nx):
        i1 = i + 1 if i + 1 < nx else 0
        for j in range(ny):
            j1 = j + 1 if j + 1 < ny else 0
            for k in range(nz):
                k1 = k + 1 if k + 1 < nz else 0
                here = volume[i, j, k]
                out[0, i, j, k] = (volume[i1, j, k] - here) * inverse[0]
                out[1, i, j, k] = (volume[i, j1, k] - here) * inverse[1]
                out[2, i, j, k] = (volume[i, j, k1] - here) * inverse[2]


@kernel(parallel=True)
def add_divergence(vectors: Float32, inverse: Float32, factor: float, out: Float32) -> None:
    """Write ``factor`` times the divergence of the vectors into ``out``."""
    nx, ny, nz = out.shape
    scale = np.float32(factor)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                # Index -1 is the periodic neighbour of the first voxel.
                x = (vectors[0, i, j, k] - vectors[0, i - 1, j, k]) * inverse[0]
                y = (vectors[1, i, j, k] - vectors[1, i, j - 1, k]) * inverse[1]
                z = (vectors[2, i, j, k] - vectors[2, i, j, k - 1]) * inverse[2]
                out[i, j, k] = scale * (x + y + z)
