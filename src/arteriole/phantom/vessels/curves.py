"""Smooth curves through a few points, and their windings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def curve(points: Sequence[Sequence[float]] | Points, *, step_mm: float = 2.0) -> Points:
    """Return a smooth curve through points (Catmull-Rom) at about even steps."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None]
    out = [
        b
        + 0.5 * ((c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return evenly(np.concatenate([*out, p[-2:-1]]), step_mm=step_mm)


def evenly(path: Points, *, step_mm: float) -> Points:
    """Return a path cut anew at even steps; its ends stay."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    count = max(int(np.ceil(along[-1] / step_mm)), 1) + 1
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, path[:, a]) for a in range(3)], axis=1)


def wound(
    path: Points, rng: np.random.Generator, *, amplitude_mm: float, wavelength_mm: float
) -> Points:
    """Return a path that winds at random about itself; its ends stay."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    knots = np.arange(-1.0, along[-1] / wavelength_mm * 2.0 + 2.0)
    shift = rng.normal(0.0, amplitude_mm, (len(knots), 3))
    at = along / wavelength_mm * 2.0
    cell = np.floor(at).astype(int) + 1
    t = (at - np.floor(at))[:, None]
    t = t * t * (3.0 - 2.0 * t)
    moved = shift[cell] * (1.0 - t) + shift[cell + 1] * t
    ends = np.minimum(1.0, np.minimum(along, along[-1] - along) / wavelength_mm)[:, None]
    return np.asarray(path + moved * ends)


def softened(path: Points, *, rounds: int = 3) -> Points:
    """Return a path with its kinks drawn straight; its ends stay."""
    path = path.copy()
    for _ in range(rounds):
        path[1:-1] += 0.5 * (0.5 * (path[:-2] + path[2:]) - path[1:-1])
    return path
