"""Ventricles, choroid plexus and the deep nuclei with their iron."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import Level, ellipsoid, tube, union
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.anatomy.ventricles import lateral_ventricles, middle_ventricles
from arteriole.phantom.random_field import gaussian_field

Size3 = tuple[float, float, float]

BACKWARDS: dict[int, float] = {
    tissue.PUTAMEN: 0.016,
    tissue.PALLIDUM: -0.006,
    tissue.CAUDATE: 0.004,
}
"""Relative rise of iron per mm towards the back: the putamen's iron lies behind."""

EDGE_MM: dict[int, float] = {
    tissue.THALAMUS: 2.5,
    tissue.NIGRA: 1.8,
    tissue.RED_NUCLEUS: 1.2,
    tissue.DENTATE: 1.0,
    tissue.PALLIDUM: 1.6,
}
"""Width over which nuclei fade into white matter."""


def deep(space: Lattice, rng: np.random.Generator, *, atrophy: float) -> list[Structure]:
    """Return nuclei, then ventricles, which cut into them."""
    x, y, z = space.x, space.y, space.z
    rough = gaussian_field(rng, 9.0, bandwidth=0.5, size=48).at(x, y, z) * np.float32(0.35)
    both = np.abs(x)
    wide = 0.8 + 0.9 * atrophy
    nuclei = _nuclei(space, both, y, z, rough, rng)
    walls = {n.name: n.level for n in nuclei}
    around = np.maximum(walls["caudate"], walls["thalamus"])
    lateral = lateral_ventricles(x, y, z, around, walls["hippocampus"], wide=wide)
    middle = middle_ventricles(x, y, z, wide=wide)
    name = "third and fourth ventricles"
    return [
        *nuclei,
        space.structure("lateral ventricles", tissue.VENTRICLE, lateral + 0.4 * rough),
        space.structure(name, tissue.VENTRICLE, middle + 0.3 * rough),
        space.structure("choroid plexus", tissue.CHOROID, _choroid(both, y, z) + 2.0 * rough),
    ]


def _choroid(both: Level, y: Level, z: Level) -> Level:
    return tube(both, y, z, [(19, -35, 11), (21, -38, 8), (26, -37, 2)], [2.0, 3.2, 1.8])


def _nuclei(
    space: Lattice,
    both: Level,
    y: Level,
    z: Level,
    rough: Level,
    rng: np.random.Generator,
) -> list[Structure]:
    """Return the nuclei, both sides in one solid, each with an iron gradient of its own."""
    head = tube(both, y, z, [(13, 20, 3), (14, 10, 9), (16, -4, 17)], [7.0, 6.0, 3.8], blend=3.0)
    tail = tube(both, y, z, [(16, -4, 17), (21, -22, 18), (28, -33, 8)], [3.5, 2.2, 1.5])
    lens = _tilted(both, y, z, (27, 2, 1), (7.5, 17.5, 11.0), 0.18)
    globus = _tilted(both, y, z, (20.5, -3, -1), (5.6, 12.0, 7.6), 0.30)
    lamina = np.maximum(np.abs(globus - 2.3) - 0.35, -globus)
    thalamus = _tilted(both, y, z, (11.5, -18, 6), (10.2, 16.5, 10.2), 0.30)
    red = ellipsoid(both, y, z, (5.2, -20, -9), (3.3, 3.6, 4.0))
    nigra = _tilted(both, y, z, (10.0, -16.5, -12), (2.6, 6.6, 5.5), 0.75)
    dentate = ellipsoid(both, y, z, (15, -56, -35), (8.0, 10.0, 7.0))
    hilum = 3.0 - 0.8 * (y + 56.0) + 0.6 * (both - 15.0)
    ribbon = np.minimum(1.1 - np.abs(dentate - 1.2 + 2.2 * rough), np.minimum(y + 66.0, hilum))
    horn: list[Size3] = [(24, -10, -20), (27, -20, -16), (29, -31, -9), (24, -38, -2)]
    hippocampus = tube(both, y, z, horn, [5.6, 4.6, 3.8, 2.4], blend=2.0)
    amygdala = ellipsoid(both, y, z, (22.5, -3.5, -19), (7.0, 6.2, 7.0))
    accumbens = ellipsoid(both, y, z, (9.5, 11, -7), (4.6, 6.0, 4.0))
    capsule = 1.2
    rows: list[tuple[str, int, NDArray[np.float32], Size3]] = [
        ("caudate", tissue.CAUDATE, union(head, tail, 2.0) + rough, (0, 8, 6)),
        ("putamen", tissue.PUTAMEN, lens - capsule * (globus > 0) + rough, (27, 2, 1)),
        ("pallidum", tissue.PALLIDUM, np.minimum(globus, lamina + 0.2) + rough, (20, -3, -1)),
        ("thalamus", tissue.THALAMUS, thalamus + rough, (12, -18, 6)),
        ("red nucleus", tissue.RED_NUCLEUS, red + 0.5 * rough, (5, -20, -9)),
        ("substantia nigra", tissue.NIGRA, nigra + 0.5 * rough, (10, -16, -12)),
        ("dentate nucleus", tissue.DENTATE, ribbon, (15, -56, -35)),
        ("hippocampus", tissue.HIPPOCAMPUS, hippocampus + 0.7 * rough, (27, -22, -14)),
        ("amygdala", tissue.AMYGDALA, amygdala + 0.7 * rough, (22, -4, -19)),
        ("accumbens", tissue.ACCUMBENS, accumbens + rough, (10, 11, -7)),
    ]
    made = []
    for name, which, level, centre in rows:
        along = rng.normal(0.0, 0.006, 2)
        slope = (0.0, float(along[0]) - BACKWARDS.get(which, 0.0), float(along[1]))
        solid = space.structure(
            name, which, level, slope_per_mm=slope, centre_mm=(0.0, centre[1], centre[2])
        )
        made.append(replace(solid, edge_mm=EDGE_MM.get(which, 1.0)))
    return made


def _tilted(both: Level, y: Level, z: Level, at: Size3, radii: Size3, slope: float) -> Level:
    """Return an ellipsoid whose long axis runs outwards as it goes back by ``slope``."""
    moved = (both + slope * (y - at[1])).astype(np.float32)
    return ellipsoid(moved, y, z, at, radii)
