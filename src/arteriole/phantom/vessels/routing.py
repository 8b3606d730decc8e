"""Ways through the fluid that keep near a course."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from arteriole.phantom.vessels.curves import Points, evenly
from arteriole.phantom.vessels.surfaces import Depth

STEP_MM = 1.2
"""Distance between the places a way may take."""

_STEPS = np.array([s for s in np.ndindex(3, 3, 3) if s > (1, 1, 1)]) - 1


def routed(
    depth: Depth, course: Points, *, reach_mm: float, margin_mm: float = 0.8, per_mm: float = 8.0
) -> Points:
    """Return the cheapest way between a course's ends: in fluid, and near the course.

    Parameters
    ----------
    depth : Depth
        Depth (mm) where the way should not be; negative where it may.
    course : ndarray, (n, 3)
        World mm.
    reach_mm : float
        The way keeps within this of the course.
    margin_mm : float
        Distance to keep where there is room.
    per_mm : float
        What a mm of way costs more for each mm that it lies too deep.

    Returns
    -------
    ndarray, (m, 3)
        From the course's first point to its last.

    Notes
    -----
    A mm costs ``1 + (away / reach)^2 + per_mm max(depth + margin, 0)`` on a lattice of 1.2 mm,
    and the least sum is found by Dijkstra's method: the way goes through tissue only where all
    fluid within reach ends. Ways are as angular as the lattice: smooth them.
    """
    course = evenly(course, step_mm=STEP_MM)
    places, index = _around(course, reach_mm)
    away, _ = cKDTree(course).query(places)
    deep = np.maximum(depth(places).astype(np.float64) + margin_mm, 0.0)
    cost = 1.0 + (away / reach_mm) ** 2 + per_mm * np.minimum(deep, 4.0)
    _, (first, last) = cKDTree(places).query(course[[0, -1]])
    _, before = dijkstra(
        _graph(index, cost), directed=False, indices=int(first), return_predecessors=True
    )
    way = [int(last)]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    out = places[way[::-1]]
    out[0], out[-1] = course[0], course[-1]
    return out


def least_deep(depth: Depth, points: Points, *, reach_mm: float, margin_mm: float) -> Points:
    """Return points moved to the nearest place that is free, or the freest, within a reach."""
    steps = int(reach_mm / 0.75)
    grid = 0.75 * np.arange(-steps, steps + 1)
    around = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    away = np.linalg.norm(around, axis=1)
    around, away = around[away <= reach_mm], away[away <= reach_mm]
    at = points[:, None] + around
    deep = depth(at.reshape(-1, 3)).reshape(at.shape[:2]).astype(np.float64)
    price = away + 8.0 * np.maximum(deep + margin_mm, 0.0)
    return at[np.arange(len(points)), np.argmin(price, axis=1)]


def _around(course: Points, reach_mm: float) -> tuple[Points, NDArray[np.int64]]:
    """Return the lattice's places near a course, and each cell's place or -1."""
    low = course.min(axis=0) - reach_mm
    cells = np.rint((course - low) / STEP_MM).astype(np.int64)
    span = int(np.ceil(reach_mm / STEP_MM))
    grid = np.arange(-span, span + 1)
    ball = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    ball = ball[(ball**2).sum(axis=1) <= span**2]
    shape = cells.max(axis=0) + 2 * span + 3
    near = np.zeros(shape, dtype=bool)
    near[tuple((cells[:, None] + ball + span + 1).reshape(-1, 3).T)] = True
    index = np.full(shape, -1, dtype=np.int64)
    index[near] = np.arange(int(near.sum()))
    return low + STEP_MM * (np.argwhere(near) - span - 1), index


def _graph(index: NDArray[np.int64], cost: NDArray[np.float64]) -> Any:
    """Return the steps between neighbours with their price."""
    rows, columns, price = [], [], []
    for step in _STEPS:
        here = tuple(
            slice(max(-s, 0), n - max(s, 0)) for s, n in zip(step, index.shape, strict=True)
        )
        there = tuple(
            slice(max(s, 0), n - max(-s, 0)) for s, n in zip(step, index.shape, strict=True)
        )
        one, two = index[here].ravel(), index[there].ravel()
        both = (one >= 0) & (two >= 0)
        one, two = one[both], two[both]
        rows.append(one)
        columns.append(two)
        price.append(STEP_MM * np.linalg.norm(step) * 0.5 * (cost[one] + cost[two]))
    ends = (np.concatenate(rows), np.concatenate(columns))
    return coo_array((np.concatenate(price), ends), shape=(len(cost), len(cost))).tocsr()
