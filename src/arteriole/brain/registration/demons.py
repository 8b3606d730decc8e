"""Diffeomorphic demons on several channels at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.interpolate import corner
from arteriole.numerics.convolve import convolve, gaussian_taps
from arteriole.numerics.jit import kernel, prange

Float32 = NDArray[np.float32]

LARGEST_STEP = 0.45
"""No step moves farther than this many voxels: the sum of small smooth steps does not fold."""


@dataclass(frozen=True)
class Demons:
    """How demons move.

    Parameters
    ----------
    iterations : tuple of int
        Steps on each grid, from the coarsest (blocks of 4) to the voxels.
    step_smoothing : float
        Standard deviation (voxels) of the smoothing of each step: fluid.
    warp_smoothing : float
        Standard deviation (voxels) of the smoothing of the whole warp after each step: elastic.
    softness : float
        Added to the curvature of the forces, as a share of the squared difference: shorter steps
        where there is no contrast.
    """

    iterations: tuple[int, ...] = (40, 30, 12)
    step_smoothing: float = 2.0
    warp_smoothing: float = 0.7
    softness: float = 1.0


def match_by_demons(
    fixed: Float32, moving: Float32, weight: Float32, *, how: Demons
) -> tuple[Float32, list[float]]:
    """Return the displacement that brings moving channels onto fixed ones of the same grid.

    Parameters
    ----------
    fixed, moving : ndarray, float32, (c, x, y, z)
        Channels, of about the same range.
    weight : ndarray, float32, (x, y, z)
        0 where either is not known.
    how : Demons
        Steps and smoothing.

    Returns
    -------
    displacement : ndarray, float32, (x, y, z, 3)
        In voxels: ``moving(p + displacement(p))`` looks like ``fixed(p)``.
    misfits : list of float
        Mean squared difference before, and at the end of each grid.

    Notes
    -----
    Each step d solves ``(sum_c J J^T + softness |diff|^2 I) d = sum_c J diff`` at each voxel, J
    the mean of the slopes of the fixed and the warped moving channel; d is smoothed, cut to less
    than half a voxel, and composed: ``u(p) <- d(p) + u(p + d(p))``.

    References
    ----------
    Vercauteren 2009, doi:10.1016/j.neuroimage.2008.10.040; several channels: Peyrat 2010,
    doi:10.1109/TMI.2009.2037756.
    """
    levels = [(fixed, moving, weight)]
    for _ in how.iterations[1:]:
        levels.append(tuple(_halved(one) for one in levels[-1]))  # type: ignore[arg-type]
    warp = np.zeros((*levels[-1][0].shape[1:], 3), np.float32)
    misfits: list[float] = []
    for number, (ours, theirs, trust) in enumerate(reversed(levels)):
        if number:
            warp = _doubled(warp, ours.shape[1:])
        elif not misfits:
            misfits.append(_misfit(fixed, moving, weight))
        warp = _level(ours, theirs, trust, warp, how, how.iterations[number])
        misfits.append(_misfit(ours, _warped(theirs, warp), trust))
    return warp, misfits


def _level(
    fixed: Float32, moving: Float32, weight: Float32, warp: Float32, how: Demons, iterations: int
) -> Float32:
    """Return the warp after the steps of one grid."""
    fluid = (gaussian_taps(how.step_smoothing, np.float32),) * 3
    elastic = (gaussian_taps(how.warp_smoothing, np.float32),) * 3
    warped = np.empty_like(moving)
    step, new = np.empty_like(warp), np.empty_like(warp)
    for _ in range(iterations):
        _warp_channels(moving, warp, warped)
        _forces(fixed, warped, weight, np.float32(how.softness), step)
        for d in range(3):
            step[..., d] = convolve(np.ascontiguousarray(step[..., d]), fluid)
        _cut(step, np.float32(LARGEST_STEP))
        _compose(warp, step, new)
        if how.warp_smoothing > 0:
            for d in range(3):
                new[..., d] = convolve(np.ascontiguousarray(new[..., d]), elastic)
        warp, new = new, warp
    return warp


def _misfit(fixed: Float32, warped: Float32, weight: Float32) -> float:
    """Return the weighted mean squared difference over channels."""
    squares = np.square(fixed - warped).mean(axis=0, dtype=np.float64)
    return float((squares * weight).sum() / max(float(weight.sum()), 1e-9))


def _warped(moving: Float32, warp: Float32) -> Float32:
    """Return the channels seen through a warp."""
    out = np.empty_like(moving)
    _warp_channels(moving, warp, out)
    return out


def _halved(volume: Float32) -> Float32:
    """Average blocks of two along the last three axes; the last voxel goes on where one is left."""
    for axis in range(volume.ndim - 3, volume.ndim):
        if volume.shape[axis] % 2:
            volume = np.concatenate([volume, np.take(volume, [-1], axis=axis)], axis=axis)
        shape = [*volume.shape[:axis], volume.shape[axis] // 2, 2, *volume.shape[axis + 1 :]]
        volume = volume.reshape(shape).mean(axis=axis + 1)
    return np.ascontiguousarray(volume, np.float32)


def _doubled(warp: Float32, shape: tuple[int, ...]) -> Float32:
    """Return a warp of blocks of two on the voxels, in voxels of the finer grid."""
    out = np.empty((*shape, 3), np.float32)
    _refine(warp, out)
    return out


@kernel(parallel=True)
def _refine(warp: Any, out: Any) -> None:
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                _vector(warp, (i - 0.5) / 2, (j - 0.5) / 2, (k - 0.5) / 2, out[i, j, k])
                for d in range(3):
                    out[i, j, k, d] *= 2


@kernel()
def _vector(vectors: Any, x: float, y: float, z: float, out: Any) -> None:
    """Fill ``out`` (3,) with the linear value of a vector field."""
    i, i1, a = corner(x, vectors.shape[0])
    j, j1, b = corner(y, vectors.shape[1])
    k, k1, c = corner(z, vectors.shape[2])
    for d in range(3):
        low = (1 - b) * ((1 - c) * vectors[i, j, k, d] + c * vectors[i, j, k1, d]) + b * (
            (1 - c) * vectors[i, j1, k, d] + c * vectors[i, j1, k1, d]
        )
        high = (1 - b) * ((1 - c) * vectors[i1, j, k, d] + c * vectors[i1, j, k1, d]) + b * (
            (1 - c) * vectors[i1, j1, k, d] + c * vectors[i1, j1, k1, d]
        )
        out[d] = (1 - a) * low + a * high


@kernel(parallel=True)
def _warp_channels(moving: Any, warp: Any, out: Any) -> None:
    count, nx, ny, nz = moving.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                i0, i1, a = corner(i + warp[i, j, k, 0], nx)
                j0, j1, b = corner(j + warp[i, j, k, 1], ny)
                k0, k1, c = corner(k + warp[i, j, k, 2], nz)
                for n in range(count):
                    m = moving[n]
                    low = (1 - b) * ((1 - c) * m[i0, j0, k0] + c * m[i0, j0, k1]) + b * (
                        (1 - c) * m[i0, j1, k0] + c * m[i0, j1, k1]
                    )
                    high = (1 - b) * ((1 - c) * m[i1, j0, k0] + c * m[i1, j0, k1]) + b * (
                        (1 - c) * m[i1, j1, k0] + c * m[i1, j1, k1]
                    )
                    out[n, i, j, k] = (1 - a) * low + a * high


@kernel(parallel=True)
def _forces(fixed: Any, warped: Any, weight: Any, softness: Any, step: Any) -> None:
    """Fill ``step`` with each voxel's own best move."""
    count, nx, ny, nz = fixed.shape
    for i in prange(nx):
        ia, ib = max(i - 1, 0), min(i + 1, nx - 1)
        for j in range(ny):
            ja, jb = max(j - 1, 0), min(j + 1, ny - 1)
            for k in range(nz):
                for d in range(3):
                    step[i, j, k, d] = 0
                if weight[i, j, k] == 0:
                    continue
                ka, kb = max(k - 1, 0), min(k + 1, nz - 1)
                xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                fx, fy, fz, square = 0.0, 0.0, 0.0, 0.0
                for c in range(count):
                    f, m = fixed[c], warped[c]
                    left = f[i, j, k] - m[i, j, k]
                    gx = 0.25 * (f[ib, j, k] - f[ia, j, k] + m[ib, j, k] - m[ia, j, k])
                    gy = 0.25 * (f[i, jb, k] - f[i, ja, k] + m[i, jb, k] - m[i, ja, k])
                    gz = 0.25 * (f[i, j, kb] - f[i, j, ka] + m[i, j, kb] - m[i, j, ka])
                    square += left * left
                    fx += gx * left
                    fy += gy * left
                    fz += gz * left
                    xx += gx * gx
                    xy += gx * gy
                    xz += gx * gz
                    yy += gy * gy
                    yz += gy * gz
                    zz += gz * gz
                stiff = softness * square + 1e-5
                xx += stiff
                yy += stiff
                zz += stiff
                # Cofactors of the symmetric 3 x 3 curvature, which is positive definite.
                cxx, cxy, cxz = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
                cyy, cyz, czz = xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy
                scale = weight[i, j, k] / (xx * cxx + xy * cxy + xz * cxz)
                step[i, j, k, 0] = scale * (cxx * fx + cxy * fy + cxz * fz)
                step[i, j, k, 1] = scale * (cxy * fx + cyy * fy + cyz * fz)
                step[i, j, k, 2] = scale * (cxz * fx + cyz * fy + czz * fz)


@kernel(parallel=True)
def _cut(step: Any, largest: Any) -> None:
    for i in prange(step.shape[0]):
        for j in range(step.shape[1]):
            for k in range(step.shape[2]):
                s = step[i, j, k]
                length = np.sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2])
                if length > largest:
                    for d in range(3):
                        s[d] *= largest / length


@kernel(parallel=True)
def _compose(warp: Any, step: Any, out: Any) -> None:
    for i in prange(step.shape[0]):
        for j in range(step.shape[1]):
            for k in range(step.shape[2]):
                s = step[i, j, k]
                _vector(warp, i + s[0], j + s[1], k + s[2], out[i, j, k])
                for d in range(3):
                    out[i, j, k, d] += s[d]
