"""Periventricular hyperintensity: caps, lining, halo, and irregular extension by grade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom.anatomy.shapes import smoothstep
from arteriole.phantom.lesions.terrain import Field, Terrain
from arteriole.phantom.random_field import gaussian_field

U_FIBRE_MM = 2.5
"""Rind of white matter under the cortex that is spared."""


@dataclass(frozen=True)
class Pattern:
    """How thick the parts of one grade are, relative to its caps, and how far the grade reaches.

    Parameters
    ----------
    lining, band : float
        Thickness of the ependymal lining and of the halo beside the body.
    noise : float
        Standard deviation of the thickness's logarithm.
    ripple_mm : float
        Wavelength of that irregularity.
    reach_mm : tuple of 2 float
        Range from which the 95th percentile of the distance from the ventricle is drawn.
    most_mm : float
        No part lies farther from the ventricle.
    """

    lining: float
    band: float
    noise: float
    ripple_mm: float
    reach_mm: tuple[float, float]
    most_mm: float


PATTERNS = {
    1: Pattern(0.60, 0.45, 0.25, 24.0, (3.0, 4.5), 8.0),
    2: Pattern(0.22, 0.75, 0.18, 26.0, (5.6, 8.6), 12.0),
    3: Pattern(0.20, 0.95, 0.36, 15.0, (10.8, 12.0), 12.6),
}
"""Per Fazekas grade; 3 reaches farther where the deep grade is 3 as well."""


def periventricular(
    terrain: Terrain, grade: int, rng: np.random.Generator, *, progress: float, far: bool = False
) -> Field:
    """Return the depth (mm) inside the periventricular hyperintensities of one head.

    Parameters
    ----------
    terrain : Terrain
        The head's white matter.
    grade : {1, 2, 3}
        Fazekas grade: caps or lining; smooth halo; irregular, extending into deep white matter.
    rng : numpy.random.Generator
        Source of randomness.
    progress : float
        How far within the grade, from 0 to 1.
    far : bool
        Whether grade 3 may extend beyond 13 mm from the ventricle.

    Returns
    -------
    ndarray, float32
        On the terrain's lattice; all of it within the white matter, connected with the ventricle.

    Raises
    ------
    ValueError
        For a grade other than 1, 2, 3, or a head without room for it.

    Notes
    -----
    A point is inside where its distance from the person's own ventricle is less than a thickness:
    caps at both ends, a halo beside the body, a thin lining, times smooth noise of which one part
    is the same on both sides. One factor scales the thickness so that the 95th percentile of the
    distance, in the worse hemisphere, is what was drawn for the grade.
    """
    if grade not in PATTERNS:
        raise ValueError(f"periventricular grades are 1, 2 and 3, not {grade}")
    pattern = PATTERNS[grade]
    low, high = (10.8, 16.0) if far and grade == 3 else pattern.reach_mm
    target = low + (high - low) * float(np.clip(progress + rng.normal(0.0, 0.12), 0.0, 1.0))
    most = 22.0 if far and grade == 3 else pattern.most_mm
    room = np.minimum(2.0 * terrain.white, terrain.beneath_cortex - U_FIBRE_MM)
    room = np.minimum(room, most - terrain.from_ventricle)
    room[terrain.from_ventricle < -2.0] = -4.0
    thickness = _profile(terrain, pattern, rng)
    scale = _fit(terrain, thickness, room, target)
    level = np.minimum(scale * thickness - terrain.from_ventricle, room)
    return attached(level, terrain.from_ventricle)


def attached(level: Field, distance: Field, *, least: int = 6) -> Field:
    """Drop components of few points, and those more than 3 mm from the ventricle."""
    label, count = scipy.ndimage.label(level > 0)
    sizes = np.bincount(label.ravel(), minlength=count + 1)
    # `scipy.ndimage.minimum` sorts the whole lattice, of which little is labelled.
    inside = np.flatnonzero(label)
    closest = np.full(count + 1, np.inf, dtype=distance.dtype)
    np.minimum.at(closest, label.ravel()[inside], distance.ravel()[inside])
    lost = (sizes < least) | (closest > 3.0)
    lost[0] = False
    return np.where(lost[label], np.float32(-1.0), level).astype(np.float32)


def _profile(terrain: Terrain, pattern: Pattern, rng: np.random.Generator) -> Field:
    """Return the thickness at every point, relative to that of the caps."""
    x, y, z = terrain.template
    inside = terrain.from_ventricle < 0
    back, front = np.percentile(y[inside & (z > -6)], (0.5, 99.5))
    foremost = smoothstep(y, front - 7.0, front + 1.0)
    hindmost = smoothstep(-y, -back - 12.0, -back - 1.0)
    lean = float(np.exp(rng.normal(0.0, 0.15)))
    caps = np.maximum(foremost * lean, hindmost * 1.1 / lean)
    outer = smoothstep(terrain.beside, -0.25, 0.45)
    ripple = _ripple(terrain, pattern.ripple_mm, rng)
    lining = pattern.lining * (0.35 + 0.65 * outer) * smoothstep(ripple, -1.2, 0.6)
    band = pattern.band * outer * smoothstep(z, -8.0, 8.0)
    thickness = np.maximum(np.maximum(lining, band), caps * (0.4 + 0.6 * outer))
    thickness *= np.where(terrain.nearest[1] < -5.0, np.float32(0.3), np.float32(1.0))
    sides = np.exp(rng.normal(0.0, 0.12, 2)).astype(np.float32)
    thickness *= np.where(x > 0, sides[0], sides[1]) * np.exp(pattern.noise * ripple)
    return np.asarray(thickness, dtype=np.float32)


def _ripple(terrain: Terrain, wavelength_mm: float, rng: np.random.Generator) -> Field:
    """Return noise of unit variance, half of its variance the same on both sides."""
    x, y, z = terrain.template
    both = gaussian_field(rng, wavelength_mm, bandwidth=0.5, size=32).at(np.abs(x), y, z)
    own = gaussian_field(rng, wavelength_mm, bandwidth=0.6, size=32).at(x + 200.0, y, z)
    return np.asarray((both + own) * np.float32(np.sqrt(0.5)), dtype=np.float32)


def _fit(terrain: Terrain, thickness: Field, room: Field, target_mm: float) -> float:
    """Find the scale at which the worse hemisphere's 95th percentile is on target."""
    near = (terrain.from_ventricle > 0) & (terrain.from_ventricle < 26.0) & (room > 0)
    distance, thick = terrain.from_ventricle[near], thickness[near]
    right = terrain.template[0][near] > 0
    low, high = 0.5, 80.0
    for _ in range(18):
        scale = float(np.sqrt(low * high))
        inside = scale * thick > distance
        reach = max(_t95(distance[inside & right]), _t95(distance[inside & ~right]))
        low, high = (scale, high) if reach < target_mm else (low, scale)
    if not 0.8 < high < 79.0:
        raise ValueError(f"no room for hyperintensities that reach {target_mm:.1f} mm")
    return high


def _t95(distance_mm: NDArray[np.float32]) -> float:
    """Return the 95th percentile, 0 of nothing."""
    return float(np.percentile(distance_mm, 95)) if distance_mm.size else 0.0
