"""A solid of one tissue, known by its depth on a lattice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

Size3 = tuple[float, float, float]

OUTSIDE_MM = -1e3
"""Depth where a structure's lattice has ended."""

FEW = 20000
"""So many points are done before threads have started."""


@dataclass(frozen=True, eq=False)
class Structure:
    """A solid of one tissue: its depth (mm, positive inside) on a lattice along the world's axes.

    Parameters
    ----------
    name : str
        What it is.
    tissue : int
        Row of `TISSUES`.
    level : ndarray, float32, (x, y, z)
        Signed distance to its surface, mm; outside the lattice nothing of it exists.
    origin_mm, spacing_mm
        World position of the first lattice point, and the distance between points.
    slope_per_mm : tuple of 3 float
        Relative change of chi and R2* per mm along the world's axes (iron gradients).
    centre_mm : tuple of 3 float
        Where that change is zero.
    chi_ppm : float, optional
        A susceptibility of its own, against water; its tissue's unless given.
    edge_mm : float
        Width over which it fades into what is around; that of a cell if that is more.
    strength : float
        Share of what was there that it replaces in its middle, in (0, 1].
    """

    name: str
    tissue: int
    level: NDArray[np.float32]
    origin_mm: Size3
    spacing_mm: float
    slope_per_mm: Size3 = (0.0, 0.0, 0.0)
    centre_mm: Size3 = (0.0, 0.0, 0.0)
    chi_ppm: float | None = None
    edge_mm: float = 0.0
    strength: float = 1.0

    @cached_property
    def steepest(self) -> NDArray[np.float32]:
        """Largest change of the depth (mm) between neighbouring points along each axis, (3,)."""
        return np.array([_largest_step(self.level, a) for a in range(3)], dtype=np.float32)

    def depth(self, points_mm: NDArray[Any]) -> NDArray[np.float32]:
        """Return the depth (mm) of world points (n, 3), trilinear; -1000 beyond the lattice."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        at = (points - self.origin_mm) / self.spacing_mm
        out = np.empty(len(at), dtype=np.float32)
        sample = _sample if len(at) > FEW else _sample_few
        sample(self.level, np.ascontiguousarray(at, dtype=np.float32), out)
        return out

    def points(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return the world coordinates of its lattice as three arrays that broadcast."""
        x, y, z = np.ix_(
            *[
                (o + self.spacing_mm * np.arange(n)).astype(np.float32)
                for o, n in zip(self.origin_mm, self.level.shape, strict=True)
            ]
        )
        return x, y, z

    def cropped(self) -> Structure:
        """Return the same solid on the part of its lattice that it reaches."""
        near = self.level > -2.0 * self.spacing_mm
        if not near.any():
            return self
        box: list[slice[Any, Any, Any]] = []
        origin = []
        for axis in range(3):
            others = tuple(a for a in range(3) if a != axis)
            there = np.flatnonzero(near.any(axis=others))
            low = max(int(there[0]) - 1, 0)
            box.append(slice(low, int(there[-1]) + 2))
            origin.append(self.origin_mm[axis] + low * self.spacing_mm)
        level: NDArray[np.float32] = np.ascontiguousarray(self.level[tuple(box)])
        return replace(self, level=level, origin_mm=(origin[0], origin[1], origin[2]))


def _largest_step(level: NDArray[np.float32], axis: int) -> float:
    """Return the largest difference between neighbours along an axis."""
    moved = np.moveaxis(level, axis, 0)
    if len(moved) < 2:
        return 0.0
    return max(float(np.abs(b - a).max()) for a, b in pairwise(moved))


@kernel()
def level_at(
    level: NDArray[np.float32],
    u: np.float32,
    v: np.float32,
    w: np.float32,
) -> np.float32:
    """Interpolate a lattice at fractional indices; far outside its solid where it has ended."""
    i, j, k = int(np.floor(u)), int(np.floor(v)), int(np.floor(w))
    if i < 0 or j < 0 or k < 0:
        return np.float32(OUTSIDE_MM)
    if i + 1 >= level.shape[0] or j + 1 >= level.shape[1] or k + 1 >= level.shape[2]:
        return np.float32(OUTSIDE_MM)
    a, b, c = u - np.float32(i), v - np.float32(j), w - np.float32(k)
    one = np.float32(1.0)
    low = (level[i, j, k] * (one - c) + level[i, j, k + 1] * c) * (one - b) + (
        level[i, j + 1, k] * (one - c) + level[i, j + 1, k + 1] * c
    ) * b
    high = (level[i + 1, j, k] * (one - c) + level[i + 1, j, k + 1] * c) * (one - b) + (
        level[i + 1, j + 1, k] * (one - c) + level[i + 1, j + 1, k + 1] * c
    ) * b
    return low * (one - a) + high * a


@kernel(parallel=True)
def _sample(level: NDArray[np.float32], at: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Interpolate a lattice at many points."""
    for p in prange(out.size):
        out[p] = level_at(level, at[p, 0], at[p, 1], at[p, 2])


@kernel()
def _sample_few(
    level: NDArray[np.float32], at: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Interpolate a lattice at few points."""
    for p in range(out.size):
        out[p] = level_at(level, at[p, 0], at[p, 1], at[p, 2])
