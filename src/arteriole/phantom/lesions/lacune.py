"""Lacunes: small fluid cavities with a rim of gliosis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.shapes import smoothstep
from arteriole.phantom.lesions.extent import lesions_of
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.lesions.patch import ovoid, patch
from arteriole.phantom.lesions.perforators import perforator_way
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.lesions.sites import apart, draw_site
from arteriole.phantom.lesions.terrain import Terrain, inner_depth

TRIES = 80


def lacune(
    terrain: Terrain,
    regions: Regions,
    rng: np.random.Generator,
    taken: list[LesionTruth],
) -> Lesion:
    """Draw one lacune.

    Parameters
    ----------
    terrain, regions
        The head.
    rng : numpy.random.Generator
        Source of randomness.
    taken : list of LesionTruth
        Lesions to keep 2 mm away from.

    Returns
    -------
    Lesion
        Cavity (3 to 15 mm long; what is measured) over a rim 0.5 to 1.5 mm thick, which half of
        them have on a part of their surface only.

    Raises
    ------
    ValueError
        If no place has room for it.

    Notes
    -----
    Its long axis follows the perforating arteries; neither it nor its rim comes within 1 mm of
    a ventricle or beneath 1 mm of the cortex, so that it is never open to other fluid.
    """
    for attempt in range(TRIES):
        length = float(np.clip(np.exp(rng.normal(np.log(6.0), 0.38)), 3.4, 14.5))
        length = max(length * (1.0 - attempt / TRIES), 3.4)
        wide = length * rng.uniform(0.55, 0.9, 2)
        half = (length / 2, max(wide[0], 2.6) / 2, max(wide[1], 2.6) / 2)
        rim = float(rng.uniform(0.5, 1.5))
        site, points = draw_site(terrain, rng, reach_mm=half[1] + rim)
        points = points[apart(points, taken, radius_mm=length / 2 + rim, gap_mm=2.0)]
        if len(points):
            made = _build(terrain, regions, points[0], site, half, rim, rng)
            if made is not None:
                return made
    raise ValueError(f"no room for a lacune within {TRIES} tries")


def _build(
    terrain: Terrain,
    regions: Regions,
    centre: NDArray[np.float64],
    site: str,
    half: tuple[float, float, float],
    rim: float,
    rng: np.random.Generator,
) -> Lesion | None:
    """Return cavity and rim at one place, or None where they come too near to fluid."""
    room = patch(centre, half[0] * 1.25 + rim + 1.5, float(np.clip(half[1] / 5.0, 0.3, 0.6)))
    along = perforator_way(terrain, centre[None], site)[0] + rng.normal(0.0, 0.15, 3)
    taper = float(rng.choice([0.0, rng.uniform(0.3, 0.5)]))
    cavity = ovoid(room.points_mm, centre, along, half, taper=taper)
    waves = rng.normal(0.0, 2.2, (2, 3)) / half[0]
    shift = rng.uniform(0.0, 6.3, 2)
    cavity += 0.08 * half[1] * np.cos((room.points_mm - centre) @ waves.T + shift).sum(axis=1)
    near = cavity > -(rim + 1.0)
    if (inner_depth(terrain.anatomy, room.points_mm[near]) < 0).any():
        return None
    shell = cavity + rim * _coverage(room.points_mm - centre, rng)
    solids = (
        room.structure("rim", tissue.GLIOSIS, shell, strength=round(rng.uniform(0.6, 1.0), 3)),
        room.structure("cavity", tissue.CAVITY, cavity),
    )
    return lesions_of("lacune", [("wedge" if taper else "ovoid", solids)], regions)[0]


def _coverage(away: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return how much of the rim's thickness each direction has, from 0 to 1."""
    facing = rng.normal(0.0, 1.0, 3)
    facing /= np.linalg.norm(facing)
    if rng.random() < 0.5:
        return np.ones(len(away), dtype=np.float32)
    cosine = away @ facing / np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    edge = rng.uniform(-0.6, 0.3)
    return smoothstep(cosine, edge - 0.3, edge + 0.3)
