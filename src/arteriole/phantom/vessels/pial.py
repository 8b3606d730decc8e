"""Veins on the brain's surface, which creep along sulci and bridge to the sinuses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.random_field import gaussian_field
from arteriole.phantom.vessels.curves import Points, evenly
from arteriole.phantom.vessels.growth import Tree, Web, grow, smoothed, strewn, weave
from arteriole.phantom.vessels.sinuses import Sinus
from arteriole.phantom.vessels.surfaces import PARENCHYMA, Depth, depth_in_any, settled, uphill
from arteriole.phantom.vessels.tubes import Pieces

SYLVIAN_MM = ((30.0, 8.0, -19.0), (-30.0, 8.0, -19.0))
"""Where superficial middle cerebral veins leave the Sylvian fissure, in template mm."""

STEP_MM = 1.5


@dataclass(frozen=True, eq=False)
class Surface:
    """The fluid next to brain tissue as a web, with the depth in tissue (negative in fluid)."""

    web: Web
    depth: Depth
    depth_mm: NDArray[np.float64]


def brain_surface(anatomy: Anatomy, rng: np.random.Generator) -> Surface:
    """Strew points in the fluid within 2.5 mm of cortex, cerebellum and brainstem."""
    depth = depth_in_any(anatomy, PARENCHYMA)
    brain = anatomy.brain
    low = np.asarray(brain.origin_mm)
    high = low + brain.spacing_mm * (np.asarray(brain.level.shape) - 1)
    points = strewn(rng, low, high, STEP_MM)
    points = points[brain.depth(points) > -1.0]
    inside = depth(points)
    near = (inside < 0.25) & (inside > -2.5)
    web = weave(points[near], neighbours=11, reach_mm=3.6)
    # a step through tissue would join the two sides of a gyrus
    middle = depth(0.5 * (web.points[web.one] + web.points[web.two])) < 0.5
    web = Web(web.points, web.one[middle], web.two[middle], web.length_mm[middle])
    return Surface(web, depth, inside[near].astype(np.float64))


def pial_veins(
    anatomy: Anatomy,
    surface: Surface,
    sinuses: list[Sinus],
    rng: np.random.Generator,
    *,
    leaves_per_point: float = 0.05,
) -> tuple[Tree, Pieces]:
    """Return the surface's veins, and the bridging veins from their roots into the sinuses.

    Parameters
    ----------
    anatomy : Anatomy
        Whose frame tells where the Sylvian veins leave.
    surface : Surface
        From `brain_surface`.
    sinuses : list of Sinus
        Into which they drain.
    rng : numpy.random.Generator
        Source of randomness.
    leaves_per_point : float
        Share of the surface's points at which a vein begins.
    """
    doors = np.concatenate([_doors(s, rng) for s in sinuses])
    mouths = anatomy.frame.to_world(np.array(SYLVIAN_MM))
    away, at = cKDTree(surface.web.points).query(np.concatenate([doors, mouths]))
    near = away < 9.0
    roots, first = np.unique(at[near], return_index=True)
    cost = surface_cost(surface, rng)
    leaves = rng.permutation(len(cost))[: int(leaves_per_point * len(cost))]
    tree = grow(
        surface.web,
        cost,
        roots=roots,
        leaves=leaves,
        leaf_radius_mm=np.clip(rng.lognormal(np.log(0.13), 0.3, len(leaves)), 0.06, 0.3),
        sharing=0.4,
        gain_mm3_per_mm=1.5e-4,
    )
    tree = smoothed(tree, rounds=8, keep=in_fluid(surface))
    targets = np.concatenate([doors, mouths])[near][first]
    return tree, _bridges(tree, surface.web.points[roots], targets)


def surface_cost(surface: Surface, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return what a mm costs: little in open fluid, much where tissue is close."""
    noise = gaussian_field(rng, 10.0, bandwidth=0.5).at(*surface.web.points.T)
    tight = np.clip(surface.depth_mm + 0.4, 0.0, 1.0)
    return np.asarray(np.exp(0.5 * noise.astype(np.float64) + 1.5 * tight))


def in_fluid(surface: Surface, *, margin_mm: float = 0.3) -> Keeper:
    """Return the function that moves points out of tissue."""
    return Keeper(surface.depth, margin_mm)


@dataclass(frozen=True, eq=False)
class Keeper:
    """Moves points out of tissue, by little at a time."""

    depth: Depth
    margin_mm: float

    def __call__(self, points: Points) -> Points:
        """Return the points where they may lie."""
        return settled(
            self.depth, points, low_mm=-99.0, high_mm=-self.margin_mm, steps=1, most_mm=0.6
        )


def intracortical_veins(
    surface: Surface, tree: Tree, rng: np.random.Generator, *, share: float = 0.35
) -> Pieces:
    """Return short fine veins that rise from cortex and the white matter under it.

    Notes
    -----
    Most are 2 to 4 mm long, a fifth come from up to 12 mm deep (superficial medullary veins).
    """
    from_points = np.flatnonzero((tree.parent >= 0) & (rng.random(len(tree.parent)) < share))
    top = tree.points[from_points]
    count = len(top)
    deep = rng.random(count) < 0.2
    length = np.where(deep, rng.uniform(4.0, 12.0, count), rng.uniform(1.5, 4.0, count))
    radius = np.clip(rng.lognormal(np.log(0.08), 0.25, count), 0.04, 0.16)
    steps = 6
    path = [top]
    going = uphill(surface.depth, top) + rng.normal(0.0, 0.15, (count, 3))
    for _ in range(steps):
        slope = uphill(surface.depth, path[-1])
        going = 0.75 * going + 0.25 * slope + rng.normal(0.0, 0.08, (count, 3))
        going /= np.maximum(np.linalg.norm(going, axis=1, keepdims=True), 1e-6)
        path.append(path[-1] + going * (length / steps)[:, None])
    ways = np.stack(path, axis=1)
    inside = surface.depth(ways[:, -1]) > 0.8
    ways, radius = ways[inside], radius[inside]
    vessel = np.repeat(np.arange(len(ways)), steps)
    return Pieces(
        ways[:, 1:].reshape(-1, 3),
        ways[:, :-1].reshape(-1, 3),
        np.repeat(radius, steps)[:, None] * np.ones(2),
        vessel,
    )


def _doors(sinus: Sinus, rng: np.random.Generator) -> Points:
    """Return where veins may enter a sinus: every 8 to 20 mm."""
    gap = np.cumsum(rng.uniform(8.0, 20.0, 60))
    path = evenly(sinus.path, step_mm=1.0)
    at = gap[gap < len(path)].astype(int)
    # both sides drain: a door a little to each side finds that hemisphere's surface
    return np.concatenate([path[at] + [3.0, 0.0, 0.0], path[at] - [3.0, 0.0, 0.0]])


def _bridges(tree: Tree, roots: Points, targets: Points) -> Pieces:
    """Return the pieces from the tree's roots to where they enter a sinus."""
    ends = np.flatnonzero(tree.parent < 0)
    _, at = cKDTree(roots).query(tree.points[ends])
    radius = tree.radius_mm[ends]
    return Pieces(
        tree.points[ends],
        targets[at],
        np.stack([radius, radius], axis=1),
        np.arange(len(ends)),
    )
