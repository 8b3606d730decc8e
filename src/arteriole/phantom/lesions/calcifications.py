"""Calcification of brain tissue: punctate, or a cluster of grains, diamagnetic down to -3 ppm.

Grains of a cluster are spheres a few millimetres apart; the row of a cluster tells of all of it.
Sizes and susceptibilities are our own estimates; a calcification is usually weaker per volume
than solid mineral, whose -3 ppm are the end of the range.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.ground import Ground, row, sphere_volume_mm3
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.regions import Place
from arteriole.phantom.lesions.solids import blob, painted_volume_mm3

SITES: tuple[tuple[str, float], ...] = (
    ("white matter", 0.35),
    ("cortex", 0.25),
    ("pallidum", 0.12),
    ("putamen", 0.08),
    ("thalamus", 0.08),
    ("cerebellar white matter", 0.08),
    ("brainstem", 0.04),
)
"""Solids that pathological calcification lies in, and how often."""


def calcifications(ground: Ground, rng: np.random.Generator, count: int) -> list[Lesion]:
    """Draw pathological calcifications of brain tissue, a quarter of them clusters."""
    names, odds = zip(*SITES, strict=True)
    made = []
    for _ in range(count):
        solid = names[int(rng.choice(len(names), p=np.asarray(odds) / np.sum(odds)))]
        diameter = float(np.clip(np.exp(rng.normal(np.log(2.0), 0.4)), 1.0, 6.0))
        chi = -float(np.exp(rng.uniform(np.log(0.5), np.log(3.0))))
        grains = int(rng.integers(3, 7)) if rng.random() < 0.25 else 1
        reach = 0.5 * diameter if grains == 1 else 1.2 * diameter
        depth = 0.4 if solid == "cortex" else 0.5 * diameter
        centre = ground.draw(rng, solid, depth_mm=depth, radius_mm=reach)
        place = ground.place(centre)
        if grains == 1:
            made.append(grain(place, centre, diameter, chi, form="punctate"))
        else:
            made.append(cluster(place, rng, centre, diameter, chi, grains=grains, form="cluster"))
    return made


def grain(
    place: Place, centre_mm: NDArray[np.float64], diameter_mm: float, chi_ppm: float, *, form: str
) -> Lesion:
    """Return a calcification that is a plain sphere."""
    volume = sphere_volume_mm3(diameter_mm)
    truth = row(
        "calcification",
        place,
        centre_mm,
        volume_mm3=volume,
        moment_ppm_mm3=chi_ppm * volume,
        form=form,
    )
    return Lesion(truth)


def cluster(
    place: Place,
    rng: np.random.Generator,
    centre_mm: NDArray[np.float64],
    diameter_mm: float,
    chi_ppm: float,
    *,
    grains: int,
    form: str,
) -> Lesion:
    """Return grains around a centre that together have about the volume of a sphere."""
    shares = rng.dirichlet(np.full(grains, 3.0))
    radii = 0.5 * diameter_mm * np.cbrt(shares)
    order = np.argsort(-radii)
    at: list[NDArray[np.float64]] = []
    for radius in radii[order]:
        at.append(_beside(rng, np.asarray(centre_mm), at, radii[order], float(radius)))
    solids = tuple(
        blob(
            tissue.CALCIFICATION,
            (float(p[0]), float(p[1]), float(p[2])),
            (float(r), float(r), float(r)),
            name="calcification",
            edge_mm=0.3,
            chi_ppm=chi_ppm,
        )
        for p, r in zip(at, radii[order], strict=True)
    )
    volume = sum(painted_volume_mm3(s) for s in solids)
    truth = row(
        "calcification",
        place,
        centre_mm,
        volume_mm3=volume,
        moment_ppm_mm3=chi_ppm * volume,
        form=form,
        extent_mm=extent_of(solids),
    )
    return Lesion(truth, solids)


def extent_of(solids: tuple[Structure, ...]) -> tuple[float, float, float]:
    """Return the size (mm) along the world's axes of what solids fill."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for solid in solids:
        cells = np.argwhere(solid.level > 0)
        if len(cells):
            low = np.minimum(low, solid.origin_mm + cells.min(axis=0) * solid.spacing_mm)
            high = np.maximum(high, solid.origin_mm + cells.max(axis=0) * solid.spacing_mm)
    size = high - low
    return (float(size[0]), float(size[1]), float(size[2]))


def _beside(
    rng: np.random.Generator,
    centre: NDArray[np.float64],
    others: list[NDArray[np.float64]],
    radii: NDArray[np.float64],
    radius: float,
) -> NDArray[np.float64]:
    """Draw a place near the centre that touches none of the larger grains."""
    spread = 0.6 * float(radii[0]) + 0.4
    while True:
        at = centre + rng.normal(0.0, spread, 3)
        apart = [np.linalg.norm(at - o) - r - radius for o, r in zip(others, radii, strict=False)]
        if not apart or min(apart) > 0.35:
            return at if others else centre
        spread *= 1.05
