"""Infarcts that are not cavities: recent small subcortical ones, and old ones of the cortex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.lesions.extent import lesions_of
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.lesions.patch import ovoid, patch
from arteriole.phantom.lesions.perforators import perforator_way
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.lesions.sites import apart, draw_site
from arteriole.phantom.lesions.terrain import FLUID, Field, Terrain, inner_depth
from arteriole.phantom.random_field import gaussian_field

TRIES = 80
_SPARED = (*FLUID, "caudate", "putamen", "pallidum", "thalamus", "brainstem", "internal capsule")


def subcortical_infarct(
    terrain: Terrain,
    regions: Regions,
    rng: np.random.Generator,
    taken: list[LesionTruth],
) -> Lesion:
    """Draw one recent small subcortical infarct: a soft ovoid, 5 to 19 mm, along its artery.

    Parameters
    ----------
    terrain, regions, rng, taken
        As for `lacune`.

    Raises
    ------
    ValueError
        If no place has room for it.
    """
    for attempt in range(TRIES):
        length = float(rng.uniform(6.0, 17.5)) * (1.0 - 0.6 * attempt / TRIES)
        half = (length / 2, length * rng.uniform(0.3, 0.42), length * rng.uniform(0.3, 0.42))
        site, points = draw_site(terrain, rng, reach_mm=half[1])
        points = points[apart(points, taken, radius_mm=length / 2, gap_mm=2.0)]
        if not len(points):
            continue
        room = patch(points[0], half[0] + 2.5, 0.6)
        along = perforator_way(terrain, points[:1], site)[0] + rng.normal(0.0, 0.15, 3)
        level = ovoid(room.points_mm, points[0], along, half)
        level += 0.4 * gaussian_field(rng, 8.0, size=32).at(*room.points_mm.T)
        if (inner_depth(terrain.anatomy, room.points_mm[level > -1.0]) < 0).any():
            continue
        edge = round(float(rng.uniform(0.6, 1.5)), 3)
        solid = room.structure("infarct", tissue.RECENT_INFARCT, level, edge_mm=edge)
        return lesions_of("subcortical infarct", [("acute", (solid,))], regions)[0]
    raise ValueError(f"no room for a subcortical infarct within {TRIES} tries")


def cortical_infarct(
    terrain: Terrain,
    regions: Regions,
    rng: np.random.Generator,
    taken: list[LesionTruth],
) -> Lesion:
    """Draw one old infarct of the cortex: a wedge that points to the ventricle, shrunk.

    Parameters
    ----------
    terrain, regions, rng, taken
        As for `lacune`.

    Returns
    -------
    Lesion
        A border of gliosis, scarred tissue in cortex and white matter (what is measured), and
        fluid where the outer part of the cortex is lost.

    Raises
    ------
    ValueError
        If no place has room for it.
    """
    cortex = terrain.anatomy["cortex"]
    cells = np.argwhere((cortex.level > 0.5) & (cortex.level < 2.0))
    for at in rng.integers(len(cells), size=TRIES):
        top = np.asarray(cortex.origin_mm) + cortex.spacing_mm * cells[at]
        x, _, z = terrain.anatomy.frame.to_template(*top.astype(np.float32)[:, None])
        if abs(float(x[0])) < 20.0 or float(z[0]) < -12.0:
            continue
        if terrain.anatomy.visible_depth("cortex", top)[0] <= 0:
            continue
        inward = terrain.to_ventricle(top)[0]
        away = float(terrain.at(terrain.from_ventricle, top)[0])
        if away < 24.0 or not apart(top[None], taken, radius_mm=12.0, gap_mm=4.0)[0]:
            continue
        length = min(float(rng.uniform(18.0, 32.0)), away - 6.0)
        return _wedge(terrain, regions, top, inward, length, rng)
    raise ValueError(f"no room for a cortical infarct within {TRIES} tries")


def _wedge(
    terrain: Terrain,
    regions: Regions,
    top: NDArray[np.float64],
    inward: NDArray[np.float64],
    length: float,
    rng: np.random.Generator,
) -> Lesion:
    """Return border, scar and fluid of a wedge whose base lies on the brain's surface."""
    width = length * float(rng.uniform(0.35, 0.55))
    room = patch(top + 0.4 * length * inward, 0.75 * length + width, 1.0)
    cone = _cone(room.points_mm, top, inward, length, width)
    cone += 1.2 * gaussian_field(rng, 14.0, bandwidth=0.5, size=32).at(*room.points_mm.T)
    inside = terrain.anatomy["cortex"].depth(room.points_mm)
    spared = [
        terrain.anatomy[n].depth(room.points_mm) for n in _SPARED if n in terrain.anatomy.names
    ]
    limit = np.minimum(inside, -np.max(spared, axis=0) - 1.0)
    scar = np.minimum(cone, limit)
    border = np.minimum(cone + float(rng.uniform(1.0, 2.5)), limit - 1.5)
    lost = np.minimum(scar - 0.5, float(rng.uniform(1.5, 3.0)) - inside)
    solids = (
        room.structure("border", tissue.GLIOSIS, border, edge_mm=1.0, strength=0.8),
        room.structure("scar", tissue.OLD_INFARCT, scar, edge_mm=0.8),
        room.structure("lost", tissue.CSF, lost),
    )
    return lesions_of("cortical infarct", [("old", solids)], regions, measured=1)[0]


def _cone(
    points: NDArray[np.float64],
    top: NDArray[np.float64],
    inward: NDArray[np.float64],
    length: float,
    width: float,
) -> Field:
    """Return the approximate depth inside a cone, its apex ``length`` below the surface."""
    down = (points - top) @ inward
    aside = np.linalg.norm(points - top - down[:, None] * inward, axis=1)
    slant = np.hypot(length, width)
    side = (width * (1.0 - down / length) - aside) * length / slant
    return np.asarray(np.minimum(side, down + 8.0), dtype=np.float32)
