"""A small head in two contrasts, sampled wherever a grid lies: balls with odd inner parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid

T1, FLAIR = (0.0, 70.0, 10.0, 60.0, 100.0, 20.0), (0.0, 55.0, 8.0, 90.0, 72.0, 14.0)
"""Air, scalp, skull, grey, white, fluid."""


def tissue_at(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the tissue at world places (..., 3), mm: no mirror or turn brings it onto itself."""
    x, y, z = np.moveaxis(points, -1, 0)
    shell = np.sqrt((x / 70) ** 2 + (y / 88) ** 2 + (z / 72) ** 2)
    out = np.digitize(-shell, [-1.0, -0.92, -0.85])
    # A face and a neck: without them a ball hardly tells how it is turned.
    face = (np.abs(x) < 32) & (y > 40) & (y < 84) & (z > -76) & (z < -18)
    neck = (x**2 + (y + 35) ** 2 < 45**2) & (z < -40)
    out = np.where(
        (out == 0) & (face | neck), np.where(np.sin(y / 5) * np.sin(z / 6) > 0, 1, 2), out
    )
    folds = 0.25 * np.sin(y / 7 + x / 20) + 0.25 * np.sin(x / 6 - z / 15) * np.sin(z / 7 + 1)
    white = (x / 45) ** 2 + ((y + 4) / 60) ** 2 + ((z - 4) / 42) ** 2 < 1 + folds
    out = np.where(white, 4, out)
    for cx, cy, cz, rx, ry, rz in (
        (-11, 0, 8, 6, 26, 8),
        (12, 6, 9, 6, 18, 7),
        (8, -45, -20, 9, 6, 9),
    ):
        out = np.where(
            ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2 < 1, 5, out
        )
    return out


def scan(
    grid: Grid,
    means: tuple[float, ...],
    *,
    pose: NDArray[np.float64] | None = None,
    parts: int = 3,
    noise: float = 2.0,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return the head at a pose on a grid, with partial volume and noise."""
    back = np.linalg.inv(np.eye(4) if pose is None else pose)
    table = np.array(means)
    voxels = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    image = np.zeros(grid.shape)
    places = (np.arange(parts) + 0.5) / parts - 0.5
    for offset in np.stack(np.meshgrid(places, places, places), axis=-1).reshape(-1, 3):
        points = grid.to_world(voxels + offset) @ back[:3, :3].T + back[:3, 3]
        image += table[tissue_at(points)]
    image /= parts**3
    return (image + np.random.default_rng(seed).normal(0, noise, grid.shape)).astype(np.float32)


def places() -> NDArray[np.float64]:
    """Return places in the head, mm."""
    ball = np.random.default_rng(1).uniform(-70, 70, (500, 3))
    return ball[np.isin(tissue_at(ball), (3, 4, 5))]
