"""Cavernomas: blood of all ages in small chambers, within a rim of haemosiderin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.ground import Ground, row
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.solids import blob, painted_moment_ppm_mm3, painted_volume_mm3

RIM_CHI_PPM = 1.0
"""Haemosiderin of the rim."""


def cavernomas(ground: Ground, rng: np.random.Generator, count: int) -> list[Lesion]:
    """Draw cavernomas, most of them in the white matter of the cerebrum, 6 to 22 mm across."""
    made = []
    for _ in range(count):
        diameter = float(rng.uniform(6.0, 22.0))
        solid = str(
            rng.choice(["white matter", "brainstem", "cerebellar white matter"], p=[0.8, 0.1, 0.1])
        )
        if solid != "white matter":
            diameter = min(diameter, 10.0)
        centre = ground.draw(
            rng, solid, depth_mm=min(0.3 * diameter, 2.5), radius_mm=0.5 * diameter
        )
        made.append(cavernoma(ground, rng, centre, diameter))
    return made


def cavernoma(
    ground: Ground, rng: np.random.Generator, centre_mm: NDArray[np.float64], diameter_mm: float
) -> Lesion:
    """Return one cavernoma: a rim 1 to 2 mm wide, a core, chambers in it of unlike blood.

    The row's susceptibility is the mean over all of it, so that its moment is what is painted.
    """
    at = (float(centre_mm[0]), float(centre_mm[1]), float(centre_mm[2]))
    radii = 0.5 * diameter_mm * np.exp(rng.normal(0.0, 0.10, 3))
    rim = float(min(rng.uniform(1.0, 2.0), 0.4 * radii.min()))
    outer = (float(radii[0]), float(radii[1]), float(radii[2]))
    inner = (outer[0] - rim, outer[1] - rim, outer[2] - rim)
    state = rng.bit_generator.state
    whole = blob(
        tissue.HAEMOSIDERIN, at, outer, rng=rng, rough=0.06, edge_mm=0.6, chi_ppm=RIM_CHI_PPM
    )
    rng.bit_generator.state = state
    core = blob(
        tissue.CAVERNOMA,
        at,
        inner,
        rng=rng,
        rough=0.06,
        edge_mm=0.5,
        chi_ppm=float(rng.uniform(0.1, 0.4)),
    )
    chambers = tuple(_chamber(rng, at, min(inner)) for _ in range(int(rng.integers(3, 8))))
    solids: tuple[Structure, ...] = (whole, core, *chambers)
    truth = row(
        "cavernoma",
        ground.place(centre_mm),
        centre_mm,
        volume_mm3=painted_volume_mm3(whole),
        moment_ppm_mm3=painted_moment_ppm_mm3(solids),
        form="popcorn",
        extent_mm=(2 * outer[0], 2 * outer[1], 2 * outer[2]),
    )
    return Lesion(truth, solids)


def _chamber(
    rng: np.random.Generator, centre: tuple[float, float, float], reach: float
) -> Structure:
    """Return one chamber inside the core."""
    size = float(rng.uniform(0.18, 0.38)) * reach
    away = rng.normal(size=3)
    away *= rng.uniform(0.0, 0.9) * (reach - size) / np.linalg.norm(away)
    at = (centre[0] + float(away[0]), centre[1] + float(away[1]), centre[2] + float(away[2]))
    chi = float(rng.choice([rng.uniform(-0.05, 0.1), rng.uniform(0.5, 1.2)]))
    return blob(tissue.CAVERNOMA, at, (size, size, size), name="chamber", edge_mm=0.4, chi_ppm=chi)
