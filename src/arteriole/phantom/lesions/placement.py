"""Where lesions go, and in which region that is: by the head's own solids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.lesion import Lesion, LesionKind, LesionTruth, Side

WITHIN: tuple[tuple[str, str, float], ...] = (
    ("white matter", "lobar white matter", 0.40),
    ("cortex", "cortex", 0.25),
    ("thalamus", "thalamus", 0.10),
    ("putamen", "putamen", 0.10),
    ("brainstem", "brainstem", 0.05),
    ("cerebellar white matter", "cerebellum", 0.10),
)
"""Solid, the region's name in the truth table, how often microbleeds lie there."""


def place_lesions(anatomy: Anatomy, burden: Burden, rng: np.random.Generator) -> tuple[Lesion, ...]:
    """Draw lesions inside their regions, apart from each other."""
    odds = np.array([w for _, _, w in WITHIN])
    made: list[LesionTruth] = []
    kinds: tuple[tuple[LesionKind, int], ...] = (
        ("microbleed", burden.microbleeds),
        ("calcification", burden.calcifications),
    )
    for kind, count in kinds:
        for _ in range(count):
            solid, region, _ = WITHIN[int(rng.choice(len(WITHIN), p=odds / odds.sum()))]
            centre = _inside(anatomy, solid, rng, made)
            diameter = float(np.exp(rng.uniform(np.log(1.0), np.log(5.0))))
            strength = float(np.exp(rng.uniform(np.log(0.6), np.log(2.5))))
            chi = strength if kind == "microbleed" else -strength
            made.append(_truth(anatomy, kind, centre, diameter, chi, region))
    if burden.physiological:
        made += _physiological(anatomy, rng)
    return tuple(Lesion(truth) for truth in made)


def _physiological(anatomy: Anatomy, rng: np.random.Generator) -> list[LesionTruth]:
    """Calcified pineal gland and choroid plexus."""
    made = []
    spots = (
        ((0.0, -34.0, 2.0), "pineal gland", (2.0, 4.5), (-2.5, -0.8)),
        ((-20.5, -37.5, 8.5), "choroid plexus", (1.5, 4.0), (-1.8, -0.6)),
        ((20.5, -37.5, 8.5), "choroid plexus", (1.5, 4.0), (-1.8, -0.6)),
    )
    for place, region, size, strength in spots:
        near = np.array([place]) + rng.normal(0, 0.5, (1, 3))
        centre = anatomy.frame.to_world(near)[0]
        diameter, chi = float(rng.uniform(*size)), float(rng.uniform(*strength))
        made.append(_truth(anatomy, "calcification", centre, diameter, chi, region))
    return made


def _truth(
    anatomy: Anatomy,
    kind: LesionKind,
    centre: NDArray[np.float64],
    diameter: float,
    chi: float,
    region: str,
) -> LesionTruth:
    x, y, z = (round(float(c), 3) for c in centre)
    diameter = round(diameter, 3)
    return LesionTruth(
        kind,
        (x, y, z),
        diameter,
        round(chi, 4),
        region,
        _side(centre, anatomy),
        extent_mm=(diameter, diameter, diameter),
    )


def _side(centre: NDArray[np.float64], anatomy: Anatomy) -> Side:
    """Tell the side by the head's own midline."""
    at = np.asarray(centre, dtype=np.float32)[:, None]
    x = float(anatomy.frame.to_template(at[0], at[1], at[2])[0][0])
    if abs(x) < 2.5:
        return "midline"
    return "right" if x > 0 else "left"


def _inside(
    anatomy: Anatomy, name: str, rng: np.random.Generator, others: list[LesionTruth]
) -> NDArray[np.float64]:
    """Draw a point of a solid that no later solid covers, 12 mm from other lesions if it can."""
    solid = anatomy[name]
    inner = np.argwhere(solid.level > 1.0)
    cells = inner[rng.integers(len(inner), size=200)] + rng.uniform(-0.4, 0.4, (200, 3))
    points = np.asarray(solid.origin_mm) + cells * solid.spacing_mm
    points = points[anatomy.visible_depth(name, points) > 0.5]
    if not len(points):
        raise ValueError(f"no room for a lesion in the {name}")
    if not others:
        return points[0]
    apart = points[:, None] - np.array([o.centre_mm for o in others])[None]
    gap = np.linalg.norm(apart, axis=2).min(axis=1)
    roomy = np.flatnonzero(gap > 12.0)
    return points[int(roomy[0]) if len(roomy) else int(np.argmax(gap))]
