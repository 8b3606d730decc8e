"""Bleeds that are no perfect balls: spheres that touch, of the volume of one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LONG = 0.8
"""Pull of each new part towards the ends of one axis, against 1 of any direction."""


def sphere_cluster(
    rng: np.random.Generator, *, diameter_mm: float, most: int = 4
) -> NDArray[np.float64]:
    """Draw two or more touching spheres of the volume of one.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws how many, their sizes and where they touch.
    diameter_mm : float
        Diameter of the sphere of the same volume.
    most : int
        Spheres at most.

    Returns
    -------
    ndarray, float64, (n, 4)
        Middles against the centre of mass, and radii, mm.

    Raises
    ------
    ValueError
        If the diameter is not positive or fewer than two spheres are allowed.

    Notes
    -----
    Radii are in proportion to draws from 0.4 to 1; a part touches one of the others and overlaps
    none, so that volume and moment are those of the sphere exactly.
    """
    if not diameter_mm > 0 or most < 2:
        raise ValueError(f"a cluster has a size and two parts or more, not {diameter_mm}, {most}")
    radii = rng.uniform(0.4, 1.0, int(rng.integers(2, most + 1)))
    radii *= diameter_mm / 2.0 / np.cbrt(np.sum(radii**3))
    axis = _unit(rng.standard_normal(3))
    made = np.zeros((1, 4))
    made[0, 3] = radii[0]
    for radius in radii[1:]:
        while True:
            other = made[rng.integers(len(made))]
            along = _unit(_unit(rng.standard_normal(3)) + LONG * axis * rng.choice((-1.0, 1.0)))
            at = other[:3] + (other[3] + radius) * along
            apart = np.linalg.norm(made[:, :3] - at, axis=1) - made[:, 3] - radius
            if apart.min() > -1e-9:
                break
        made = np.vstack([made, [*at, radius]])
    made[:, :3] -= np.average(made[:, :3], axis=0, weights=made[:, 3] ** 3)
    return made


def cluster_extent_mm(spheres: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return length, width and height (mm) along the cluster's own axes, longest first."""
    _, _, axes = np.linalg.svd(spheres[:, :3] * spheres[:, 3:] ** 1.5)
    along = spheres[:, :3] @ axes.T
    reach = np.max(along + spheres[:, 3:], axis=0) - np.min(along - spheres[:, 3:], axis=0)
    a, b, c = sorted((float(size) for size in reach), reverse=True)
    return a, b, c


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / np.linalg.norm(vector)
