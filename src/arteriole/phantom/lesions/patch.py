"""A small lattice of its own for a small lesion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.structure import Size3, Structure

Field = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Patch:
    """A cube of points round a place.

    Parameters
    ----------
    origin_mm, spacing_mm
        World position of the first point, and the distance between points.
    points_mm : ndarray, float64, (n^3, 3)
        World positions.
    size : int
        Points along an axis.
    """

    origin_mm: Size3
    spacing_mm: float
    points_mm: NDArray[np.float64]
    size: int

    def structure(self, name: str, tissue: int, level: Field, **look: float) -> Structure:
        """Return the solid with this depth (n^3,) at these points."""
        cube = np.ascontiguousarray(level.reshape(3 * (self.size,)), dtype=np.float32)
        return Structure(name, tissue, cube, self.origin_mm, self.spacing_mm, **look).cropped()  # type: ignore[arg-type]


def patch(centre_mm: NDArray[np.float64], reach_mm: float, spacing_mm: float) -> Patch:
    """Lay a cube of points from ``reach_mm`` before to ``reach_mm`` behind a place."""
    half = int(np.ceil(reach_mm / spacing_mm))
    steps = spacing_mm * np.arange(-half, half + 1)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    low = centre_mm - half * spacing_mm
    origin = (float(low[0]), float(low[1]), float(low[2]))
    return Patch(origin, spacing_mm, cube + centre_mm, 2 * half + 1)


def ovoid(
    points_mm: NDArray[np.float64],
    centre_mm: NDArray[np.float64],
    along: NDArray[np.float64],
    half_mm: tuple[float, float, float],
    *,
    taper: float = 0.0,
) -> Field:
    """Return the approximate depth (mm) inside an ellipsoid whose first axis runs along a way.

    Parameters
    ----------
    points_mm : ndarray, (n, 3)
        Where.
    centre_mm, along : ndarray, (3,)
        Its middle, and the direction of its first axis.
    half_mm : tuple of 3 float
        Half axes.
    taper : float
        How much narrower it is behind and wider ahead: 0 an ellipsoid, 0.5 a wedge.
    """
    first = along / np.linalg.norm(along)
    second = np.cross(first, np.eye(3)[int(np.argmin(np.abs(first)))])
    second /= np.linalg.norm(second)
    frame = np.stack([first, second, np.cross(first, second)])
    p = (points_mm - centre_mm) @ frame.T / half_mm
    p[:, 1:] /= np.clip(1.0 + taper * p[:, :1], 0.2, 2.0)
    near = np.sqrt((p**2).sum(axis=1))
    slope = np.sqrt(((p / half_mm) ** 2).sum(axis=1))
    depth = np.where(near > 1e-6, near * (1.0 - near) / np.maximum(slope, 1e-9), min(half_mm))
    return np.asarray(depth, dtype=np.float32)
