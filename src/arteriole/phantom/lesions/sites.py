"""Where small deep infarcts and cavities find room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.lesions.terrain import Terrain, inner_depth

SITES = {
    "putamen": 0.20,
    "pallidum": 0.05,
    "caudate": 0.08,
    "thalamus": 0.17,
    "internal capsule": 0.12,
    "white matter": 0.28,
    "brainstem": 0.10,
}
"""Solid, and how often small subcortical infarcts lie there; our own round estimates."""


def draw_site(
    terrain: Terrain, rng: np.random.Generator, *, reach_mm: float
) -> tuple[str, NDArray[np.float64]]:
    """Draw a solid, and places in it (n, 3), mm, with ``reach_mm`` of room to cortex and fluid."""
    names = [n for n in SITES if n in terrain.anatomy.names]
    odds = np.array([SITES[n] for n in names])
    name = names[int(rng.choice(len(names), p=odds / odds.sum()))]
    solid = terrain.anatomy[name]
    cells = np.argwhere(solid.level > 0.5)
    near = cells[rng.integers(len(cells), size=60)] + rng.uniform(-0.5, 0.5, (60, 3))
    points = np.asarray(solid.origin_mm) + solid.spacing_mm * near
    x, _, z = terrain.anatomy.frame.to_template(*points.astype(np.float32).T)
    if name == "brainstem":
        fits = (z > -38.0) & (z < -22.0) & (np.abs(x) < 9.0)
    elif name == "white matter":
        fits = (z > -4.0) & (np.abs(x) > 14.0) & (terrain.at(terrain.white, points) > 0)
    else:
        fits = terrain.anatomy.visible_depth(name, points) > 0
    points = points[fits]
    if len(points):
        points = points[inner_depth(terrain.anatomy, points) > reach_mm]
    return name, points


def apart(
    points_mm: NDArray[np.float64], others: list[LesionTruth], *, radius_mm: float, gap_mm: float
) -> NDArray[np.bool_]:
    """Tell which points (n, 3) keep a gap between a sphere there and other lesions."""
    keep = np.ones(len(points_mm), dtype=bool)
    for other in others:
        away = np.linalg.norm(points_mm - np.asarray(other.centre_mm), axis=1)
        keep &= away > radius_mm + gap_mm + max(*other.extent_mm, other.source_diameter_mm) / 2.0
    return keep
