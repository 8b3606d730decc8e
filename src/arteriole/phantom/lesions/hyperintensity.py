"""White matter hyperintensities of a severity: grades first, then shapes that have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.deep_foci import deep_odds, grown_together, punctate
from arteriole.phantom.lesions.extent import axial_diameter, lesions_of
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.periventricular import periventricular
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.lesions.terrain import Field, Terrain

CORE_MM = 1.3
"""Depth from which a focus is at its brightest."""


def intended_grades(severity: float, rng: np.random.Generator) -> tuple[int, int]:
    """Draw the Fazekas grades (periventricular, deep) of a severity.

    Parameters
    ----------
    severity : float
        0 (none) to 3 (large confluent areas).
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    tuple of 2 int
        Each within 1 of the severity; they differ by 1 at most.

    Raises
    ------
    ValueError
        For a severity out of range.
    """
    if not 0.0 <= severity <= 3.0:
        raise ValueError(f"severity lies in [0, 3], not {severity}")
    lean = float(np.clip(rng.normal(0.0, 0.2), -0.45, 0.45))
    if severity == 0.0:
        return 0, 0
    around, deep = (int(np.clip(np.floor(severity + s + 0.5), 0, 3)) for s in (lean, -lean))
    return around, deep


def hyperintensities(
    terrain: Terrain,
    regions: Regions,
    severity: float,
    rng: np.random.Generator,
    *,
    grades: tuple[int, int] | None = None,
) -> list[Lesion]:
    """Draw the white matter hyperintensities of one head.

    Parameters
    ----------
    terrain, regions
        The head's white matter, and what its places are called.
    severity : float
        0 to 3.
    rng : numpy.random.Generator
        Source of randomness.
    grades : tuple of 2 int, optional
        Fazekas grades to build, periventricular and deep; drawn from the severity unless given.

    Returns
    -------
    list of Lesion
        One a connected component, the largest first.

    Raises
    ------
    ValueError
        For a severity out of range, or a head without room.
    """
    around, deep = intended_grades(severity, rng) if grades is None else grades
    if severity == 0.0 and grades is None:
        return []
    progress = float(np.clip(severity - around + 0.5, 0.0, 1.0))
    level = np.full(terrain.white.shape, -1.0, dtype=np.float32)
    if around:
        far = around == 3 and deep == 3
        level = periventricular(terrain, around, rng, progress=progress, far=far)
    odds = deep_odds(terrain, rng)
    level = _confluent(terrain, level, odds, rng, around=around, deep=deep, progress=progress)
    # What spreads through the callosum is one lesion a side.
    level = np.minimum(level, np.abs(terrain.template[0]) - 1.0)
    count = int(rng.poisson((1.0, 7.0, 13.0, 16.0)[deep] * (0.6 + 0.8 * progress)))
    plain = 2 if deep == 1 else 0
    most = 4.0 if deep else 1.25
    dots = punctate(terrain, level > 0, odds, max(count, plain), rng, most_mm=most, plain=plain)
    if len(dots) < plain:
        raise ValueError("no room for punctate hyperintensities in the deep white matter")
    shapes = [(_form(terrain, p[0]), p) for p in _components(terrain, level, rng)]
    shapes += [("punctate", (d,)) for d in dots]
    return lesions_of("hyperintensity", shapes, regions, measured=0)


def _confluent(
    terrain: Terrain,
    level: Field,
    odds: Field,
    rng: np.random.Generator,
    *,
    around: int,
    deep: int,
    progress: float,
) -> Field:
    """Add confluent foci of the deep grade to a solid."""
    if deep < 2:
        return level
    widths = {
        2: rng.uniform(12.5, 17.0, 2 + int(rng.integers(3))),
        3: rng.uniform(27.5, 31.0 + 10.0 * progress, 2 + int(rng.integers(2))),
    }[deep]
    below = 19.0 if deep == 2 else 60.0
    merging = around == 3 and deep == 3
    reach = int(np.ceil((2.0 if merging else 3.0) / terrain.spacing_mm))
    taken = scipy.ndimage.binary_dilation(level > 0, iterations=reach)
    if not merging:
        taken |= terrain.from_ventricle < 5.0
    foci = np.zeros(level.shape, dtype=bool)
    found = 0
    for width in widths:
        free = foci if merging and found and rng.random() < 0.5 else taken
        made = grown_together(terrain, free, odds, rng, width_mm=float(width), below_mm=below)
        if made is None:
            continue
        box, focus = made
        level[box] = np.maximum(level[box], focus)
        foci[box] |= scipy.ndimage.binary_dilation(focus > 0, iterations=reach)
        taken |= foci
        found += 1
    if not found:
        raise ValueError(f"no room for confluent hyperintensities of deep grade {deep}")
    return level


def _components(
    terrain: Terrain, level: Field, rng: np.random.Generator
) -> list[tuple[Structure, ...]]:
    """Cut a solid into its connected components, the largest first, each with a brighter core."""
    label, _ = scipy.ndimage.label(level > 0)
    sizes = np.bincount(label.ravel())[1:]
    boxes = scipy.ndimage.find_objects(label)
    edge = round(float(rng.uniform(0.8, 1.5)), 3)
    faint = round(float(rng.uniform(0.6, 0.8)), 3)
    parts: list[tuple[Structure, ...]] = []
    for number in np.argsort(-sizes, kind="stable"):
        if sizes[number] < 8:
            continue
        box = tuple(slice(max(s.start - 2, 0), s.stop + 2) for s in boxes[number])
        own = label[box] == number + 1
        near = scipy.ndimage.binary_dilation(own, np.ones((3, 3, 3), dtype=bool))
        part = np.where(near & (own | (label[box] == 0)), level[box], np.float32(-3.0))
        low = terrain.world(np.array([[s.start for s in box]]))[0]
        outer = Structure(
            "hyperintensity",
            tissue.HYPERINTENSITY,
            np.ascontiguousarray(part, dtype=np.float32),
            (float(low[0]), float(low[1]), float(low[2])),
            terrain.spacing_mm,
            edge_mm=edge,
            strength=faint,
        )
        core = replace(outer, name="core", level=outer.level - CORE_MM, strength=0.75, edge_mm=1.5)
        parts.append((outer, core) if (core.level > 0.5).any() else (outer,))
    return parts


def _form(terrain: Terrain, part: Structure) -> str:
    """Name a component by where it lies and how thick it is."""
    points = _points(part)
    distance = terrain.at(terrain.from_ventricle, points)
    if distance.min() > 3.0:
        wide = axial_diameter(part.level > 0, part.spacing_mm) >= 10.0
        return "confluent" if wide else "punctate"
    thick = float(np.percentile(distance, 95))
    length = float(np.ptp(points[:, 1]))
    if thick < 2.0:
        return "lining"
    return "band" if length > 45.0 else "cap"


def _points(part: Structure) -> NDArray[np.float64]:
    """Return the lattice points inside."""
    return np.asarray(part.origin_mm) + part.spacing_mm * np.argwhere(part.level > 0)
