"""Veins of the white matter, which converge on the lateral ventricles.

Deep medullary veins of white matter and nuclei join like tributaries, reach the ventricles' wall
mostly at its corners, and go on as subependymal veins to the foramen of Monro, the atrium and the
temporal horn (Okudera 1999, doi:10.1046/j.1440-1789.1999.00217.x).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.random_field import gaussian_field
from arteriole.phantom.vessels.curves import Points, curve
from arteriole.phantom.vessels.growth import Tree, grow, smoothed, strewn, weave
from arteriole.phantom.vessels.surfaces import Depth, depth_in_any, settled, uphill

DRAINED = ("white matter", "caudate", "putamen", "pallidum", "thalamus")
VENTRICLES = ("lateral ventricles", "third and fourth ventricles")
REACH_MM = 36.0
"""Deep white matter drains inwards up to about this far from the ventricles."""

EXITS_MM = {"monro": (4.0, 3.0, 8.0), "atrium": (13.0, -40.0, 9.0), "horn": (31.0, -14.0, -15.0)}
"""Where subependymal veins leave the ventricle's wall on the right, in template mm."""

_GROOVES_MM = (
    ((23.0, -30.0, 17.0), (18.0, -14.0, 19.0), (12.0, -1.0, 15.0), (4.0, 3.0, 8.0)),
    ((14.0, 27.0, 9.0), (8.0, 20.0, 10.0), (4.0, 12.0, 10.0), (4.0, 3.0, 8.0)),
)
"""Thalamostriate and septal vein along the wall."""


@dataclass(frozen=True, eq=False)
class Room:
    """Points where deep veins may run, and which of them lie at the ventricles' wall."""

    points: Points
    at_wall: NDArray[np.bool_]
    from_wall_mm: NDArray[np.float64]
    free_mm: NDArray[np.float32]


def medullary_veins(
    anatomy: Anatomy, rng: np.random.Generator, *, leaves_per_ml: float = 3.5
) -> Tree:
    """Return the deep veins of white matter and nuclei, down to where they leave the wall.

    Parameters
    ----------
    anatomy : Anatomy
        With "lateral ventricles" and "white matter".
    rng : numpy.random.Generator
        Source of randomness.
    leaves_per_ml : float
        Finest veins per mL of what drains inwards.

    Returns
    -------
    Tree
        Roots at the exits of `EXITS_MM`, both sides.
    """
    tissue = depth_in_any(anatomy, DRAINED)
    ventricles = depth_in_any(anatomy, VENTRICLES)
    room = _room(anatomy, rng, tissue, ventricles)
    web = weave(room.points)
    noise = gaussian_field(rng, 11.0, bandwidth=0.5).at(*room.points.T)
    cost = np.exp(0.35 * noise.astype(np.float64))
    wall = np.flatnonzero(room.at_wall)
    cost[wall] *= _wall_cost(anatomy, room.points[wall])
    leaves = _leaves(room, rng, leaves_per_ml)
    tree = grow(
        web,
        cost,
        roots=_roots(anatomy, room.points, wall),
        leaves=leaves,
        leaf_radius_mm=np.clip(rng.lognormal(np.log(0.12), 0.35, len(leaves)), 0.05, 0.25),
        sharing=0.18,
        gain_mm3_per_mm=1.2e-4,
    )

    def keep(points: Points) -> Points:
        return settled(ventricles, points, low_mm=-99.0, high_mm=-0.2, steps=1)

    return smoothed(tree, rounds=10, keep=keep)


def _room(anatomy: Anatomy, rng: np.random.Generator, tissue: Depth, ventricles: Depth) -> Room:
    """Strew points, densely at the wall and sparsely beyond."""
    solid = anatomy["lateral ventricles"]
    low = np.asarray(solid.origin_mm)
    high = low + solid.spacing_mm * (np.asarray(solid.level.shape) - 1)
    wall = strewn(rng, low, high, 1.2)
    depth = solid.depth(wall)
    wall = wall[(depth > -1.3) & (depth < -0.2) & (tissue(wall) > 0.2) & (ventricles(wall) < -0.2)]
    if not len(wall):
        raise ValueError("the lateral ventricles have no wall of white matter for veins")
    deep = strewn(rng, low - REACH_MM, high + REACH_MM, 1.9)
    deep = deep[tissue(deep) > 0.6]
    deep = deep[ventricles(deep) < -1.3]
    away, _ = cKDTree(wall).query(deep, distance_upper_bound=REACH_MM)
    deep, away = deep[np.isfinite(away)], away[np.isfinite(away)]
    points = np.concatenate([wall, deep])
    at_wall = np.arange(len(points)) < len(wall)
    return Room(points, at_wall, np.concatenate([np.zeros(len(wall)), away]), tissue(points))


def _wall_cost(anatomy: Anatomy, points: Points) -> NDArray[np.float64]:
    """Return how cheap it is to run along the wall: corners and grooves attract veins."""
    solid = anatomy["lateral ventricles"]
    bend = _convexity(solid).depth(points).astype(np.float64)
    bend = (bend - np.median(bend)) / max(float(bend.std()), 1e-6)
    out = -uphill(solid.depth, points)
    side = np.where(points[:, 0] > np.median(points[:, 0]), 1.0, -1.0)
    lateral = 0.7 * side * out[:, 0] + 0.7 * out[:, 2]
    cost = 0.5 * np.exp(-0.5 * np.clip(bend, -2.0, 2.0) - 0.6 * lateral)
    grooves = np.concatenate(
        [
            curve(np.array(way) * [s, 1.0, 1.0], step_mm=1.0)
            for way in _GROOVES_MM
            for s in (-1.0, 1.0)
        ]
    )
    grooves = anatomy.frame.to_world(grooves)
    near, _ = cKDTree(grooves).query(points)
    return np.asarray(cost * np.where(near < 3.5, 0.3, 1.0))


def _convexity(solid: Structure) -> Structure:
    """Return minus the Laplacian of a solid's smoothed depth: large at its corners."""
    level = np.maximum(solid.level, -6.0)
    level = -scipy.ndimage.gaussian_laplace(level, 2.5 / solid.spacing_mm)
    return replace(solid, level=np.ascontiguousarray(level, dtype=np.float32))


def _leaves(room: Room, rng: np.random.Generator, per_ml: float) -> NDArray[np.int64]:
    """Choose where the finest veins begin: in clusters, at uneven distances from the wall."""
    patchy = gaussian_field(rng, 16.0, bandwidth=0.6).at(*room.points.T).astype(np.float64)
    from_wall = room.from_wall_mm
    chance = np.exp(0.7 * patchy) * (from_wall > 4.0) * (room.free_mm > 1.0)
    chance *= np.clip((REACH_MM + 4.0 - from_wall) / 16.0, 0.05, 1.0)
    count = min(int(per_ml * 1.9**3 * 1e-3 * (chance > 0).sum()), int((chance > 0).sum()))
    return rng.choice(len(chance), size=count, replace=False, p=chance / chance.sum())


def _roots(anatomy: Anatomy, points: Points, wall: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the wall's point nearest to each exit."""
    exits = np.array([np.array(p) * [s, 1, 1] for p in EXITS_MM.values() for s in (-1, 1)])
    _, at = cKDTree(points[wall]).query(anatomy.frame.to_world(exits))
    return np.unique(wall[at])
