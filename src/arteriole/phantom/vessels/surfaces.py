"""Where a person's own surfaces are, and how to bring points to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.anatomy import Anatomy

Points = NDArray[np.float64]
Depth = Callable[[Points], NDArray[np.float32]]

PARENCHYMA = ("cortex", "cerebellar cortex", "brainstem")
"""Solids whose outside is fluid."""

REACH_MM = 30.0
"""A surface is looked for this far from where the template has it."""


def depth_in_any(anatomy: Anatomy, names: Sequence[str]) -> Depth:
    """Return the function that gives the depth (mm) in the union of the solids that exist."""
    solids = [anatomy[name] for name in names if name in anatomy.names]

    def depth(points: Points) -> NDArray[np.float32]:
        return np.max([solid.depth(points) for solid in solids], axis=0)

    return depth


def taken(anatomy: Anatomy, ways: Sequence[Points]) -> list[Points]:
    """Take ways in template mm to the person, all at once, since each call has a cost."""
    ends = np.cumsum([len(way) for way in ways])[:-1]
    return np.split(anatomy.frame.to_world(np.concatenate(ways)), ends)


def uphill(depth: Depth, points: Points, *, step_mm: float = 0.8) -> Points:
    """Return the unit direction in which depth grows fastest (n, 3); zero where it is unknown."""
    steps = step_mm * np.concatenate([np.eye(3), -np.eye(3)])
    around = depth((points + steps[:, None]).reshape(-1, 3)).reshape(2, 3, len(points))
    slope = (around[0] - around[1]).T.astype(np.float64)
    size = np.linalg.norm(slope, axis=1, keepdims=True)
    # beyond a solid's lattice depth drops by a thousand at once: no direction there
    known = (size > 1e-6) & (size < 20.0 * step_mm)
    return np.where(known, slope / np.maximum(size, 1e-6), 0.0)


def settled(
    depth: Depth,
    points: Points,
    *,
    low_mm: float,
    high_mm: float,
    steps: int = 4,
    most_mm: float = 1.5,
) -> Points:
    """Move points along the slope until their depth lies between two values, as far as it goes."""
    points = np.array(points, dtype=np.float64)
    wrong = np.arange(len(points))
    for _ in range(steps):
        at = depth(points[wrong]).astype(np.float64)
        lack = np.clip(low_mm - at, 0.0, most_mm) - np.clip(at - high_mm, 0.0, most_mm)
        wrong, lack = wrong[lack != 0], lack[lack != 0]
        if not len(wrong):
            break
        points[wrong] += lack[:, None] * uphill(depth, points[wrong])
    return points


def on_ray(depth: Depth, path: Points, centre: Points, *, depth_mm: float) -> Points:
    """Move a path along rays from a centre to where depth is ``depth_mm``, within 30 mm.

    Notes
    -----
    Points whose ray finds no such place near them move as far as their neighbours on the path;
    if none does, the path stays where it is.
    """
    ray = path - centre
    ray = ray / np.maximum(np.linalg.norm(ray, axis=1, keepdims=True), 1e-6)
    along = np.arange(-REACH_MM, REACH_MM + 0.01, 0.25)
    at = path[:, None] + along[:, None] * ray[:, None]
    inside = depth(at.reshape(-1, 3)).reshape(at.shape[:2]) > depth_mm
    last = inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1)
    found = np.flatnonzero(inside.any(axis=1) & (last < inside.shape[1] - 1))
    if not len(found):
        return path
    shift = np.interp(np.arange(len(path)), found, along[last[found]])
    return np.asarray(path + shift[:, None] * ray)
