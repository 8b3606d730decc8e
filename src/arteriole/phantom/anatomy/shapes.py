"""Signed distances of simple solids (mm, positive inside), and how to join them smoothly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

Level = NDArray[np.float32]
Point = tuple[float, float, float]


def ellipsoid(x: Level, y: Level, z: Level, centre: Point, radii: Point) -> Level:
    """Return the approximate depth inside an ellipsoid (exact on its surface and for spheres)."""
    p = [(c - m) / r for c, m, r in zip((x, y, z), centre, radii, strict=True)]
    near = np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2)
    slope = np.sqrt(sum((q / r) ** 2 for q, r in zip(p, radii, strict=True)))
    return _float32(near * (1.0 - near) / np.maximum(slope, 1e-6))


def tube(
    x: Level, y: Level, z: Level, points: list[Point], radii: list[float], *, blend: float = 0.0
) -> Level:
    """Return the depth inside a chain of cones through points with a radius at each."""
    level: Level | None = None
    for a, b, ra, rb in zip(points[:-1], points[1:], radii[:-1], radii[1:], strict=True):
        piece = _cone(x, y, z, a, b, ra, rb)
        level = piece if level is None else union(level, piece, blend)
    if level is None:
        raise ValueError(f"a tube needs two points or more, not {len(points)}")
    return level


def _cone(x: Level, y: Level, z: Level, a: Point, b: Point, ra: float, rb: float) -> Level:
    """Depth inside a round-ended cone."""
    p, q, r = (np.ascontiguousarray(c, dtype=np.float32).ravel() for c in (x, y, z))
    out = np.empty(p.size, dtype=np.float32)
    _fill_cone(out, p, q, r, np.array([*a, *b, ra, rb], dtype=np.float32))
    return out.reshape(x.shape)


@kernel(parallel=True)
def _fill_cone(out: Level, x: Level, y: Level, z: Level, cone: NDArray[np.float32]) -> None:
    """Write the depth of each point inside a cone given as both ends and both radii."""
    zero, one = np.float32(0.0), np.float32(1.0)
    ux, uy, uz = cone[3] - cone[0], cone[4] - cone[1], cone[5] - cone[2]
    per_square = one / max(ux * ux + uy * uy + uz * uz, np.float32(1e-9))
    for p in prange(out.size):
        dx, dy, dz = x[p] - cone[0], y[p] - cone[1], z[p] - cone[2]
        t = min(max((dx * ux + dy * uy + dz * uz) * per_square, zero), one)
        dx, dy, dz = dx - t * ux, dy - t * uy, dz - t * uz
        out[p] = cone[6] + t * (cone[7] - cone[6]) - np.sqrt(dx * dx + dy * dy + dz * dz)


def union(a: Level, b: Level, blend: float = 0.0) -> Level:
    """Join two solids; within ``blend`` mm of the crease the surface is rounded."""
    if blend <= 0:
        return _float32(np.maximum(a, b))
    h = np.maximum(blend - np.abs(a - b), 0.0) / blend
    return _float32(np.maximum(a, b) + h * h * blend * 0.25)


def intersection(a: Level, b: Level, blend: float = 0.0) -> Level:
    """Keep what lies in both solids, the crease rounded over ``blend`` mm."""
    return _float32(-union(-a, -b, blend))


def smoothstep(values: NDArray[Any], low: float, high: float) -> Level:
    """Rise from 0 at ``low`` to 1 at ``high`` with zero slope at both ends."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return _float32(t * t * (3.0 - 2.0 * t))


def _float32(values: NDArray[Any]) -> Level:
    return np.asarray(values, dtype=np.float32)
