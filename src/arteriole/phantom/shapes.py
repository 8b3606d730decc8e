"""Signed distances of simple solids (mm, positive inside), and how to join them smoothly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    axis = np.subtract(b, a)
    square = max(float(axis @ axis), 1e-9)
    dx, dy, dz = x - a[0], y - a[1], z - a[2]
    t = np.clip((dx * axis[0] + dy * axis[1] + dz * axis[2]) / square, 0.0, 1.0)
    away = np.sqrt((dx - t * axis[0]) ** 2 + (dy - t * axis[1]) ** 2 + (dz - t * axis[2]) ** 2)
    return _float32(ra + t * (rb - ra) - away)


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
