"""Microbleeds: small sources of haemosiderin, most of them spheres.

Where they lie follows n = 126 lesions of public tables: cortex and its border to the white matter
56 %, subcortical white matter 17 %, basal ganglia 10 %, brainstem 8 %, thalamus 5 %, cerebellum
4 %. "lobar" is the pattern of amyloid angiopathy, which spares what is deep and favours the
posterior lobes; "deep" that of hypertension. Shares within these patterns are our own estimates.

Source diameter and susceptibility are log-normal (median 2.2 mm and 1 ppm): our own choice, made
so that the apparent radius at 3 T and an echo time near 20 ms falls where public cohorts measure
it (means of 1.26 to 1.8 mm; one head of 60, 29 of them seen in a slab of the UK Biobank protocol:
mean 1.49 mm, sd 0.52); most microbleeds are seen smaller than 4 mm across (Ayaz 2010,
doi:10.1002/jmri.22001). Susceptibility and size cannot be told apart from outside, only their
product with the volume (Liu 2012, Radiology 262:269), so that the pair is plausible, not known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.lesions.burden import Pattern
from arteriole.phantom.lesions.ground import (
    Fits,
    Ground,
    row,
    sphere_volume_mm3,
)
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.regions import ZONES
from arteriole.phantom.lesions.solids import blob, painted_volume_mm3

SITES: dict[Pattern, dict[str, float]] = {
    "mixed": {
        "cortex": 0.28,
        "junction": 0.28,
        "subcortical": 0.17,
        "basal ganglia": 0.10,
        "brainstem": 0.08,
        "thalamus": 0.05,
        "cerebellum": 0.04,
    },
    "lobar": {"cortex": 0.37, "junction": 0.37, "lobar white matter": 0.23, "cerebellum": 0.03},
    "deep": {
        "basal ganglia": 0.40,
        "thalamus": 0.25,
        "brainstem": 0.22,
        "deep white matter": 0.08,
        "cerebellum": 0.05,
    },
}
"""How often microbleeds lie where, by pattern."""

_SOLIDS: dict[str, tuple[tuple[str, float], ...]] = {
    "basal ganglia": (("putamen", 0.6), ("pallidum", 0.25), ("caudate", 0.15)),
    "cerebellum": (("cerebellar white matter", 0.6), ("cerebellar cortex", 0.4)),
    "cortex": (("cortex", 1.0),),
    "thalamus": (("thalamus", 1.0),),
    "brainstem": (("brainstem", 1.0),),
}
_POSTERIOR = {"occipital lobe": 1.0, "temporal lobe": 0.75, "parietal lobe": 0.75}
_ELSEWHERE = 0.45


def microbleeds(
    ground: Ground, rng: np.random.Generator, count: int, *, pattern: Pattern = "mixed"
) -> list[Lesion]:
    """Draw microbleeds in the places of a pattern.

    Parameters
    ----------
    ground : Ground
        The head; what is drawn is taken from it.
    rng : numpy.random.Generator
        Source of randomness.
    count : int
        How many.
    pattern : {"mixed", "lobar", "deep"}
        Where; "lobar" has none in the deep zone, "deep" none in the lobar one.

    Returns
    -------
    list of Lesion
        Spheres, and from 3 mm on some irregular solids; each row's moment is what is painted.
    """
    sites, odds = zip(*SITES[pattern].items(), strict=True)
    share = np.asarray(odds) / np.sum(odds)
    made = []
    for _ in range(count):
        site = sites[int(rng.choice(len(sites), p=share))]
        diameter = draw_diameter_mm(rng)
        chi = float(np.clip(np.exp(rng.normal(0.0, 0.45)), 0.3, 3.5))
        centre = _draw(ground, rng, site, 0.5 * diameter, pattern)
        made.append(microbleed(ground, rng, centre, diameter, chi))
    return made


def draw_diameter_mm(rng: np.random.Generator) -> float:
    """Draw the diameter of a source, 1 to 10 mm."""
    while True:
        diameter = float(np.exp(rng.normal(np.log(2.2), 0.38)))
        if 1.0 <= diameter <= 10.0:
            return diameter


def microbleed(
    ground: Ground,
    rng: np.random.Generator,
    centre_mm: NDArray[np.float64],
    diameter_mm: float,
    chi_ppm: float,
) -> Lesion:
    """Return one microbleed: a sphere, or if it is large perhaps an irregular solid."""
    place = ground.place(centre_mm)
    odd = diameter_mm >= 3.0 and (diameter_mm > 6.0 or rng.random() < 0.4)
    if not odd:
        volume = sphere_volume_mm3(diameter_mm)
        truth = row(
            "microbleed",
            place,
            centre_mm,
            volume_mm3=volume,
            moment_ppm_mm3=chi_ppm * volume,
            form="round",
        )
        return Lesion(truth)
    long, flat = rng.uniform(1.0, 1.35), rng.uniform(0.8, 1.0)
    radii = 0.5 * diameter_mm * np.array([long, flat, 1.0]) / np.cbrt(long * flat)
    at = (float(centre_mm[0]), float(centre_mm[1]), float(centre_mm[2]))
    size = (float(radii[0]), float(radii[1]), float(radii[2]))
    solid = blob(
        tissue.MICROBLEED,
        at,
        size,
        name="microbleed",
        rng=rng,
        rough=0.06,
        edge_mm=0.4,
        chi_ppm=chi_ppm,
    )
    volume = painted_volume_mm3(solid)
    truth = row(
        "microbleed",
        place,
        centre_mm,
        volume_mm3=volume,
        moment_ppm_mm3=chi_ppm * volume,
        form="ovoid",
        extent_mm=(2 * size[0], 2 * size[1], 2 * size[2]),
    )
    return Lesion(truth, (solid,))


def _draw(
    ground: Ground, rng: np.random.Generator, site: str, radius: float, pattern: Pattern
) -> NDArray[np.float64]:
    """Draw the middle of a microbleed in one kind of place."""
    solid, depth = "white matter", 0.3
    if site in _SOLIDS:
        names, odds = zip(*_SOLIDS[site], strict=True)
        solid = names[int(rng.choice(len(names), p=np.asarray(odds)))]
        depth = min(0.8 * radius, 1.0 if "cortex" not in solid else 0.4)
    elif site in ("subcortical", "lobar white matter", "deep white matter"):
        depth = max(2.0, radius)
    fits = _fits(ground, rng, site, pattern)
    return ground.draw(rng, solid, depth_mm=depth, radius_mm=radius, fits=fits, in_tissue=True)


def _fits(ground: Ground, rng: np.random.Generator, site: str, pattern: Pattern) -> Fits:
    """Return the test of a site and pattern: zone, nearness of the cortex, posterior lobes."""

    def fits(points: NDArray[np.float64]) -> NDArray[np.bool_]:
        places = ground.regions.where(points)
        good = np.array([ZONES[p.region] != "" for p in places])
        if pattern == "lobar":
            good &= np.array([p.zone != "deep" for p in places])
            odds = np.array([_POSTERIOR.get(p.region, _ELSEWHERE) for p in places])
            good &= rng.random(len(points)) < odds
        if site == "deep white matter":
            good &= np.array([p.zone == "deep" for p in places])
        if site == "junction":
            good &= ground.anatomy["white matter"].depth(points) < 1.5
        if site in ("cortex", "junction"):
            good &= np.array([p.zone == "lobar" for p in places])
        return good

    return fits
