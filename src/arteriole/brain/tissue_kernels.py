"""Expectation steps of the tissue mixture, over voxels, with the prior interpolated on the way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.registration.interpolate import corner, inside
from arteriole.numerics.jit import kernel, prange

SHARES = np.full(len(c.CLASSES), -1, dtype=np.int64)
"""Fluid (0), grey (1) or white (2) matter by part; -1 outside."""
SHARES[list(c.FLUID)] = 0
SHARES[list(c.GREY)] = 1
SHARES[list(c.WHITE_MATTER)] = 2

_ROOT = math.sqrt(2 * math.pi)


@kernel()
def _prior_at(table: Any, matrix: Any, i: int, j: int, k: int, out: Any) -> bool:
    """Fill ``out`` with the prior of each part at a voxel; False where it is all outside."""
    px = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2] * k + matrix[0, 3]
    py = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2] * k + matrix[1, 3]
    pz = matrix[2, 0] * i + matrix[2, 1] * j + matrix[2, 2] * k + matrix[2, 3]
    if not inside(px, py, pz, table.shape[:3]):
        return False
    x0, x1, a = corner(px, table.shape[0])
    y0, y1, b = corner(py, table.shape[1])
    z0, z1, d = corner(pz, table.shape[2])
    outer = 1.0
    for x in (x0, x1):
        for y in (y0, y1):
            outer = min(outer, table[x, y, z0, 0], table[x, y, z1, 0])
    if outer > 0.999:
        return False
    for n in range(table.shape[3]):
        low = (1 - b) * ((1 - d) * table[x0, y0, z0, n] + d * table[x0, y0, z1, n]) + b * (
            (1 - d) * table[x0, y1, z0, n] + d * table[x0, y1, z1, n]
        )
        high = (1 - b) * ((1 - d) * table[x1, y0, z0, n] + d * table[x1, y0, z1, n]) + b * (
            (1 - d) * table[x1, y1, z0, n] + d * table[x1, y1, z1, n]
        )
        out[n] = (1 - a) * low + a * high
    return True


@kernel()
def _likelihood(value: float, mean: float, spread: float, outliers: float, top: float) -> float:
    """Return the density of a value in a tissue whose outliers are anywhere in the range."""
    if outliers >= 1.0:
        return 1.0
    z = (value - mean) / spread
    return (1 - outliers) * math.exp(-0.5 * z * z) / (spread * _ROOT) + outliers / top


@kernel(parallel=True)
def statistics(
    image: Any,
    bias: Any,
    table: Any,
    matrix: Any,
    group_of: Any,
    mean: Any,
    spread: Any,
    outliers: float,
    top: float,
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """Return sums of weight, value and square by group, and the two maps of the bias.

    Only the part of a weight that the Gaussian explains counts, not the outliers' part.
    """
    nx, ny, nz = image.shape
    groups, parts = mean.size, table.shape[3]
    planes = np.zeros((nx, groups, 3))
    up = np.zeros(image.shape, np.float32)
    down = np.zeros(image.shape, np.float32)
    for i in prange(nx):
        prior = np.empty(parts)
        weight = np.empty(groups)
        for j in range(ny):
            for k in range(nz):
                if not _prior_at(table, matrix, i, j, k, prior):
                    continue
                value = image[i, j, k] / bias[i, j, k]
                weight[:] = 0.0
                whole = prior[0] * (1.0 if outliers >= 1.0 else 1.0 / top)
                for n in range(1, parts):
                    g = group_of[n]
                    whole += prior[n] * _likelihood(value, mean[g], spread[g], outliers, top)
                    if outliers >= 1.0:
                        weight[g] += prior[n]
                    else:
                        z = (value - mean[g]) / spread[g]
                        weight[g] += (
                            prior[n] * (1 - outliers) * math.exp(-0.5 * z * z) / (spread[g] * _ROOT)
                        )
                if whole <= 0.0:
                    continue
                above, below = 0.0, 0.0
                for g in range(groups):
                    w = weight[g] / whole
                    planes[i, g, 0] += w
                    planes[i, g, 1] += w * value
                    planes[i, g, 2] += w * value * value
                    precision = w / (spread[g] * spread[g]) if spread[g] < np.inf else 0.0
                    above += precision * image[i, j, k] * mean[g]
                    below += precision * mean[g] * mean[g]
                up[i, j, k] = above
                down[i, j, k] = below
    sums = np.zeros((groups, 3))
    for i in range(nx):
        sums += planes[i]
    return sums, up, down


@kernel(parallel=True)
def posterior(
    image: Any,
    bias: Any,
    table: Any,
    matrix: Any,
    group_of: Any,
    share_of: Any,
    mean: Any,
    spread: Any,
    outliers: float,
    top: float,
    before: Any,
    pull: float,
    labels: Any,
    shares: Any,
) -> None:
    """Fill labels and shares from intensity, prior and the neighbours' shares before."""
    nx, ny, nz = image.shape
    parts = table.shape[3]
    for i in prange(nx):
        prior = np.empty(parts)
        around = np.empty(3)
        for j in range(ny):
            for k in range(nz):
                if not _prior_at(table, matrix, i, j, k, prior):
                    continue
                value = image[i, j, k] / bias[i, j, k]
                for s in range(3):
                    around[s] = 0.0
                    if pull > 0.0:
                        around[s] = (
                            before[s, max(i - 1, 0), j, k]
                            + before[s, min(i + 1, nx - 1), j, k]
                            + before[s, i, max(j - 1, 0), k]
                            + before[s, i, min(j + 1, ny - 1), k]
                            + before[s, i, j, max(k - 1, 0)]
                            + before[s, i, j, min(k + 1, nz - 1)]
                        )
                best, label, whole = prior[0] / top, 0, prior[0] / top
                if pull > 0.0:
                    rest = 6.0 - around[0] - around[1] - around[2]
                    whole *= math.exp(pull * rest)
                    best = whole
                part = np.zeros(3)
                for n in range(1, parts):
                    g, s = group_of[n], share_of[n]
                    p = prior[n] * _likelihood(value, mean[g], spread[g], outliers, top)
                    p *= math.exp(pull * around[s])
                    part[s] += p
                    whole += p
                    if p > best:
                        best, label = p, n
                if whole > 0.0:
                    labels[i, j, k] = label
                    for s in range(3):
                        shares[s, i, j, k] = part[s] / whole
