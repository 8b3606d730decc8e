"""Values of volumes between voxels, at points of a transform that is never written to memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

SLACK_VOXELS = 0.5
"""A volume reaches half a voxel past the centres of its outer voxels."""


@kernel()
def corner(place: float, size: int) -> tuple[int, int, float]:
    """Return two neighbours along an axis and the part of the second; the edge goes on."""
    at = min(max(place, 0.0), size - 1.0)
    low = min(int(at), max(size - 2, 0))
    return low, min(low + 1, size - 1), at - low


@kernel()
def inside(x: float, y: float, z: float, shape: tuple[int, int, int]) -> bool:
    """Tell whether a voxel place lies in the volume, half a voxel past the outer centres."""
    return (
        -SLACK_VOXELS <= x <= shape[0] - 1 + SLACK_VOXELS
        and -SLACK_VOXELS <= y <= shape[1] - 1 + SLACK_VOXELS
        and -SLACK_VOXELS <= z <= shape[2] - 1 + SLACK_VOXELS
    )


@kernel()
def linear(volume: NDArray[Any], x: float, y: float, z: float) -> float:
    """Return the trilinear value at a voxel place; the nearest voxel goes on past the edge."""
    i, i1, a = corner(x, volume.shape[0])
    j, j1, b = corner(y, volume.shape[1])
    k, k1, c = corner(z, volume.shape[2])
    low = (1 - b) * ((1 - c) * volume[i, j, k] + c * volume[i, j, k1]) + b * (
        (1 - c) * volume[i, j1, k] + c * volume[i, j1, k1]
    )
    high = (1 - b) * ((1 - c) * volume[i1, j, k] + c * volume[i1, j, k1]) + b * (
        (1 - c) * volume[i1, j1, k] + c * volume[i1, j1, k1]
    )
    return (1 - a) * low + a * high


@kernel()
def linear_with_slope(
    volume: NDArray[Any], x: float, y: float, z: float
) -> tuple[float, float, float, float]:
    """Return the trilinear value at a voxel place and its slope a voxel along each axis."""
    i, i1, a = corner(x, volume.shape[0])
    j, j1, b = corner(y, volume.shape[1])
    k, k1, c = corner(z, volume.shape[2])
    v000, v001 = volume[i, j, k], volume[i, j, k1]
    v010, v011 = volume[i, j1, k], volume[i, j1, k1]
    v100, v101 = volume[i1, j, k], volume[i1, j, k1]
    v110, v111 = volume[i1, j1, k], volume[i1, j1, k1]
    e00, e01 = v000 + c * (v001 - v000), v010 + c * (v011 - v010)
    e10, e11 = v100 + c * (v101 - v100), v110 + c * (v111 - v110)
    low, high = e00 + b * (e01 - e00), e10 + b * (e11 - e10)
    along_y = (1 - a) * (e01 - e00) + a * (e11 - e10)
    along_z = (1 - a) * ((1 - b) * (v001 - v000) + b * (v011 - v010)) + a * (
        (1 - b) * (v101 - v100) + b * (v111 - v110)
    )
    return low + a * (high - low), high - low, along_y, along_z


@kernel(parallel=True)
def along_affine(
    volume: NDArray[Any], matrix: NDArray[np.float64], outside: float, out: NDArray[Any]
) -> None:
    """Fill ``out`` with linear values of ``volume`` at voxel places ``matrix @ (i, j, k, 1)``."""
    nx, ny, nz = out.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2] * k + matrix[0, 3]
                y = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2] * k + matrix[1, 3]
                z = matrix[2, 0] * i + matrix[2, 1] * j + matrix[2, 2] * k + matrix[2, 3]
                out[i, j, k] = linear(volume, x, y, z) if inside(x, y, z, volume.shape) else outside


@kernel(parallel=True)
def at_places(
    volume: NDArray[Any], places: NDArray[Any], outside: float, out: NDArray[Any]
) -> None:
    """Fill ``out`` (x, y, z) with linear values at the voxel places (x, y, z, 3)."""
    nx, ny, nz = out.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x, y, z = places[i, j, k, 0], places[i, j, k, 1], places[i, j, k, 2]
                out[i, j, k] = linear(volume, x, y, z) if inside(x, y, z, volume.shape) else outside


@kernel(parallel=True)
def vectors_at(vectors: NDArray[Any], places: NDArray[Any], out: NDArray[Any]) -> None:
    """Fill ``out`` (n, 3) with linear values of a vector field (x, y, z, 3) at places (n, 3).

    The nearest voxel goes on past the edge, so that a warp has no step there.
    """
    sx, sy, sz = vectors.shape[0], vectors.shape[1], vectors.shape[2]
    for p in prange(places.shape[0]):
        i, i1, a = corner(places[p, 0], sx)
        j, j1, b = corner(places[p, 1], sy)
        k, k1, c = corner(places[p, 2], sz)
        for d in range(3):
            low = (1 - b) * ((1 - c) * vectors[i, j, k, d] + c * vectors[i, j, k1, d]) + b * (
                (1 - c) * vectors[i, j1, k, d] + c * vectors[i, j1, k1, d]
            )
            high = (1 - b) * ((1 - c) * vectors[i1, j, k, d] + c * vectors[i1, j, k1, d]) + b * (
                (1 - c) * vectors[i1, j1, k, d] + c * vectors[i1, j1, k1, d]
            )
            out[p, d] = (1 - a) * low + a * high
