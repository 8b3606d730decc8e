"""Expectation steps of the tissue mixture, over voxels, with the prior interpolated on the way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.registration.interpolate import corner, inside
from arteriole.numerics.jit import kernel, prange

AROUND = ("air", "bone", "soft tissue, dark", "soft tissue, bright")
"""Parts around the brain that an atlas adds to `arteriole.brain.classes.CLASSES`."""
AROUND_COUNT = len(AROUND)
PARTS = len(c.CLASSES) + len(AROUND) + 1
"""The last one is sulcal fluid that looks like the ventricles', unmixed with cortex and dura."""
SHARES = np.full(PARTS, -1, dtype=np.int64)
"""Fluid (0), grey (1) or white (2) matter by part; -1 outside."""
SHARES[[*c.FLUID, PARTS - 1]] = 0
SHARES[list(c.GREY)] = 1
SHARES[list(c.WHITE_MATTER)] = 2

_ROOT = math.sqrt(2 * math.pi)
LEAST_INSIDE, LEAST = 2e-3, 1e-4
"""What is less likely inside the skull is outside; what is less likely than that is nowhere."""


@kernel()
def _prior_at(table: Any, matrix: Any, i: int, j: int, k: int, out: Any) -> bool:
    """Fill ``out`` with the prior of each part at a voxel; False where it is not near the brain.

    The last column of the table is the prior of all that lies inside the skull.
    """
    x = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2] * k + matrix[0, 3]
    y = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2] * k + matrix[1, 3]
    z = matrix[2, 0] * i + matrix[2, 1] * j + matrix[2, 2] * k + matrix[2, 3]
    if not inside(x, y, z, table.shape[:3]):
        return False
    x0, x1, a = corner(x, table.shape[0])
    y0, y1, b = corner(y, table.shape[1])
    z0, z1, d = corner(z, table.shape[2])
    last = table.shape[3] - 1
    if max(table[x0, y0, z0, last], table[x1, y1, z1, last]) < LEAST_INSIDE:
        return False
    for n in range(last):
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


@kernel()
def _weights(
    value: float,
    prior: Any,
    group_of: Any,
    mean: Any,
    spread: Any,
    outliers: float,
    top: float,
    weight: Any,
) -> float:
    """Fill the weight of each group's Gaussian at a voxel; return the sum with the outliers."""
    weight[:] = 0.0
    whole = 0.0
    for n in range(prior.size):
        g = group_of[n]
        if prior[n] < LEAST:
            continue
        if outliers >= 1.0:
            whole += prior[n]
            if g >= 0:
                weight[g] += prior[n]
        elif g < 0:
            whole += prior[n] / top
        else:
            z = (value - mean[g]) / spread[g]
            own = prior[n] * (1 - outliers) * math.exp(-0.5 * z * z) / (spread[g] * _ROOT)
            weight[g] += own
            whole += own + prior[n] * outliers / top
    return whole


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
    groups, parts = mean.size, table.shape[3] - 1
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
                whole = _weights(value, prior, group_of, mean, spread, outliers, top, weight)
                if whole <= 0.0:
                    continue
                above, below = 0.0, 0.0
                for g in range(groups):
                    w = weight[g] / whole
                    planes[i, g, 0] += w
                    planes[i, g, 1] += w * value
                    planes[i, g, 2] += w * value * value
                    if g >= groups - AROUND_COUNT or spread[g] == np.inf:
                        continue
                    precision = w / (spread[g] * spread[g])
                    above += precision * value * mean[g]
                    below += precision * mean[g] * mean[g]
                up[i, j, k] = above
                down[i, j, k] = below
    sums = np.zeros((groups, 3))
    for i in range(nx):
        sums += planes[i]
    return sums, up, down


@kernel()
def _decide(
    value: float,
    prior: Any,
    group_of: Any,
    share_of: Any,
    mean: Any,
    spread: Any,
    outliers: float,
    top: float,
    around: Any,
    rest: float,
    pull: float,
    part: Any,
) -> int:
    """Add up fluid, grey, white and outside in ``part``; return the likeliest part's number."""
    best, label = 0.0, 0
    for n in range(prior.size):
        if prior[n] < LEAST:
            continue
        g, s = group_of[n], share_of[n]
        p = prior[n] * math.exp(pull * (rest if s < 0 else around[s]))
        p *= 1 / top if g < 0 else _likelihood(value, mean[g], spread[g], outliers, top)
        part[s] += p
        if s >= 0 and p > best:
            best, label = p, n if n < PARTS - 1 else c.SULCAL
    outside = part[3]
    return 0 if outside > part[0] + part[1] + part[2] else label


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
    parts = table.shape[3] - 1
    for i in prange(nx):
        prior = np.empty(parts)
        around, part = np.zeros(3), np.zeros(4)
        for j in range(ny):
            for k in range(nz):
                if not _prior_at(table, matrix, i, j, k, prior):
                    continue
                value = image[i, j, k] / bias[i, j, k]
                if pull > 0.0:
                    for s in range(3):
                        around[s] = (
                            before[s, max(i - 1, 0), j, k]
                            + before[s, min(i + 1, nx - 1), j, k]
                            + before[s, i, max(j - 1, 0), k]
                            + before[s, i, min(j + 1, ny - 1), k]
                            + before[s, i, j, max(k - 1, 0)]
                            + before[s, i, j, min(k + 1, nz - 1)]
                        )
                rest = 6.0 - around[0] - around[1] - around[2]
                part[:] = 0.0
                label = _decide(
                    value,
                    prior,
                    group_of,
                    share_of,
                    mean,
                    spread,
                    outliers,
                    top,
                    around,
                    rest,
                    pull,
                    part,
                )
                whole = part[0] + part[1] + part[2] + part[3]
                if whole > 0.0:
                    labels[i, j, k] = label
                    for s in range(3):
                        shares[s, i, j, k] = part[s] / whole
