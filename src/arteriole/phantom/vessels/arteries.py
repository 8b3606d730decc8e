"""The circle of Willis and what leaves it, laid into a person's own cisterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.courses import COURSES
from arteriole.phantom.vessels.curves import Points, curve, evenly, softened, wound
from arteriole.phantom.vessels.growth import Tree, grow, smoothed
from arteriole.phantom.vessels.pial import Surface, in_fluid, surface_cost
from arteriole.phantom.vessels.routing import least_deep, routed
from arteriole.phantom.vessels.surfaces import Depth, settled, taken
from arteriole.phantom.vessels.tubes import Pieces

REACH_MM = 9.0
"""Arteries keep within this of their course."""

MARGIN_MM = 0.6
"""How far from tissue an artery's middle keeps where there is room."""


@dataclass(frozen=True, eq=False)
class Artery:
    """A named artery: its way (n, 3) in world mm away from the heart, and its radii."""

    name: str
    side: str
    path: Points
    radius_mm: NDArray[np.float64]


def arteries(
    anatomy: Anatomy, surface: Surface, rng: np.random.Generator, *, age_y: float
) -> list[Artery]:
    """Return the named arteries of a person.

    Parameters
    ----------
    anatomy : Anatomy
        Whose frame takes the courses to the person.
    surface : Surface
        Out of whose tissue the arteries of the cisterns are moved.
    rng : numpy.random.Generator
        Source of randomness: windings, calibre, one vertebral artery wider than the other.
    age_y : float
        Windings and diameter grow with age.

    Notes
    -----
    Courses (`courses`) are taken to the person; the places where arteries meet go to the nearest
    fluid, then each artery takes the cheapest way through the fluid near its course (`routing`),
    winds, and is smoothed with tissue kept out. From 50 to 85 years diameter grows by a tenth
    and the windings' size by two thirds (our estimate).
    """
    older = (age_y - 50.0) / 35.0
    winding = 0.9 * float(np.clip(1.0 + 0.66 * older, 0.4, 2.0))
    widening = float(np.clip(1.0 + 0.1 * older, 0.9, 1.15)) * rng.normal(1.0, 0.06)
    dominant = rng.choice([-1, 1])
    sides = [(n, c, s) for n, c in COURSES.items() for s in ((-1, 1) if c.paired else (1,))]
    paths = taken(anatomy, [np.array(c.points) * [s, 1.0, 1.0] for _, c, s in sides])
    barred = _barred(anatomy, surface)
    paths = _met(barred, paths, [c.free_from for _, c, _ in sides])
    out = []
    for (name, course, side), laid in zip(sides, paths, strict=True):
        wide = widening * (0.8 if name == "V4" and side != dominant else 1.0)
        path = _placed(anatomy, barred, laid, course.free_from, rng, winding)
        radius = wide * np.linspace(*course.radius_mm, len(path))
        label = ("right" if side > 0 else "left") if course.paired else "middle"
        out.append(Artery(name, label, path, radius))
    return out


def _met(depth: Depth, paths: list[Points], free_from: list[int]) -> list[Points]:
    """Return paths with their ends in fluid: one that is shared goes to one place."""
    paths = [path.copy() for path in paths]
    ends = np.array([path[i] for path in paths for i in (0, -1)])
    moved = least_deep(depth, ends, reach_mm=6.0, margin_mm=MARGIN_MM)
    for n, (path, free) in enumerate(zip(paths, free_from, strict=True)):
        if not free:
            path[0] = moved[2 * n]
        path[-1] = moved[2 * n + 1]
    return paths


def _placed(
    anatomy: Anatomy,
    barred: Depth,
    path: Points,
    free_from: int,
    rng: np.random.Generator,
    winding: float,
) -> Points:
    """Return a smooth winding way that keeps to the fluid from one of its points on."""
    bound = _labelled(anatomy, path[: free_from + 1])
    free = softened(routed(barred, path[free_from:], reach_mm=REACH_MM), rounds=3)
    way = evenly(np.concatenate([bound[:-1], free]), step_mm=1.2)
    way = wound(way, rng, amplitude_mm=winding, wavelength_mm=14.0)
    first = max(int(len(way) * len(bound) / (len(bound) + len(free))) if free_from else 1, 1)
    for most in (1.2, 0.8, 0.6, 0.4, 0.3):
        way = softened(way, rounds=1)
        way[first:-1] = settled(
            barred, way[first:-1], low_mm=-99.0, high_mm=-MARGIN_MM, steps=2, most_mm=most
        )
    return way


def _labelled(anatomy: Anatomy, path: Points) -> Points:
    """Return the way through skull base and neck: in the arteries that a label map marks."""
    if len(path) < 2:
        return path
    way = curve(path, step_mm=1.2)
    if "arteries" not in anatomy.names:
        return way
    lumen = anatomy["arteries"]
    way = routed(lambda p: -lumen.depth(p), way, reach_mm=REACH_MM, margin_mm=1.0, per_mm=3.0)
    return evenly(softened(way, rounds=3), step_mm=1.2)


def _barred(anatomy: Anatomy, surface: Surface) -> Depth:
    """Return the function that gives the depth (mm) in tissue, or outside the dura."""
    fluid = anatomy["csf"]

    def depth(points: Points) -> NDArray[np.float32]:
        return np.asarray(np.maximum(surface.depth(points), -fluid.depth(points)))

    return depth


def perforators(anatomy: Anatomy, named: list[Artery], rng: np.random.Generator) -> Pieces:
    """Return lenticulostriate arteries, from M1 up through putamen towards the caudate."""
    origins, ways = [], []
    for artery in (a for a in named if a.name == "M1"):
        side = 1.0 if artery.side == "right" else -1.0
        for _ in range(int(rng.integers(6, 12))):
            y = rng.normal(2.0, 5.0)
            bow, tip = rng.normal(27.0, 2.0), rng.normal(19.0, 2.0)
            bends = [(bow - 3, y, -8), (bow, y, 0), (bow - 2, y - 2, 8), (tip, y - 4, 16)]
            ways.append(np.array(bends) * [side, 1.0, 1.0])
            origins.append(artery.path[int(rng.integers(3, max(len(artery.path) - 4, 4)))])
    out = []
    for at, way in zip(origins, taken(anatomy, ways), strict=True):
        path = curve(np.concatenate([at[None], way]), step_mm=1.2)
        path = wound(path, rng, amplitude_mm=0.5, wavelength_mm=8.0)
        radius = rng.uniform(0.15, 0.32)
        out.append(Pieces.along(path, np.linspace(radius, 0.4 * radius, len(path))))
    return Pieces.joined(*out)


def cortical_arteries(surface: Surface, named: list[Artery], rng: np.random.Generator) -> Tree:
    """Return arteries over the cortex, which grow from the ends of A2, M2 and P2."""
    tips = np.concatenate(
        [a.path[len(a.path) // 3 :: 6] for a in named if a.name[:2] in ("A2", "M2", "P2")]
    )
    _, roots = cKDTree(surface.web.points).query(tips)
    cost = surface_cost(surface, rng)
    leaves = rng.permutation(len(cost))[: int(0.008 * len(cost))]
    tree = grow(
        surface.web,
        cost,
        roots=np.unique(roots),
        leaves=leaves,
        leaf_radius_mm=np.clip(rng.lognormal(np.log(0.12), 0.25, len(leaves)), 0.06, 0.3),
        sharing=0.45,
        rounds=2,
        gain_mm3_per_mm=1e-4,
    )
    return smoothed(tree, keep=in_fluid(surface))
