"""Vessel trees grown as shared cheapest ways from many leaves to a few roots.

Points are strewn where vessels may run and joined to their neighbours. Each leaf takes its
cheapest way to a root; ways that many take become cheaper, and all leaves choose again. Branched
transport of this kind (Xia 2003, doi:10.1142/S021919970300094X) makes ways merge like tributaries.
Radii follow Murray's law (1926, doi:10.1073/pnas.12.3.207): cubes add up where vessels join.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from arteriole.numerics.jit import kernel
from arteriole.phantom.vessels.tubes import Pieces

Points = NDArray[np.float64]
Keep = Callable[[Points], Points]


@dataclass(frozen=True, eq=False)
class Web:
    """Points where vessels may run, and the steps between neighbours.

    Parameters
    ----------
    points : ndarray, float64, (n, 3)
        World mm.
    one, two : ndarray, int, (m,)
        Points at both ends of each step, ``one < two``.
    length_mm : ndarray, float64, (m,)
        Length of each step.
    """

    points: Points
    one: NDArray[np.int64]
    two: NDArray[np.int64]
    length_mm: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tree:
    """Grown vessels: each point knows the next one towards its root.

    Parameters
    ----------
    points : ndarray, float64, (n, 3)
        World mm, roots first: a point's parent always precedes it.
    parent : ndarray, int, (n,)
        Index of the next point towards the root, -1 at a root.
    radius_mm : ndarray, float64, (n,)
        Radius of the vessel that leaves the point towards its parent.
    """

    points: Points
    parent: NDArray[np.int64]
    radius_mm: NDArray[np.float64]

    @property
    def children(self) -> NDArray[np.int64]:
        """Number of tributaries of each point (n,)."""
        return np.bincount(self.parent[self.parent >= 0], minlength=len(self.parent))


def strewn(
    rng: np.random.Generator, low: NDArray[np.float64], high: NDArray[np.float64], step_mm: float
) -> Points:
    """Return points all over a box, one at random in each cube of ``step_mm``."""
    axes = [np.arange(a, b, step_mm) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(grid + rng.uniform(0.0, step_mm, grid.shape))


def weave(points: Points, *, neighbours: int = 12, reach_mm: float = 4.0) -> Web:
    """Join each point to its nearest neighbours within reach."""
    away, at = cKDTree(points).query(points, k=neighbours + 1, distance_upper_bound=reach_mm)
    here = np.repeat(np.arange(len(points)), neighbours)
    there, length = at[:, 1:].ravel(), away[:, 1:].ravel()
    real = np.isfinite(length)
    low, high = np.minimum(here, there)[real], np.maximum(here, there)[real]
    _, first = np.unique(low * len(points) + high, return_index=True)
    return Web(points, low[first], high[first], length[real][first])


def grow(
    web: Web,
    cost: NDArray[np.float64],
    *,
    roots: NDArray[np.int64],
    leaves: NDArray[np.int64],
    leaf_radius_mm: NDArray[np.float64],
    sharing: float = 0.35,
    rounds: int = 3,
    gain_mm3_per_mm: float = 0.0,
) -> Tree:
    """Let every leaf find its way to a root, ways merging as they go.

    Parameters
    ----------
    web : Web
        Where vessels may run.
    cost : ndarray, (n,)
        Cost per mm at each point, positive.
    roots, leaves : ndarray, int
        Points where trees end and begin; leaves without a way are left out.
    leaf_radius_mm : ndarray, (leaves,)
        Radius at each leaf.
    sharing : float
        How much cheaper a way becomes by being shared: cost over (1 + leaves) ** sharing.
    rounds : int
        How often the leaves choose.
    gain_mm3_per_mm : float
        What unseen tributaries add to the cube of the radius per mm, so that vessels taper.

    Returns
    -------
    Tree
        Only the points that are used.
    """
    factor = np.ones(len(cost))
    for _ in range(rounds):
        away, parent = _ways(web, cost * factor, roots)
        order = np.argsort(away, kind="stable")
        order = order[np.isfinite(away[order])]
        load = _add_up(order, parent, np.bincount(leaves, minlength=len(cost)).astype(np.float64))
        factor = (1.0 + load) ** -sharing
    used = order[load[order] > 0]
    new = np.full(len(cost), -1)
    new[used] = np.arange(len(used))
    up = np.where(parent[used] >= 0, new[parent[used]], -1)
    points = web.points[used]
    single = np.bincount(up[up >= 0], minlength=len(used)) == 1
    cubes = np.bincount(leaves, weights=leaf_radius_mm**3, minlength=len(cost))[used]
    step = np.linalg.norm(points - points[up], axis=1) * (up >= 0)
    cubes = cubes + gain_mm3_per_mm * step * single
    return Tree(points, up, np.cbrt(_add_up(np.arange(len(used)), up, cubes)))


def _ways(
    web: Web, cost: NDArray[np.float64], roots: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each point's cost to its root, and the next point on the way (-1 for none)."""
    weight = web.length_mm * 0.5 * (cost[web.one] + cost[web.two])
    n = len(cost)
    graph = scipy.sparse.csr_matrix((weight, (web.one, web.two)), shape=(n, n))
    away, parent, _ = dijkstra(
        graph, directed=False, indices=roots, return_predecessors=True, min_only=True
    )
    return away, np.where(parent < 0, -1, parent).astype(np.int64)


@kernel()
def _add_up(
    order: NDArray[np.int64], parent: NDArray[np.int64], amount: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Carry amounts from every point to all that follow it on the way to the root."""
    total = amount.copy()
    for n in range(order.size - 1, -1, -1):
        p = order[n]
        if parent[p] >= 0:
            total[parent[p]] += total[p]
    return total


def smoothed(tree: Tree, *, rounds: int = 8, keep: Keep | None = None) -> Tree:
    """Return the tree with its kinks drawn straight; ``keep`` puts points back where they may lie.

    Notes
    -----
    A point moves half way towards the middle between its parent and its tributaries, these
    weighted by section, so that trunks bend little for twigs. Roots and leaves stay.
    """
    child = np.flatnonzero(tree.parent >= 0)
    up = tree.parent[child]
    weight = tree.radius_mm[child] ** 2
    total = np.bincount(up, weights=weight, minlength=len(tree.parent))
    moving = (tree.parent >= 0) & (total > 0)
    points = tree.points.copy()
    for _ in range(rounds):
        below = np.stack(
            [
                np.bincount(up, weights=weight * points[child, a], minlength=len(points))
                for a in range(3)
            ],
            axis=1,
        )
        middle = 0.5 * (points[tree.parent] + below / np.maximum(total, 1e-12)[:, None])
        points[moving] += 0.5 * (middle - points)[moving]
        if keep is not None:
            points[moving] = keep(points[moving])
    return Tree(points, tree.parent, tree.radius_mm)


def pieces_of(tree: Tree, *, most_radius_mm: float = np.inf) -> Pieces:
    """Return the straight pieces of a tree; a vessel runs on along its widest tributary."""
    child = np.flatnonzero(tree.parent >= 0)
    up = tree.parent[child]
    single = tree.children[up] == 1
    radius = np.minimum(tree.radius_mm, most_radius_mm)
    end = np.where(single, radius[up], radius[child])
    vessel = _vessels(tree.parent, tree.radius_mm)
    _, number = np.unique(vessel[child], return_inverse=True)
    return Pieces(
        tree.points[child], tree.points[up], np.stack([radius[child], end], axis=1), number
    )


@kernel()
def _vessels(parent: NDArray[np.int64], radius: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number the vessels: each point belongs to that of its parent if it is the widest child."""
    n = parent.size
    widest = np.full(n, -1, dtype=np.int64)
    for p in range(n):
        up = parent[p]
        if up >= 0 and (widest[up] < 0 or radius[p] > radius[widest[up]]):
            widest[up] = p
    vessel = np.empty(n, dtype=np.int64)
    count = 0
    for p in range(n):
        up = parent[p]
        if up >= 0 and widest[up] == p:
            vessel[p] = vessel[up]
        else:
            vessel[p] = count
            count += 1
    return vessel
