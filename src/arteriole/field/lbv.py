"""LBV: background field removal by solving Laplace's equation from the mask's boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box, fill_holes
from arteriole.numerics.steps import add_scaled, turn
from arteriole.numerics.sums import inner

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Steps = NDArray[np.int64]

_SWEEPS = 2
_COARSEST_SWEEPS = 12


def remove_background_lbv(
    field: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    peel: int = 0,
    noise: Float32 | None = None,
    noise_limit: float = 1.5,
    tolerance: float = 1e-4,
    iterations: int = 60,
) -> tuple[Float32, Mask]:
    """Return the field that sources inside the mask make, and where it is valid.

    Parameters
    ----------
    field : ndarray, float, (x, y, z)
        Total field, any unit, finite inside the mask.
    mask : ndarray, bool, (x, y, z)
        Where the total field is reliable, at its boundary above all.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    peel : int
        Layers of voxels to take off the mask first, not negative.
    noise : ndarray, float, (x, y, z), optional
        Standard deviation of the field, any unit. With it, only voxels of much noise are peeled:
        then ``peel`` may be large (4), and most of the edge stays.
    noise_limit : float
        Noise above so many times the median in the mask is much, positive.
    tolerance : float
        The end is when the error's energy has fallen to this share (of its root) of the first.
    iterations : int
        Most steps of conjugate gradients.

    Returns
    -------
    local : ndarray, float32, (x, y, z)
        Local field, unit of ``field``, zero outside the new mask.
    mask : ndarray, bool, (x, y, z)
        The peeled mask without its outermost voxels, where the local field is zero by assumption.

    Raises
    ------
    ValueError
        If shapes differ, field or noise are not finite, the numbers of layers or steps, the
        tolerance or the limit are impossible, or the mask has no inside.

    Notes
    -----
    The background solves Laplace's equation in the mask and is taken to equal the total field on
    the mask's outermost voxels. The local field is what is left: it solves ``lap u = lap f`` with
    ``u = 0`` on those voxels (seven-point Laplacian). Holes that the mask encloses are crossed:
    the field inside is not used to find the background, so that a bleed without signal in the
    middle of the brain does no harm. What is not true at the boundary, be it noise, a wrap or a
    strong source beside it, is carried inwards like a background: a mask that leaks into tissue
    without signal ruins the result, unless ``peel`` with ``noise`` takes the leak off.

    Conjugate gradients, preconditioned by one symmetric V-cycle with red-black smoothing; axes
    of short voxels are coarsened first. The number of steps hardly depends on size or mask.

    References
    ----------
    Zhou 2014, doi:10.1002/nbm.3064; conjugate gradients preconditioned by multigrid:
    Tatebe 1993, NASA CP-3224, 621-634.
    """
    check_field(field, mask, voxel_size_mm)
    if peel < 0 or iterations < 1 or not 0 < tolerance < 1:
        raise ValueError(
            "layers are not negative, steps positive and the tolerance lies between 0 and 1, "
            f"not {peel}, {iterations} and {tolerance}"
        )
    doubtful = _doubtful(mask, noise, noise_limit)
    # No background comes from a hole: it is crossed, and its rim is no boundary.
    domain = fill_holes(_without_shell(fill_holes(mask), peel, doubtful) & mask)
    inside = _without_shell(domain, 1)
    kept = inside & mask
    if not kept.any():
        raise ValueError(f"the mask has no inside left once {peel + 1} layers are off")
    box = bounding_box(inside)
    # One voxel of boundary on every side; the shell's own values lie in it.
    wide = tuple(slice(s.start - 1, s.stop + 1) for s in box)
    unknown = np.ascontiguousarray(inside[wide])
    centre = field[mask].mean(dtype=np.float64)
    centred = np.where(mask[wide], field[wide] - centre, 0)
    local = np.zeros(mask.shape, np.float32)
    solution = _solve(centred, unknown, voxel_size_mm, tolerance, iterations)
    local[wide] = np.where(kept[wide], solution, np.float32(0))
    return local, kept


def _doubtful(mask: Mask, noise: Float32 | None, limit: float) -> Mask | None:
    """Tell which voxels have more noise than so many times the median in the mask."""
    if noise is None:
        return None
    if not limit > 0:
        raise ValueError(f"the limit of noise is positive, not {limit}")
    if noise.shape != mask.shape or not np.isfinite(noise[mask]).all():
        raise ValueError("noise has the field's shape and is finite in the mask")
    return np.asarray(noise > limit * np.median(noise[mask]))


def _without_shell(mask: Mask, layers: int, where: Mask | None = None) -> Mask:
    """Take off, so many times, voxels with a neighbour (of six) outside the mask or volume."""
    if layers == 0:
        return mask
    outside = np.pad(~mask, 1, constant_values=True)
    free = None if where is None else np.pad(where, 1, constant_values=True)
    grown = scipy.ndimage.binary_dilation(outside, iterations=layers, mask=free)
    return np.ascontiguousarray(~(grown | outside)[1:-1, 1:-1, 1:-1])


def _solve(
    field: NDArray[np.float64],
    unknown: Mask,
    voxel_size_mm: Size3,
    tolerance: float,
    iterations: int,
) -> Float32:
    """Find the local field by preconditioned conjugate gradients."""
    levels = _levels(unknown, voxel_size_mm)
    finest = levels[0]
    residual = np.zeros(field.shape, np.float32)
    _laplacian(field, unknown, finest.inverse, residual)
    local = np.zeros_like(residual)
    product = np.zeros_like(residual)
    ahead = _v_cycle(levels, 0, residual)
    search = ahead.copy()
    energy = first = inner(residual, ahead)
    for _ in range(iterations):
        if energy <= tolerance**2 * first:
            break
        # step
        _laplacian(search, unknown, finest.inverse, product)
        step = np.float32(energy / inner(search, product))
        add_scaled(local, step, search)
        add_scaled(residual, -step, product)
        # next direction
        ahead = _v_cycle(levels, 0, residual)
        before, energy = energy, inner(residual, ahead)
        turn(search, np.float32(energy / before), ahead)
    return local


@dataclass(frozen=True)
class _Level:
    """One grid: its unknowns, 1 / spacing^2 (1/mm2), and the steps to the next coarser one."""

    unknown: Mask
    inverse: Float32
    steps: Steps


def _levels(unknown: Mask, voxel_size_mm: Size3) -> list[_Level]:
    """Return grids from fine to coarse, until a few voxels hold the whole."""
    levels = []
    spacing = np.asarray(voxel_size_mm, dtype=np.float64)
    while True:
        # Point smoothing fails along an axis whose voxels are much longer than the others.
        steps = np.where(spacing < 1.5 * spacing.min(), 2, 1)
        levels.append(_Level(unknown, (1 / spacing**2).astype(np.float32), steps))
        coarse = np.ascontiguousarray(unknown[:: steps[0], :: steps[1], :: steps[2]])
        wanted = [n // s + 1 if s > 1 else n for n, s in zip(unknown.shape, steps, strict=True)]
        coarse = np.pad(coarse, [(0, w - n) for w, n in zip(wanted, coarse.shape, strict=True)])
        if coarse.sum() < 8:
            return levels
        unknown, spacing = coarse, spacing * steps


def _v_cycle(levels: list[_Level], at: int, load: Float32) -> Float32:
    """Return about the inverse of minus the Laplacian of the load, a symmetric linear map."""
    level = levels[at]
    found = np.zeros_like(load)
    last = at + 1 == len(levels)
    sweeps = _COARSEST_SWEEPS if last else _SWEEPS
    for _ in range(sweeps):
        _smooth(found, load, level.unknown, level.inverse, 0)
        _smooth(found, load, level.unknown, level.inverse, 1)
    if not last:
        coarse = np.zeros(levels[at + 1].unknown.shape, np.float32)
        rest = np.zeros_like(load)
        _laplacian(found, level.unknown, level.inverse, rest)
        np.subtract(load, rest, out=rest)
        _restrict(rest, levels[at + 1].unknown, level.steps, coarse)
        _prolong(_v_cycle(levels, at + 1, coarse), level.unknown, level.steps, found)
    for _ in range(sweeps):
        _smooth(found, load, level.unknown, level.inverse, 1)
        _smooth(found, load, level.unknown, level.inverse, 0)
    return found


# The outermost voxels of every grid are no unknowns: neighbours need no bounds.


@kernel(parallel=True)
def _laplacian(volume: NDArray[Any], unknown: Mask, inverse: Float32, out: Float32) -> None:
    """Write minus the seven-point Laplacian where there are unknowns."""
    nx, ny, nz = out.shape
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                if unknown[i, j, k]:
                    twice = volume[i, j, k] + volume[i, j, k]
                    x = (twice - volume[i - 1, j, k] - volume[i + 1, j, k]) * inverse[0]
                    y = (twice - volume[i, j - 1, k] - volume[i, j + 1, k]) * inverse[1]
                    z = (twice - volume[i, j, k - 1] - volume[i, j, k + 1]) * inverse[2]
                    out[i, j, k] = x + y + z


@kernel(parallel=True)
def _smooth(found: Float32, load: Float32, unknown: Mask, inverse: Float32, colour: int) -> None:
    """Solve for every other unknown, as on a chessboard, from its neighbours."""
    nx, ny, nz = found.shape
    middle = np.float32(0.5) / (inverse[0] + inverse[1] + inverse[2])
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1 + (i + j + 1 + colour) % 2, nz - 1, 2):
                if unknown[i, j, k]:
                    x = (found[i - 1, j, k] + found[i + 1, j, k]) * inverse[0]
                    y = (found[i, j - 1, k] + found[i, j + 1, k]) * inverse[1]
                    z = (found[i, j, k - 1] + found[i, j, k + 1]) * inverse[2]
                    found[i, j, k] = (load[i, j, k] + x + y + z) * middle


@kernel(parallel=True)
def _restrict(fine: Float32, unknown: Mask, steps: Steps, out: Float32) -> None:
    """Write the weighted mean of the fine voxels around each coarse unknown."""
    nx, ny, nz = out.shape
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                if not unknown[i, j, k]:
                    continue
                total = np.float32(0)
                for a in range(1 - steps[0], steps[0]):
                    for b in range(1 - steps[1], steps[1]):
                        for c in range(1 - steps[2], steps[2]):
                            weight = np.float32(1) / (1 << (abs(a) + abs(b) + abs(c)))
                            place = steps[0] * i + a, steps[1] * j + b, steps[2] * k + c
                            total += weight * fine[place]
                out[i, j, k] = total / np.float32(steps[0] * steps[1] * steps[2])


@kernel(parallel=True)
def _prolong(coarse: Float32, unknown: Mask, steps: Steps, found: Float32) -> None:
    """Add the coarse volume, interpolated linearly, to the fine unknowns."""
    nx, ny, nz = found.shape
    for i in prange(1, nx - 1):
        i0, i1 = i // steps[0], (i + steps[0] - 1) // steps[0]
        for j in range(1, ny - 1):
            j0, j1 = j // steps[1], (j + steps[1] - 1) // steps[1]
            for k in range(1, nz - 1):
                if unknown[i, j, k]:
                    k0, k1 = k // steps[2], (k + steps[2] - 1) // steps[2]
                    near = coarse[i0, j0, k0] + coarse[i0, j0, k1]
                    near += coarse[i0, j1, k0] + coarse[i0, j1, k1]
                    near += coarse[i1, j0, k0] + coarse[i1, j0, k1]
                    near += coarse[i1, j1, k0] + coarse[i1, j1, k1]
                    found[i, j, k] += np.float32(0.125) * near
