"""Physiological calcification: pineal gland, choroid plexus, pallidum, falx, dentate nucleus.

Shares of people who have them rise with age. CT of 2,877 people found the pineal gland calcified
in 67.7 % of all and 81.5 % of those of 70 to 79 years, the choroid plexus in 57.6 %, the basal
ganglia in 7.5 % (Kwak 1988, doi:10.11477/mf.1406206122); CT of 1,569 found 71.0 %, 66.2 % and
0.8 %, falx or tentorium or sagittal sinus in 7.3 % (Daghighi 2007, PMID 17594669). Straight lines
through these by age, sizes and susceptibilities are our own estimates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.lesions.calcifications import cluster, grain
from arteriole.phantom.lesions.ground import Ground, row
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.solids import blob, painted_volume_mm3

PREVALENCE: dict[str, tuple[float, float]] = {
    "pineal": (0.65, 0.80),
    "choroid plexus": (0.55, 0.75),
    "pallidum": (0.01, 0.12),
    "falx": (0.05, 0.15),
    "dentate": (0.002, 0.02),
}
"""Share of people of 45 and of 80 years that have each."""


def prevalence(site: str, age_y: float) -> float:
    """Return the share of people of an age that have a calcification, linear from 45 to 80."""
    young, old = PREVALENCE[site]
    return young + (old - young) * float(np.clip((age_y - 45.0) / 35.0, 0.0, 1.0))


def physiological(ground: Ground, rng: np.random.Generator, *, age_y: float) -> list[Lesion]:
    """Draw the calcifications that come with age.

    Parameters
    ----------
    ground : Ground
        The head.
    rng : numpy.random.Generator
        Source of randomness.
    age_y : float
        Age, years.

    Returns
    -------
    list of Lesion
        Both sides of the choroid plexus, pallidum or dentate nucleus as two lesions.
    """
    has = {site: rng.random() < prevalence(site, age_y) for site in PREVALENCE}
    made: list[Lesion] = []
    if has["pineal"]:
        made.append(_pineal(ground, rng))
    if has["choroid plexus"]:
        made += _plexus(ground, rng)
    if has["pallidum"]:
        made += _both_sides(ground, rng, "pallidum", (1.0, 3.0), (-1.5, -0.4))
    if has["falx"]:
        made.append(_falx(ground, rng))
    if has["dentate"]:
        made += _both_sides(ground, rng, "dentate nucleus", (1.0, 2.5), (-1.5, -0.4))
    return made


def _pineal(ground: Ground, rng: np.random.Generator) -> Lesion:
    """Return a calcified pineal gland, behind the third ventricle."""
    spot = np.array([[0.0, -33.0, 3.0]]) + rng.normal(0.0, 0.6, (1, 3))
    centre = ground.anatomy.frame.to_world(spot)[0]
    diameter, chi = float(rng.uniform(2.0, 5.0)), float(rng.uniform(-2.5, -0.8))
    ground.take(centre, diameter)
    place = ground.place(centre)
    if rng.random() < 0.5:
        return grain(place, centre, diameter, chi, form="pineal gland")
    grains = int(rng.integers(2, 5))
    return cluster(place, rng, centre, diameter, chi, grains=grains, form="pineal gland")


def _plexus(ground: Ground, rng: np.random.Generator) -> list[Lesion]:
    """Return calcified glomera: both sides, now and then one only."""
    made = []
    plexus = ground.anatomy["choroid plexus"]
    cells = np.argwhere(plexus.level > -0.5 * plexus.spacing_mm)
    points = np.asarray(plexus.origin_mm) + cells * plexus.spacing_mm
    at = ground.regions.template(points)
    depth = ground.anatomy.visible_depth("choroid plexus", points)
    sides = [-1, 1] if rng.random() < 0.85 else [int(rng.choice([-1, 1]))]
    for side in sides:
        here = (np.sign(at[:, 0]) == side) & (at[:, 1] < -25.0) & (at[:, 1] > -50.0)
        if not here.any():
            continue
        near = np.where(here, depth + rng.normal(0.0, 0.3, len(depth)), -np.inf)
        centre = points[int(np.argmax(near))]
        diameter = float(np.clip(np.exp(rng.normal(np.log(3.0), 0.35)), 1.5, 8.0))
        chi = float(rng.uniform(-2.0, -0.6))
        ground.take(centre, diameter)
        place = ground.place(centre)
        grains = int(rng.integers(3, 7))
        made.append(
            cluster(place, rng, centre, diameter, chi, grains=grains, form="choroid plexus")
        )
    return made


def _both_sides(
    ground: Ground,
    rng: np.random.Generator,
    solid: str,
    size_mm: tuple[float, float],
    chi_ppm: tuple[float, float],
) -> list[Lesion]:
    """Return calcifications at about the same place of both sides."""
    chi = rng.uniform(*chi_ppm)
    diameter = rng.uniform(*size_mm)
    depth = 0.3 * diameter
    first = ground.draw(rng, solid, depth_mm=min(depth, 0.5), radius_mm=0.5 * diameter)
    mirrored = ground.regions.template(first)[0] * np.array([-1.0, 1.0, 1.0])
    around = ground.anatomy.frame.to_world(mirrored + rng.normal(0.0, 1.2, (60, 3)))
    seen = ground.anatomy.visible_depth(solid, around)
    second = around[int(np.argmax(seen))]
    pair = [first]
    if seen.max() > 0:
        ground.take(second, 0.5 * diameter)
        pair.append(second)
    form = "dentate nucleus" if solid.startswith("dentate") else solid
    made = []
    for centre in pair:
        own = float(diameter * rng.uniform(0.85, 1.15))
        one = float(chi * rng.uniform(0.85, 1.15))
        made.append(grain(ground.place(centre), centre, own, one, form=form))
    return made


def _falx(ground: Ground, rng: np.random.Generator) -> Lesion:
    """Return a plaque of the falx, a thin plate between the frontal lobes."""
    spots = np.stack(
        [rng.normal(0.0, 0.8, 200), rng.uniform(5.0, 45.0, 200), rng.uniform(38.0, 56.0, 200)],
        axis=1,
    )
    points = ground.anatomy.frame.to_world(spots)
    walls = [n for n in ("cortex", "skull", "venous sinuses") if n in ground.anatomy.names]
    gap = -np.max([ground.anatomy[name].depth(points) for name in walls], axis=0)
    centre: NDArray[np.float64] = points[int(np.argmax(gap))]
    radii = (float(rng.uniform(0.6, 1.2)), float(rng.uniform(2.0, 5.0)), float(rng.uniform(2, 4)))
    at = (float(centre[0]), float(centre[1]), float(centre[2]))
    chi = float(rng.uniform(-2.5, -0.8))
    solid = blob(tissue.CALCIFICATION, at, radii, name="calcification", edge_mm=0.3, chi_ppm=chi)
    volume = painted_volume_mm3(solid)
    ground.take(centre, max(radii))
    truth = row(
        "calcification",
        ground.place(centre),
        centre,
        volume_mm3=volume,
        moment_ppm_mm3=chi * volume,
        form="falx",
        extent_mm=(2 * radii[0], 2 * radii[1], 2 * radii[2]),
    )
    return Lesion(truth, (solid,))
