"""Internal cerebral veins, basal veins and the great vein, which carry the deep blood away."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.curves import Points, curve, softened, wound
from arteriole.phantom.vessels.growth import Tree
from arteriole.phantom.vessels.sinuses import GALEN_MM
from arteriole.phantom.vessels.surfaces import PARENCHYMA, depth_in_any, settled, taken
from arteriole.phantom.vessels.tubes import Pieces

_INTERNAL_MM = ((2.5, -8.0, 12.5), (2.2, -24.0, 12.0), (1.0, -36.0, 9.5), GALEN_MM)
_ATRIAL_MM = ((6.0, -41.0, 8.0), GALEN_MM)
_HORN_MM = ((22.0, -26.0, -5.0), (15.0, -34.0, 1.0), GALEN_MM)
_BASAL_MM = (
    (13.0, 5.0, -15.0),
    (14.0, -4.0, -13.0),
    (17.0, -16.0, -9.0),
    (16.0, -28.0, -4.0),
    (9.0, -38.0, 3.0),
    GALEN_MM,
)


def deep_veins(anatomy: Anatomy, tributaries: Tree, rng: np.random.Generator) -> Pieces:
    """Return the veins that join the medullary trees' roots to the great vein of Galen.

    Parameters
    ----------
    anatomy : Anatomy
        Whose frame and surfaces the veins follow.
    tributaries : Tree
        From `medullary_veins`; what flows from its roots decides the radii (Murray).
    rng : numpy.random.Generator
        Source of randomness.
    """
    fluid = depth_in_any(anatomy, PARENCHYMA)
    roots = np.flatnonzero(tributaries.parent < 0)
    where = np.stack(
        anatomy.frame.to_template(*tributaries.points[roots].astype(np.float32).T), axis=1
    )
    ways = [np.array(_way(at)) * [np.sign(at[0]), 1.0, 1.0] for at in where]
    basal = [curve(np.array(_BASAL_MM) * [side, 1.0, 1.0]) for side in (-1, 1)]
    paths = taken(anatomy, [*ways, *basal])
    out = []
    for root, way in zip(roots, paths[: len(roots)], strict=True):
        path = _placed(np.concatenate([tributaries.points[root][None], way]), rng)
        radius = max(float(tributaries.radius_mm[root]), 0.25)
        out.append(Pieces.along(path, np.linspace(radius, 1.12 * radius, len(path))))
    for way in paths[len(roots) :]:
        path = _placed(settled(fluid, way, low_mm=-99.0, high_mm=-0.4, steps=3), rng)
        out.append(Pieces.along(path, np.linspace(0.45, 0.95, len(path))))
    return Pieces.joined(*out)


def _way(at: Points) -> tuple[tuple[float, float, float], ...]:
    """Return the way to the great vein from where a root lies in template mm."""
    if at[2] < -5.0:
        return _HORN_MM
    return _ATRIAL_MM if at[1] < -25.0 else _INTERNAL_MM


def _placed(path: Points, rng: np.random.Generator) -> Points:
    """Return a smooth path with slight windings."""
    path = curve(path, step_mm=1.5)
    return softened(wound(path, rng, amplitude_mm=0.4, wavelength_mm=9.0), rounds=2)
